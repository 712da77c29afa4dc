// The one way to read BigQuery, on the local one: values, rows, and what is thrown where there are none.

import { describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { BigQueryError } from '#warehouse/bigquery-error'
import { openReader } from '#warehouse/open-reader'
import { createReader, runSql } from '#warehouse/read'
import { readPages } from '#warehouse/read-pages'
import { bigqueryAt } from '../../support/parts.ts'
import { useStackWithTables } from '../../support/stack.ts'
import { describeActivationStatements } from './statements/activation.ts'
import { describeDeadLetterStatements } from './statements/dead-letters.ts'
import { describeMessageStatements } from './statements/messages.ts'
import { describeOrderStatements } from './statements/orders.ts'
import { describePersonStatements } from './statements/persons.ts'
import { describeReplayStatements } from './statements/replays.ts'

const stack = useStackWithTables('bigquery')
const bigquery = () => bigqueryAt(stack().bigquery.url)

describe('statements about the activation log', () => {
  describeActivationStatements(bigquery)
})
describe('statements about dead letters', () => {
  describeDeadLetterStatements(bigquery)
})
describe('statements about messages', () => {
  describeMessageStatements(bigquery)
})
describe('statements about an order', () => {
  describeOrderStatements(bigquery)
})
describe('statements about a replay', () => {
  describeReplayStatements(bigquery)
})
describe('statements about a person', () => {
  describePersonStatements(bigquery, () => stack().bigquery.url)
})

const VALUES = `SELECT
  CAST('-12345678901234567890.5' AS NUMERIC) AS numeric, 5 AS whole, 0.5 AS half,
  TIMESTAMP '2026-01-01 00:00:00.123456+00' AS time, DATE '2026-01-02' AS day,
  FROM_BASE64('/wA=') AS bytes, [1, 2] AS list, STRUCT('a' AS value) AS record,
  PARSE_JSON('{"value":"b"}') AS json, CAST(NULL AS STRING) AS nothing`

const PLAIN = {
  numeric: '-12345678901234567890.5',
  whole: 5,
  half: 0.5,
  time: expect.stringMatching(/^2026-01-01T00:00:00\.123456/),
  day: '2026-01-02',
  bytes: Buffer.from([0xff, 0]),
  list: [1, 2],
  record: { value: 'a' },
  json: '{"value":"b"}',
  nothing: null,
}

test('every value comes without the classes of the client, and with all its digits', async () => {
  const row = z.record(z.string(), z.unknown())
  expect(await createReader(bigquery())({ sql: VALUES, params: {}, row })).toEqual([PLAIN])
})

test('SQL that a person wrote has the same values, and names the columns of numbers', async () => {
  const { rows, numberColumns } = await runSql(bigquery(), VALUES)
  expect(rows).toEqual([PLAIN])
  expect([...numberColumns]).toEqual(['numeric', 'whole', 'half'])
})

test('a statement that returns no rows has none', async () => {
  const nothing = { rows: [], columns: [], numberColumns: new Set() }
  expect(await runSql(bigquery(), 'CREATE SCHEMA scratch')).toEqual(nothing)
  expect(await runSql(bigquery(), 'CREATE TABLE scratch.one (id STRING)')).toEqual(nothing)
  expect((await runSql(bigquery(), "INSERT INTO scratch.one (id) VALUES ('a')")).rows).toEqual([])
  expect((await runSql(bigquery(), 'SELECT id FROM scratch.one')).rows).toEqual([{ id: 'a' }])
})

test('parameters are typed by their values, and rows are read by the schema of the statement', async () => {
  const since = new Date('2026-01-01T00:00:00Z')
  const rows = await createReader(bigquery())({
    sql: 'SELECT id, @since AS since, @n + 1 AS n FROM UNNEST(@ids) AS id ORDER BY id',
    params: { ids: ['b', 'a'], since, n: 1 },
    row: z.object({ id: z.string(), since: z.coerce.date(), n: z.number() }),
  })
  expect(rows).toEqual([
    { id: 'a', since, n: 2 },
    { id: 'b', since, n: 2 },
  ])
})

const failureOf = (reading: Promise<unknown>) => reading.catch((error: unknown) => error)
const ask = (sql: string, row: z.ZodType = z.unknown()) =>
  failureOf(createReader(bigquery())({ sql, params: {}, row }))

test.each([
  ['table_missing', 'SELECT 1 FROM scratch.no_such_table', /no_such_table/],
  ['refused', 'SELECT FROM WHERE', /./],
])('%s: %s', async (code, sql, message) => {
  const error = await ask(sql)
  expect(error).toBeInstanceOf(BigQueryError)
  expect(error).toMatchObject({
    code,
    message: expect.stringMatching(message),
    place: { projectId: 'local', endpoint: stack().bigquery.url },
  })
  expect(await failureOf(runSql(bigquery(), sql))).toMatchObject({ code })
})

test('a row of another form is an error that names the column, and no value', async () => {
  const error = await ask("SELECT 'jane@example.com' AS id", z.object({ id: z.number() }))
  expect(error).toMatchObject({ code: 'unexpected_row', message: expect.stringMatching(/: id$/) })
  expect(String(error)).not.toContain('jane')
})

test('a reader that is opened connects with its first statement', async () => {
  const row = z.object({ n: z.number() })
  const statement = { sql: 'SELECT 1 AS n', params: {}, row }
  const here = { GOOGLE_CLOUD_PROJECT: 'local', BIGQUERY_EMULATOR_HOST: stack().bigquery.url }
  const read = openReader(here)
  expect(await read(statement)).toEqual([{ n: 1 }])
  expect(await read(statement)).toEqual([{ n: 1 }])
})

test('where nothing answers, the code says so', async () => {
  const endpoint = 'http://127.0.0.1:9/bigquery/v2'
  const nowhere = { sql: 'SELECT 1', params: {}, row: z.unknown() }
  // The client takes the address in the environment before the one it is given.
  const { BIGQUERY_EMULATOR_HOST } = process.env
  process.env['BIGQUERY_EMULATOR_HOST'] = endpoint
  try {
    const error = await failureOf(createReader(bigqueryAt(endpoint))(nowhere))
    expect(error).toMatchObject({ code: 'unreachable', place: { endpoint } })
  } finally {
    if (BIGQUERY_EMULATOR_HOST === undefined) delete process.env['BIGQUERY_EMULATOR_HOST']
    else process.env['BIGQUERY_EMULATOR_HOST'] = BIGQUERY_EMULATOR_HOST
  }
})

test('a long result is read page by page, in order and whole', async () => {
  const statement = {
    sql: 'SELECT n FROM UNNEST(GENERATE_ARRAY(1, @last)) AS n ORDER BY n',
    params: { last: 12_001 },
    row: z.object({ n: z.number() }),
  }
  const pages: number[] = []
  let last = 0
  for await (const page of readPages(bigqueryAt(stack().bigquery.url), statement)) {
    pages.push(page.length)
    for (const { n } of page) {
      expect(n).toBe(last + 1)
      last = n
    }
  }
  expect([pages.length, last]).toEqual([3, 12_001])
})

test('pages of a statement that BigQuery refuses, or whose rows have another form, are a BigQueryError', async () => {
  const first = async (sql: string) => {
    const row = z.object({ n: z.string() })
    const pages = readPages(bigqueryAt(stack().bigquery.url), { sql, params: {}, row })
    return pages.next().catch((error: unknown) => error)
  }
  expect(await first('SELECT n FROM nowhere.none')).toMatchObject({ name: 'BigQueryError' })
  expect(await first('SELECT 1 AS n')).toMatchObject({ code: 'unexpected_row' })
})
