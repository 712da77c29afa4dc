// Everything that the oracle is asked, and its verdicts.

import fc from 'fast-check'
import { judgedCases } from './cases.ts'
import type { Verdict } from './compare.ts'
import { judgeTogether } from './judge-together.ts'
import { type Oracle, startOracle } from './oracle.ts'
import { ownStatements } from './own-statements.ts'
import { anyQuery, lineQueries, type Query } from './queries.ts'

/** The same seed generates the same queries. */
export const SEED = Number(process.env['ORACLE_SEED'] ?? 20_261_128)
/** How many random queries are asked, apart from one for each line of the grammar. */
export const RUNS = Number(process.env['ORACLE_RUNS'] ?? 500)

export type Judged<Of> = Of & { readonly verdict: Verdict }
type Named = { readonly name: string; readonly sql: string }

export type Results = {
  readonly lines: readonly Judged<Query>[]
  readonly random: readonly Judged<Query>[]
  readonly statements: readonly Judged<Named>[]
  readonly cases: readonly Judged<Named>[]
}

/** Asks everything; takes about a minute. */
export async function runOracle(oracle: Oracle): Promise<Results> {
  const { judge, judgePipeline } = oracle
  const random = fc.sample(anyQuery(), { seed: SEED, numRuns: RUNS })
  const statements = await ownStatements()
  return {
    lines: await judgeTogether(lineQueries(SEED), judge),
    random: await Promise.all(
      random.map(async (query) => ({ ...query, verdict: await judge(query) })),
    ),
    statements: await Promise.all(
      statements.map(async ({ name, sql, params }) => ({
        name,
        sql,
        verdict: await judgePipeline(sql, params),
      })),
    ),
    cases: await Promise.all(
      judgedCases.map(async ({ id, sql }) => ({
        name: id,
        sql,
        verdict: await judgePipeline(sql),
      })),
    ),
  }
}

/** Starts an oracle for the time of one run. */
export async function runOnce(): Promise<Results> {
  const oracle = await startOracle()
  try {
    return await runOracle(oracle)
  } finally {
    await oracle.stop()
  }
}
