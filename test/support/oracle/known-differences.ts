// The lines of the grammar whose queries the local BigQuery still answers wrongly. The list must only shrink.
// There is none now. LOG10 is rounded in the grammar: its last digit is that of the C library (docs/adr/0026).

import { readFileSync } from 'node:fs'
import type { Query } from './queries.ts'
import type { Judged } from './run.ts'

const file = new URL('known-differences.txt', import.meta.url)

/** Lines of the grammar. */
export const knownDifferences: ReadonlySet<string> = new Set(
  readFileSync(file, 'utf8').split('\n').filter(Boolean),
)

type Differing = { readonly sql: string; readonly uses: readonly string[]; readonly how: string }

/** Queries that are answered wrongly although nothing known is in them. */
export const unknownDifferences = (judged: readonly Judged<Query>[]): readonly Differing[] =>
  differing(judged).filter(({ uses }) => !uses.some((line) => knownDifferences.has(line)))

/** Known lines that no query shows any more: one is shown where it is the only known line of a wrong answer. */
export function staleDifferences(judged: readonly Judged<Query>[]): readonly string[] {
  const known = differing(judged).map(
    ({ uses }) => new Set(uses.filter((line) => knownDifferences.has(line))),
  )
  const shown = new Set(known.filter(({ size }) => size === 1).flatMap((lines) => [...lines]))
  return [...knownDifferences].filter((line) => !shown.has(line))
}

const differing = (judged: readonly Judged<Query>[]) =>
  judged.flatMap(({ sql, uses, verdict }) =>
    verdict.kind === 'different' ? [{ sql, uses, how: verdict.how }] : [],
  )
