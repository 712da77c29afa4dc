import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  createTable,
  errorOf,
  insertAll,
  rowsOf,
  type Started,
  start,
} from '../../support/local-bigquery.ts'

let bigquery: Started
beforeAll(async () => {
  bigquery = await start()
})
afterAll(() => bigquery.stop())

const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
const count = async (table: string) =>
  (await rowsOf(bigquery, `SELECT COUNT(*) AS n FROM d.${table}`))[0]?.['n']

describe('a row of every type', () => {
  const types = [
    'STRING',
    'BYTES',
    'INT64',
    'FLOAT64',
    'NUMERIC',
    'BOOL',
    'TIMESTAMP',
    'DATE',
    'TIME',
    'DATETIME',
    'JSON',
  ]
  beforeAll(async () => {
    await createTable(bigquery, 'types', [
      ...types.map((type) => ({ name: type.toLowerCase(), type })),
      { name: 'record', type: 'RECORD', fields: [{ name: 'a', type: 'INT64', mode: 'REQUIRED' }] },
      { name: 'list', type: 'STRING', mode: 'REPEATED' },
      {
        name: 'records',
        type: 'STRUCT',
        mode: 'REPEATED',
        fields: [
          { name: 't', type: 'TIMESTAMP' },
          { name: 'n', type: 'NUMERIC', mode: 'REPEATED' },
        ],
      },
    ])
  })

  test('comes back as it was sent, to the microsecond and the billionth', async () => {
    const row = {
      string: 'grün 🚗',
      bytes: 'AAH/',
      int64: '9223372036854775807',
      float64: 1.5,
      numeric: '-99999999999999999999999999999.999999999',
      bool: true,
      timestamp: '2026-01-02T03:04:05.678901+02:00',
      date: '2026-2-3',
      time: '01:02:03.000004',
      datetime: '2026-01-02 03:04:05.6',
      json: '{"b":[1,2.50],"a":null}',
      record: { a: 1 },
      list: ['x', 'y'],
      records: [
        { t: 0, n: ['1.000000001'] },
        { t: '2026-01-01 00:00:00 UTC', n: [] },
      ],
    }
    const { answer } = await insertAll(bigquery, 'types', { rows: [{ json: row }] })
    expect(answer).toEqual({ kind: 'bigquery#tableDataInsertAllResponse' })
    const read = await bigquery.call(
      'GET',
      '/datasets/d/tables/types/data?formatOptions.useInt64Timestamp=true',
    )
    expect(read.answer.rows[0]?.f.map(({ v }) => v)).toEqual([
      'grün 🚗',
      'AAH/',
      '9223372036854775807',
      '1.5',
      '-99999999999999999999999999999.999999999',
      'true',
      '1767315845678901',
      '2026-02-03',
      '01:02:03.000004',
      '2026-01-02T03:04:05.6',
      '{"b":[1,2.50],"a":null}',
      { f: [{ v: '1' }] },
      [{ v: 'x' }, { v: 'y' }],
      [
        { v: { f: [{ v: '0' }, { v: [{ v: '1.000000001' }] }] } },
        { v: { f: [{ v: '1767225600000000' }, { v: [] }] } },
      ],
    ])
  })

  test.each<[string, object, string, RegExp]>([
    ['an unknown field', { nope: 1 }, 'nope', /^no such field: nope\.$/],
    [
      'an unknown field of a record',
      { record: { a: 1, b: 2 } },
      'record.b',
      /no such field: record\.b/,
    ],
    [
      'a REQUIRED field of a record missing',
      { record: {} },
      'record.a',
      /Missing required field: record\.a/,
    ],
    ['a number for STRING', { string: 1 }, 'string', /to string/],
    ['no base64 for BYTES', { bytes: '*' }, 'bytes', /base64/],
    ['a fraction for INT64', { int64: 1.5 }, 'int64', /to integer \(bad value\): 1\.5/],
    ['an INT64 that is too large', { int64: '9223372036854775808' }, 'int64', /to integer/],
    ['a JSON number that lost digits', { int64: 2 ** 53 }, 'int64', /to integer/],
    ['a word for FLOAT64', { float64: 'much' }, 'float64', /floating point/],
    [
      'a tenth decimal for NUMERIC',
      { numeric: '0.0000000001' },
      'numeric',
      /Invalid NUMERIC value/,
    ],
    ['a NUMERIC of 30 digits', { numeric: '1e29' }, 'numeric', /Invalid NUMERIC value/],
    ['a word for NUMERIC', { numeric: 'abc' }, 'numeric', /Invalid NUMERIC value: abc/],
    ['a number for BOOL', { bool: 1 }, 'bool', /to boolean/],
    [
      'no timestamp',
      { timestamp: 'yesterday' },
      'timestamp',
      /Could not parse 'yesterday' as a timestamp/,
    ],
    [
      'nanoseconds in TIMESTAMP',
      { timestamp: '2026-01-01T00:00:00.123456789Z' },
      'timestamp',
      /as a timestamp/,
    ],
    ['a day that does not exist', { date: '2026-02-30' }, 'date', /Invalid date/],
    ['an hour that does not exist', { time: '24:00:00' }, 'time', /Invalid time/],
    [
      'a time zone in DATETIME',
      { datetime: '2026-01-01T00:00:00Z' },
      'datetime',
      /Invalid datetime/,
    ],
    ['text that is no JSON', { json: '{' }, 'json', /Invalid JSON/],
    ['an object for JSON', { json: {} }, 'json', /not a record/],
    [
      'an array for a single field',
      { string: ['x'] },
      'string',
      /Array specified for non-repeated field/,
    ],
    ['a single value for REPEATED', { list: 'x' }, 'list', /JSON array/],
    ['null in REPEATED', { list: [null] }, 'list', /Only optional fields can be set to NULL/],
    ['a text for RECORD', { record: 'x' }, 'record', /is a record/],
  ])('is invalid with %s', async (_case, json, location, message) => {
    const { code, answer } = await insertAll(bigquery, 'types', { rows: [{ json }] })
    expect(code).toBe(200)
    expect(answer.insertErrors).toEqual([
      {
        index: 0,
        errors: [
          { reason: 'invalid', location, debugInfo: '', message: expect.stringMatching(message) },
        ],
      },
    ])
  })
})

