// The local BigQuery against GoogleSQL's reference implementation: the same queries, over the same rows.

import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from '@jest/globals'
import { staleDifferences, unknownDifferences } from '../../support/oracle/known-differences.ts'
import { withReport } from '../../support/oracle/report.ts'
import { type Results, RUNS, runOnce, SEED } from '../../support/oracle/run.ts'

const readme = readFileSync('deploy/local/bigquery/README.md', 'utf8')

let results: Results
beforeAll(async () => {
  results = await runOnce()
}, 600_000)

// The known differences and the counts are those of the queries that are asked without these variables.
const areDefault = !process.env['ORACLE_SEED'] && !process.env['ORACLE_RUNS']

const differing = (judged: Results['cases']) =>
  judged.filter(({ verdict }) => verdict.kind === 'different')

test('every function and every form of a query is answered as the reference answers it', () => {
  expect(unknownDifferences(results.lines)).toEqual([])
})

test(`random queries are answered as the reference answers them (${RUNS}, seed ${SEED})`, () => {
  expect(unknownDifferences(results.random)).toEqual([])
})

test('the list of known differences has none that is there no more', () => {
  expect(areDefault ? staleDifferences([...results.lines, ...results.random]) : []).toEqual([])
})

test('our own statements and views are answered as the reference answers them', () => {
  const others = results.statements.filter(({ verdict }) => verdict.kind !== 'rows')
  expect(others).toEqual([])
})

test('the queries of analysts are answered as the reference answers them', () => {
  expect(differing(results.cases)).toEqual([])
})

test('most queries have rows to compare', () => {
  for (const judged of Object.values(results)) {
    const withRows = judged.filter(({ verdict }) => verdict.kind === 'rows' && verdict.count > 0)
    expect(withRows.length / judged.length).toBeGreaterThan(0.5)
  }
})

test('the README counts what is refused by name: `npm run oracle` writes it', () => {
  expect(areDefault ? withReport(readme, results) : readme).toBe(readme)
})
