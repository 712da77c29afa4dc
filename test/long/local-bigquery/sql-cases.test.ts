// Queries of analysts, with what BigQuery answers.

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { z } from 'zod'
import { type Started, start } from '../../support/local-bigquery.ts'
import { plainRow } from '../../support/sql-cases/client.ts'
import { type Answer, judge, sqlCases, type Verdict } from '../../support/sql-cases/judge.ts'
import { fillPipelineTables } from '../../support/sql-cases/tables.ts'

const readme = readFileSync('deploy/local/bigquery/README.md', 'utf8')

let bigquery: Started
const answers = new Map<string, Answer>()
const verdicts = new Map<string, Verdict>()

beforeAll(async () => {
  bigquery = await start()
  await fillPipelineTables(bigquery.client)
  for (const { id, sql, expected } of sqlCases) {
    const answer = await answerTo(sql)
    answers.set(id, answer)
    verdicts.set(id, judge(id, expected, answer))
  }
}, 300_000)
afterAll(() => bigquery.stop())

const refusal = z.object({
  errors: z.tuple([z.object({ reason: z.string(), message: z.string() })]),
})

async function answerTo(query: string): Promise<Answer> {
  try {
    const [rows] = await bigquery.client.query({ query })
    return { rows: z.array(z.object({}).loose()).parse(rows).map(plainRow) }
  } catch (error) {
    return refusal.parse(error).errors[0]
  }
}

test.each(sqlCases)('$id', ({ id }) => {
  const isWrong = verdicts.get(id) === 'wrong'
  expect({ isWrong, answer: answers.get(id) }).toMatchObject({ isWrong: false })
})

test('as many are right, refused by name and wrong as the README says', () => {
  const count = (verdict: Verdict) =>
    [...verdicts.values()].filter((each) => each === verdict).length
  const sentence = `${count('right')} are right, ${count('refused')} refused by name and ${count('wrong')} wrong`
  expect(readme).toContain(
    `Of the ${sqlCases.length} queries of analysts in \`test/fixtures/sql-cases.json\`, ${sentence}`,
  )
})