describe('invalid rows among valid ones', () => {
  const rows = [{ json: { id: 'a' } }, { json: { id: null } }, { json: {} }, { json: { ID: 'b' } }]
  beforeAll(() =>
    createTable(bigquery, 'mixed', [{ name: 'id', type: 'STRING', mode: 'REQUIRED' }]),
  )

  test('stop all of them without skipInvalidRows', async () => {
    const { answer } = await insertAll(bigquery, 'mixed', { rows })
    const reasons = answer.insertErrors.map(({ index, errors }) => [index, errors[0]?.reason])
    expect(reasons).toEqual([
      [1, 'invalid'],
      [2, 'invalid'],
      [0, 'stopped'],
      [3, 'stopped'],
    ])
    expect(await count('mixed')).toBe(0)
  })

  test('are left out with it', async () => {
    const { answer } = await insertAll(bigquery, 'mixed', { rows, skipInvalidRows: true })
    expect(answer.insertErrors.map(({ index }) => index)).toEqual([1, 2])
    expect(await rowsOf(bigquery, 'SELECT id FROM d.mixed ORDER BY id')).toEqual([
      { id: 'a' },
      { id: 'b' },
    ])
  })

  test("reach the official client as a PartialFailureError with the rows' errors", async () => {
    const table = bigquery.client.dataset('d').table('mixed')
    const options = { raw: true, skipInvalidRows: true, partialRetries: 0 }
    const error = await errorOf(table.insert([{ json: { id: 'c' } }, { json: { id: 1 } }], options))
    expect(error).toMatchObject({
      name: 'PartialFailureError',
      response: { insertErrors: [{ index: 1 }] },
    })
  })

  test('unknown fields are dropped with ignoreUnknownValues', async () => {
    const body = { rows: [{ json: { id: 'd', more: 1 } }], ignoreUnknownValues: true }
    expect((await insertAll(bigquery, 'mixed', body)).answer.insertErrors).toBeUndefined()
  })
})

describe('limits', () => {
  beforeAll(() => createTable(bigquery, 'limits', [{ name: 'x', type: 'STRING' }]))

  const manyRows = Array.from({ length: 50_001 }, () => ({ json: {} }))
  const hugeRow = { json: { x: 'x'.repeat(10 * 2 ** 20) } }
  test.each<[string, object, number, RegExp]>([
    ['no rows', { rows: [] }, 400, /No rows present/],
    ['50,001 rows', { rows: manyRows }, 400, /too many rows/],
    ['more than 10 MB', { rows: [hugeRow] }, 413, /payload size exceeds the limit/],
  ])('%s are refused', async (_case, body, code, message) => {
    const refused = await insertAll(bigquery, 'limits', body)
    expect(refused.code).toBe(code)
    expect(refused.answer.error).toMatchObject({
      code,
      message: expect.stringMatching(message),
      errors: [{ reason: 'invalid', domain: 'global' }],
    })
  })

  test('50,000 rows are taken', async () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => ({ json: { x: String(i) } }))
    expect((await insertAll(bigquery, 'limits', { rows })).code).toBe(200)
    expect(await count('limits')).toBe(50_000)
  })

  test('an insertId has at most 128 characters', async () => {
    const rows = [128, 129].map((length) => ({ insertId: 'i'.repeat(length), json: {} }))
    const { answer } = await insertAll(bigquery, 'limits', { rows, skipInvalidRows: true })
    expect(answer.insertErrors.map(({ index }) => index)).toEqual([1])
  })

  test.each([
    ['a missing table', 'nope', 404, 'Not found: Table local:d.nope'],
    [
      'a partition decorator',
      'limits$20260101',
      501,
      'The local BigQuery does not support partition decorators.',
    ],
  ])('%s is refused', async (_case, table, code, message) => {
    const { answer } = await insertAll(bigquery, table, { rows: [{ json: {} }] })
    expect(answer.error).toMatchObject({ code, message })
  })

  test.each([
    ['text that is no JSON', '{'],
    ['an array', '[]'],
  ])('%s as body is 400', async (_case, body) => {
    const { code } = await bigquery.call('POST', '/datasets/d/tables/limits/insertAll', body)
    expect(code).toBe(400)
  })

  test('a gzip body is read', async () => {
    const url = `${bigquery.url}/projects/local/datasets/d/tables/limits/insertAll?prettyPrint=false`
    const body = gzipSync(JSON.stringify({ rows: [{ json: { x: 'gzip' } }] }))
    await fetch(url, { method: 'POST', headers: { 'content-encoding': 'gzip' }, body })
    expect(await rowsOf(bigquery, "SELECT x FROM d.limits WHERE x = 'gzip'")).toHaveLength(1)
  })
})

test('a partitioning column takes ten years of the past and one of the future', async () => {
  const timePartitioning = { type: 'DAY', field: 'ts' }
  await createTable(bigquery, 'partitioned', [{ name: 'ts', type: 'TIMESTAMP' }], {
    timePartitioning,
  })
  const rows = [-3649, -3652, 365, 368].map((days) => ({ json: { ts: day(days) } }))
  const { answer } = await insertAll(bigquery, 'partitioned', { rows, skipInvalidRows: true })
  expect(answer.insertErrors.map(({ index }) => index)).toEqual([1, 3])
  expect(answer.insertErrors[0]?.errors[0]?.message).toMatch(/outside the allowed bounds/)
})

test('a repeated insertId is written once, in one request and in the next', async () => {
  await createTable(bigquery, 'dedupe', [{ name: 'x', type: 'INT64' }])
  const row = { insertId: 'one', json: { x: 1 } }
  await insertAll(bigquery, 'dedupe', { rows: [row, row] })
  await insertAll(bigquery, 'dedupe', { rows: [row, { json: { x: 2 } }, { json: { x: 2 } }] })
  expect(await count('dedupe')).toBe(3)
})

test('a row stopped by another is not taken for a repetition when it comes again', async () => {
  await createTable(bigquery, 'stopped', [{ name: 'x', type: 'INT64' }])
  const good = { insertId: 'good', json: { x: 1 } }
  await insertAll(bigquery, 'stopped', { rows: [good, { json: { x: 'bad' } }] })
  await insertAll(bigquery, 'stopped', { rows: [good] })
  expect(await count('stopped')).toBe(1)
})

test('a default fills a field that is missing, and not one that is null', async () => {
  await createTable(bigquery, 'defaults', [
    { name: 'id', type: 'INT64' },
    { name: 'made_at', type: 'TIMESTAMP', defaultValueExpression: 'CURRENT_TIMESTAMP()' },
    { name: 'uuid', type: 'STRING', mode: 'REQUIRED', defaultValueExpression: 'GENERATE_UUID()' },
  ])
  const rows = [{ id: 1 }, { id: 2, made_at: null }, { id: 3 }].map((json) => ({ json }))
  await insertAll(bigquery, 'defaults', { rows })
  const [result] = await rowsOf(
    bigquery,
    `SELECT COUNTIF(made_at IS NULL) AS absent, COUNT(DISTINCT uuid) AS uuids,
       COUNTIF(made_at > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 MINUTE)) AS recent FROM d.defaults`,
  )
  expect(result).toEqual({ absent: 1, uuids: 3, recent: 2 })
})

test('a column added while rows stream is there for the next insert', async () => {
  const table = await createTable(bigquery, 'growing', [{ name: 'a', type: 'INT64' }])
  const send = (json: object) => insertAll(bigquery, 'growing', { rows: [{ json }] })
  expect((await send({ a: 1, b: 'x' })).answer.insertErrors).toHaveLength(1)
  const [metadata] = await table.getMetadata()
  const fields = [...metadata.schema.fields, { name: 'b', type: 'STRING' }]
  const [, patched] = await Promise.all([
    Promise.all(Array.from({ length: 20 }, () => send({ a: 1 }))),
    table.setMetadata({ schema: { fields } }),
  ])
  expect(patched).toBeDefined()
  expect((await send({ a: 2, b: 'x' })).answer.insertErrors).toBeUndefined()
  await bigquery.client.query('ALTER TABLE d.growing ADD COLUMN c ARRAY<INT64>, ADD COLUMN d JSON')
  expect((await send({ a: 3, c: [1], d: '{}' })).answer.insertErrors).toBeUndefined()
  expect(await rowsOf(bigquery, 'SELECT * FROM d.growing WHERE a > 1 ORDER BY a')).toEqual([
    { a: 2, b: 'x', c: [], d: null },
    { a: 3, b: null, c: [1], d: '{}' },
  ])
  expect(await count('growing')).toBe(22)
})

test('a query that runs long does not hold up an insert', async () => {
  await createTable(bigquery, 'busy', [{ name: 'x', type: 'INT64' }])
  let isRunning = true
  const query = bigquery.client
    .query(
      'SELECT COUNT(*) AS n FROM UNNEST(GENERATE_ARRAY(1, 10000)) AS a, UNNEST(GENERATE_ARRAY(1, 20000)) AS b WHERE MOD(a * b, 7) = 3',
    )
    .finally(() => {
      isRunning = false
    })
  await insertAll(bigquery, 'busy', { rows: [{ json: { x: 1 } }] })
  expect(isRunning).toBe(true)
  await query
})
