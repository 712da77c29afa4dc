import { BigQuery } from '@google-cloud/bigquery'
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
  await createTable(bigquery, 'orders', [
    { name: 'id', type: 'INT64', mode: 'REQUIRED' },
    { name: 'total', type: 'NUMERIC' },
    { name: 'payload', type: 'JSON' },
    { name: 'ts', type: 'TIMESTAMP' },
    { name: 'day', type: 'DATE' },
    { name: 'model', type: 'STRING' },
    { name: 'tags', type: 'INT64', mode: 'REPEATED' },
    {
      name: 'items',
      type: 'RECORD',
      mode: 'REPEATED',
      fields: [
        { name: 'sku', type: 'STRING' },
        { name: 'qty', type: 'INT64' },
      ],
    },
  ])
  const rows = [
    {
      id: 1,
      total: '10.5',
      payload: '{"car":{"vin":"V1"},"n":5,"list":[1,2]}',
      ts: '2026-03-01T10:00:00.5Z',
      day: '2026-03-01',
      model: 'abc',
      tags: [5, 6],
      items: [
        { sku: 'a', qty: 1 },
        { sku: 'b', qty: 2 },
      ],
    },
    {
      id: 2,
      total: '20',
      payload: '{"car":{"vin":7}}',
      ts: '2026-03-01T12:30:00Z',
      day: '2026-03-02',
      model: 'xyz',
    },
  ]
  await insertAll(bigquery, 'orders', { rows: rows.map((json) => ({ json })) })
})
afterAll(() => bigquery.stop())

const value = (text: string) => ({ value: text })

describe("analysts' queries", () => {
  test.each<[string, object[]]>([
    ['SELECT COUNTIF(model = "none") AS n FROM d.orders WHERE id > 99', [{ n: 0 }]],
    ['SELECT AS STRUCT 1 AS a, "x" AS b', [{ a: 1, b: 'x' }]],
    ['SELECT AVG(x) AS mean FROM UNNEST([NUMERIC "1", NUMERIC "2"]) AS x', [{ mean: '1.5' }]],
    [
      'SELECT COUNTIF(day > CAST(NULL AS DATE)) OVER () AS n FROM d.orders WHERE id = 1',
      [{ n: 0 }],
    ],
    [
      `SELECT SAFE_CONVERT_BYTES_TO_STRING(FROM_HEX('636166c3a9')) AS t, SAFE_CONVERT_BYTES_TO_STRING(FROM_HEX('ff')) AS u`,
      [{ t: 'café', u: null }],
    ],
    [
      'SELECT COUNTIF(total > 15) AS n, SAFE_CAST("x" AS INT64) AS i FROM d.orders',
      [{ n: 1, i: null }],
    ],
    [
      'SELECT COUNT(*), SUM(total), MIN(id) AS low FROM `local.d.orders`',
      [{ f0_: 2, f1_: '30.5', low: 1 }],
    ],
    [
      'SELECT APPROX_QUANTILES(x, 100)[OFFSET(50)] AS median FROM UNNEST(GENERATE_ARRAY(1, 101)) AS x',
      [{ median: 51 }],
    ],
    [
      'SELECT TIMESTAMP_DIFF(MAX(ts), MIN(ts), MILLISECOND) AS ms, TIMESTAMP_DIFF(MAX(ts), MIN(ts), HOUR) AS h FROM d.orders',
      [{ ms: 8999500, h: 2 }],
    ],
    [
      "SELECT JSON_VALUE(payload, '$.car.vin') AS vin, JSON_VALUE(payload, '$.car') AS car FROM d.orders ORDER BY id",
      [
        { vin: 'V1', car: null },
        { vin: '7', car: null },
      ],
    ],
    [
      "SELECT JSON_QUERY(payload, '$.car') AS car, JSON_VALUE_ARRAY(payload, '$.list') AS list FROM d.orders WHERE id = 1",
      [{ car: '{"vin":"V1"}', list: ['1', '2'] }],
    ],
    [
      'SELECT DATE(ts) AS d, DATE(ts, "Asia/Tokyo") AS tokyo FROM d.orders WHERE id = 2',
      [{ d: value('2026-03-01'), tokyo: value('2026-03-01') }],
    ],
    [
      'SELECT ARRAY_AGG(id ORDER BY id DESC LIMIT 1) AS a, STRING_AGG(model, "|" ORDER BY model) AS m FROM d.orders',
      [{ a: [2], m: 'abc|xyz' }],
    ],
    [
      "SELECT FORMAT_TIMESTAMP('%F %T', ts) AS t, FORMAT_TIMESTAMP('%H:%M:%E3S', ts, 'Europe/Berlin') AS b FROM d.orders WHERE id = 1",
      [{ t: '2026-03-01 10:00:00', b: '11:00:00.500' }],
    ],
    ['SELECT id, i.sku FROM d.orders, UNNEST(items) AS i WHERE i.qty > 1', [{ id: 1, sku: 'b' }]],
    [
      'SELECT i.sku, place FROM d.orders, UNNEST(items) AS i WITH OFFSET AS place ORDER BY place',
      [
        { sku: 'a', place: 0 },
        { sku: 'b', place: 1 },
      ],
    ],
    [
      'SELECT id, tag FROM d.orders LEFT JOIN UNNEST(tags) AS tag ORDER BY id, tag',
      [
        { id: 1, tag: 5 },
        { id: 1, tag: 6 },
        { id: 2, tag: null },
      ],
    ],
    [
      'SELECT * EXCEPT (payload, items, tags, ts, day) FROM d.orders QUALIFY ROW_NUMBER() OVER (ORDER BY ts DESC) = 1',
      [{ id: 2, total: '20', model: 'xyz' }],
    ],
    [
      'WITH a AS (SELECT id FROM d.orders) SELECT COUNT(DISTINCT id) AS n FROM a UNION ALL SELECT 5',
      [{ n: 2 }, { n: 5 }],
    ],
    [
      'SELECT x FROM UNNEST([1, 2, 3]) AS x EXCEPT DISTINCT SELECT 2 ORDER BY x',
      [{ x: 1 }, { x: 3 }],
    ],
    [
      "SELECT TO_HEX(SHA256('a')) AS h",
      [{ h: 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb' }],
    ],
    [
      'SELECT ts < CURRENT_TIMESTAMP() AS b, TIMESTAMP_SUB(ts, INTERVAL 1 HOUR) AS t FROM d.orders WHERE id = 2',
      [{ b: expect.any(Boolean), t: value('2026-03-01T11:30:00.000Z') }],
    ],
    [
      'SELECT TIMESTAMP_ADD(ts, INTERVAL id MINUTE) AS t, DATE_SUB(day, INTERVAL 1 DAY) AS d FROM d.orders WHERE id = 2',
      [{ t: value('2026-03-01T12:32:00.000Z'), d: value('2026-03-01') }],
    ],
    [
      'SELECT TIMESTAMP_TRUNC(ts, HOUR) AS h, DATE_TRUNC(day, MONTH) AS m FROM d.orders WHERE id = 2',
      [{ h: value('2026-03-01T12:00:00.000Z'), m: value('2026-03-01') }],
    ],
    [
      'SELECT id, LAST_VALUE(model) OVER (ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS l FROM d.orders ORDER BY id',
      [
        { id: 1, l: 'xyz' },
        { id: 2, l: 'xyz' },
      ],
    ],
    [
      "SELECT STRUCT(1 AS a, 'x' AS b) AS s, [STRUCT(2 AS c)] AS l",
      [{ s: { a: 1, b: 'x' }, l: [{ c: 2 }] }],
    ],
    [
      "SELECT 1.5 AS f, NUMERIC '1.5' AS n, CAST('2.25' AS NUMERIC) AS c, 7 / 2 AS q, CAST(2.5 AS INT64) AS i",
      [{ f: 1.5, n: '1.5', c: '2.25', q: 3.5, i: 3 }],
    ],
    [
      "SELECT REGEXP_CONTAINS('abc', r'^a') AS c, REGEXP_EXTRACT('abc', r'a(b)') AS g, REGEXP_EXTRACT('abc', 'q') AS n, REGEXP_REPLACE('aab', 'a', '_') AS r",
      [{ c: true, g: 'b', n: null, r: '__b' }],
    ],
    [
      "SELECT CONCAT('a', NULL) AS n, CONCAT('a', 'b', 'c') AS c, SPLIT('a,b')[OFFSET(1)] AS s",
      [{ n: null, c: 'abc', s: 'b' }],
    ],
    [
      'SELECT EXTRACT(DAYOFWEEK FROM ts) AS w, EXTRACT(HOUR FROM ts AT TIME ZONE "Europe/Berlin") AS h FROM d.orders WHERE id = 1',
      [{ w: 1, h: 11 }],
    ],
    ['SELECT 86400 * 1000 * 1000 * 100 AS n', [{ n: 8640000000000 }]],
    [
      "SELECT CAST(CAST('hé' AS BYTES) AS STRING) AS s, BYTE_LENGTH('hé') AS b, LENGTH('hé') AS l",
      [{ s: 'hé', b: 3, l: 2 }],
    ],
    [
      "SELECT CAST(1.0 AS STRING) AS f, CAST(NUMERIC '1.50' AS STRING) AS n, CAST(ts AS STRING) AS t FROM d.orders WHERE id = 1",
      [{ f: '1', n: '1.5', t: '2026-03-01 10:00:00.500+00' }],
    ],
    [
      "SELECT SAFE_CAST('1.7' AS INT64) AS i, SAFE_CAST('yes' AS BOOL) AS b, CAST('2026-01-01' AS TIMESTAMP) AS t",
      [{ i: null, b: null, t: value('2026-01-01T00:00:00.000Z') }],
    ],
    [
      "SELECT UNIX_SECONDS(TIMESTAMP '1969-12-31 23:59:59.5+00') AS s, SAFE_DIVIDE(1, 0) AS d",
      [{ s: -1, d: null }],
    ],
    ['SELECT id FROM d.orders WHERE 5 IN UNNEST(tags)', [{ id: 1 }]],
    ['SELECT id FROM d.orders ORDER BY id LIMIT 1 OFFSET 1', [{ id: 2 }]],
    [
      'SELECT model, SUM(total) AS s FROM d.orders GROUP BY model HAVING s > 15',
      [{ model: 'xyz', s: '20' }],
    ],
    [
      "SELECT DATE_TRUNC(TIMESTAMP '2026-11-27 10:30:40+00', MINUTE) AS m",
      [{ m: value('2026-11-27T10:30:00.000Z') }],
    ],
    ['SELECT SAFE.PARSE_JSON("a") AS j', [{ j: null }]],
    ["SELECT EXTRACT(WEEK FROM DATE '2026-11-29') AS w", [{ w: 48 }]],
    ["SELECT FORMAT_DATE('%U', DATE '2026-11-29') AS w", [{ w: '48' }]],
    ['SELECT ARRAY<NUMERIC>[1] AS a', [{ a: ['1'] }]],
    ["SELECT 'grün 🚗' AS `a b`, \"it's\" AS q", [{ 'a b': 'grün 🚗', q: "it's" }]],
    [
      'SELECT table_name, table_type FROM d.INFORMATION_SCHEMA.TABLES',
      [{ table_name: 'orders', table_type: 'BASE TABLE' }],
    ],
    [
      "SELECT data_type, is_nullable FROM `local.d.INFORMATION_SCHEMA.COLUMNS` WHERE column_name IN ('id', 'items') ORDER BY ordinal_position",
      [
        { data_type: 'INT64', is_nullable: 'NO' },
        { data_type: 'ARRAY<STRUCT<sku STRING, qty INT64>>', is_nullable: 'YES' },
      ],
    ],
  ])('%s', async (query, rows) => {
    expect(await rowsOf(bigquery, query)).toEqual(rows)
  })
})

describe('what is wrong or not supported is refused by name', () => {
  test.each<[string, number, string, RegExp]>([
    [
      'SELECT NORMALIZE_AND_CASEFOLD("a")',
      501,
      'notImplemented',
      /the function NORMALIZE_AND_CASEFOLD/,
    ],
    ['SELECT SEARCH("a", "b")', 501, 'notImplemented', /the function SEARCH/],
    ['SELECT a FROM APPENDS(TABLE d.orders)', 501, 'notImplemented', /the function APPENDS/],
    ['SELECT * FROM `d.order*`', 501, 'notImplemented', /wildcard tables/],
    ['SELECT * FROM d.__TABLES__', 501, 'notImplemented', /__TABLES__/],
    ['SELECT 1 AS a ORDER BY ALL', 501, 'notImplemented', /ORDER BY ALL/],
    [
      'SELECT EXTRACT_HOUR(CURRENT_TIMESTAMP())',
      400,
      'invalidQuery',
      /^Function not found: EXTRACT_HOUR at \[1:8\]$/,
    ],
    [
      'SELECT 1 AS a\nUNION ALL SELECT "x"',
      400,
      'invalidQuery',
      /^Column 1 in UNION ALL has incompatible types: INT64, STRING at \[2:11\]$/,
    ],
    ['DELETE FROM d.orders', 400, 'invalidQuery', /^DELETE must have a WHERE clause at \[1:1\]$/],
    [
      'CREATE VIEW d.w AS SELECT nope FROM d.orders',
      400,
      'invalidQuery',
      /^Unrecognized name: nope at \[1:27\]$/,
    ],
    [
      'CREATE TABLE d.w AS SELECT id + TRUE AS a FROM d.orders',
      400,
      'invalidQuery',
      /^No matching signature for operator \+/,
    ],
    ['SELECT * FROM nope.orders', 404, 'notFound', /^Not found: Dataset local:nope was not found/],
    ["SELECT CAST('1.7' AS INT64)", 400, 'invalidQuery', /Bad int64 value: 1\.7/],
    ['SELECT MOD(1, 0)', 400, 'invalidQuery', /division by zero/],
    ["SELECT FORMAT_DATE('%P', CURRENT_DATE())", 501, 'notImplemented', /format element %P/],
    [
      'SELECT 9223372036854775807 + 1',
      400,
      'invalidQuery',
      /^int64 overflow: 9223372036854775807 \+ 1$/,
    ],
    [
      'SELECT (SELECT x FROM UNNEST([1, 2]) AS x)',
      400,
      'invalidQuery',
      /^Scalar subquery produced more than one element$/,
    ],
    [
      'SELECT DATE(2026, 2, 30)',
      400,
      'invalidQuery',
      /^Input calculates to invalid date: 2026-02-30$/,
    ],
    [
      "SELECT REGEXP_CONTAINS('a', '(')",
      400,
      'invalidQuery',
      /^Cannot parse regular expression: missing \)/,
    ],
    [
      "SELECT DATETIME(CURRENT_TIMESTAMP(), 'Mars')",
      400,
      'invalidQuery',
      /^Invalid time zone: Mars$/,
    ],
    ['SELECT CAST("1" AS BIGNUMERIC)', 501, 'notImplemented', /type BIGNUMERIC/],
    ['SELECT @@version', 501, 'notImplemented', /system variables/],
    ['SELECT 1; BEGIN SELECT 2; END', 501, 'notImplemented', /the statement BEGIN/],
    [
      'SELECT * FROM d.orders FOR SYSTEM_TIME AS OF CURRENT_TIMESTAMP()',
      501,
      'notImplemented',
      /time travel/,
    ],
    [
      'SELECT * FROM d.INFORMATION_SCHEMA.PARTITIONS',
      501,
      'notImplemented',
      /INFORMATION_SCHEMA\.PARTITIONS/,
    ],
    ['EXPORT DATA OPTIONS() AS SELECT 1', 501, 'notImplemented', /the statement EXPORT/],
    [
      'SELECT * FROM d.nope',
      404,
      'notFound',
      /^Not found: Table local:d\.nope was not found in location US$/,
    ],
    ['SELECT * FROM orders', 400, 'invalidQuery', /must be qualified with a dataset/],
    ['SELECT nope FROM d.orders', 400, 'invalidQuery', /^Unrecognized name: nope at \[1:8\]$/],
    ['SELEC 1', 400, 'invalidQuery', /^Syntax error: Unexpected identifier "SELEC" at \[1:1\]$/],
    ['EXECUTE IMMEDIATE "SELECT 1"', 501, 'notImplemented', /the statement EXECUTE/],
    [
      'SELECT (1',
      400,
      'invalidQuery',
      /^Syntax error: Expected "," but got end of statement at \[1:10\]$/,
    ],
    ['SELECT "a', 400, 'invalidQuery', /^Syntax error: Unclosed string literal at \[1:8\]$/],
    ['SELECT 1 AS a, 2 AS A', 400, 'invalidQuery', /Duplicate column names/],
    ['SELECT @missing', 400, 'invalidQuery', /Query parameter 'missing' not found/],
  ])('%s', async (query, code, reason, message) => {
    const error = await errorOf(bigquery.client.query(query))
    expect(error).toMatchObject({
      code,
      message: expect.stringMatching(message),
      errors: [{ reason }],
    })
  })

  const query = { query: 'SELECT 1', useLegacySql: false }
  const table = { destinationTable: { datasetId: 'd', tableId: 'orders' } }
  test.each<[string, object, RegExp]>([
    ['a session', { query: { ...query, createSession: true } }, /createSession/],
    ['legacy SQL', { query: { query: 'SELECT 1' } }, /legacy SQL/],
    ['an export job', { extract: {} }, /jobs other than query, load and copy jobs/],
    ['a load job of Avro', { load: { ...table, sourceFormat: 'AVRO' } }, /the format AVRO/],
    ['a load job with a setting', { load: { ...table, hivePartitioningOptions: {} } }, /hivePart/],
  ])('%s', async (_case, configuration, message) => {
    const { answer } = await bigquery.call('POST', '/jobs', { configuration })
    expect(answer.error.message).toMatch(message)
  })
})

describe('parameters', () => {
  test('by name, of each type', async () => {
    const params = {
      s: "it's",
      i: '9007199254740993',
      f: 1.5,
      n: '1.000000001',
      b: true,
      t: BigQuery.timestamp('2026-01-01T00:00:00.123456Z'),
      d: BigQuery.date('2026-01-02'),
      y: 'AQI=',
      none: null,
    }
    const types = {
      s: 'STRING',
      i: 'INT64',
      f: 'FLOAT64',
      n: 'NUMERIC',
      b: 'BOOL',
      t: 'TIMESTAMP',
      d: 'DATE',
      y: 'BYTES',
      none: 'NUMERIC',
    }
    const query =
      'SELECT @s AS s, @i AS i, @f AS f, @n AS n, @b AS b, @t AS t, @d AS d, TO_HEX(@y) AS y, @none AS none'
    expect(await rowsOf(bigquery, { query, params, types, wrapIntegers: true })).toEqual([
      {
        s: "it's",
        i: expect.objectContaining({ value: '9007199254740993' }),
        f: 1.5,
        n: '1.000000001',
        b: true,
        t: value('2026-01-01T00:00:00.123456000Z'),
        d: value('2026-01-02'),
        y: '0102',
        none: null,
      },
    ])
  })

  test('by position, and as arrays', async () => {
    const query = 'SELECT id FROM d.orders WHERE model = ? AND id IN UNNEST(?) AND ts > ? LIMIT ?'
    const params = ['abc', [1, 7], new Date('2026-01-01'), 5]
    expect(await rowsOf(bigquery, { query, params })).toEqual([{ id: 1 }])
    expect(
      await rowsOf(bigquery, {
        query: 'SELECT x FROM UNNEST(@xs) AS x',
        params: { xs: ['a', 'b'] },
      }),
    ).toEqual([{ x: 'a' }, { x: 'b' }])
  })

  test('of a wrong value are refused', async () => {
    const query = 'SELECT @x'
    expect(
      await errorOf(bigquery.client.query({ query, params: { x: 'a' }, types: { x: 'INT64' } })),
    ).toMatchObject({ code: 400 })
  })
})

describe('jobs', () => {
  test('a large result comes in pages, each row once', async () => {
    const query = 'SELECT x FROM UNNEST(GENERATE_ARRAY(1, 25000)) AS x ORDER BY x'
    const [rows] = await bigquery.client.query(query)
    expect(rows.map(({ x }) => x)).toEqual(Array.from({ length: 25_000 }, (_, i) => i + 1))
    const [job] = await bigquery.client.createQueryJob(query)
    const [page, next] = await job.getQueryResults({ maxResults: 10, autoPaginate: false })
    expect(page).toHaveLength(10)
    const [second] = await job.getQueryResults({ ...next, maxResults: 2 })
    expect(second).toEqual([{ x: 11 }, { x: 12 }])
  })

  test('have a resource with state and statistics', async () => {
    const [job] = await bigquery.client.createQueryJob({ query: 'SELECT 1 AS a', jobId: 'mine' })
    await job.getQueryResults()
    const [metadata] = await job.getMetadata()
    expect(metadata).toMatchObject({
      id: 'local:US.mine',
      status: { state: 'DONE' },
      statistics: { totalBytesProcessed: '0', query: { statementType: 'SELECT' } },
    })
    expect(
      await errorOf(bigquery.client.createQueryJob({ query: 'SELECT 1', jobId: 'mine' })),
    ).toMatchObject({ code: 409 })
    expect(await errorOf(bigquery.client.job('none').getQueryResults())).toMatchObject({
      code: 404,
    })
  })

  test('a failed job says why in its resource, and getQueryResults fails', async () => {
    const [job] = await bigquery.client.createQueryJob('SELECT * FROM d.nope')
    expect(await errorOf(job.getQueryResults())).toMatchObject({ code: 404 })
    const { answer } = await bigquery.call('GET', `/jobs/${job.id}`)
    expect(answer.status).toMatchObject({ state: 'DONE', errorResult: { reason: 'notFound' } })
  })

  test('a dry run gives the columns and runs nothing', async () => {
    const [job] = await bigquery.client.createQueryJob({
      query: 'SELECT id, tags FROM d.orders',
      dryRun: true,
    })
    expect(job.metadata.statistics.query.schema.fields).toEqual([
      { name: 'id', type: 'INTEGER', mode: 'NULLABLE' },
      { name: 'tags', type: 'INTEGER', mode: 'REPEATED' },
    ])
  })

  test('a slow one is answered with jobComplete false, and later in full', async () => {
    const query =
      'SELECT COUNT(*) AS n FROM UNNEST(GENERATE_ARRAY(1, 10000)) AS a, UNNEST(GENERATE_ARRAY(1, 5000)) AS b WHERE MOD(a * b, 7) = 3'
    const body = { query, useLegacySql: false, timeoutMs: 0 }
    const { answer } = await bigquery.call('POST', '/queries', body)
    expect(answer.jobComplete).toBe(false)
    const { answer: results } = await bigquery.call('GET', `/queries/${answer.jobReference.jobId}`)
    expect(results).toMatchObject({ jobComplete: true, totalRows: '1' })
  })

  test('a default dataset completes table names', async () => {
    const options = {
      query: 'SELECT COUNT(*) AS n FROM orders',
      defaultDataset: { datasetId: 'd' },
    }
    expect(await rowsOf(bigquery, options)).toEqual([{ n: 2 }])
  })
})

test.each<[string, string]>([
  ['formatOptions.useInt64Timestamp=true', '1772359200500000'],
  ['formatOptions.timestampOutputFormat=ISO8601_STRING', '2026-03-01T10:00:00.500000Z'],
  ['', '1772359200.500000'],
])('tabledata.list writes timestamps as asked: %s', async (format, expected) => {
  const { answer } = await bigquery.call(
    'GET',
    `/datasets/d/tables/orders/data?maxResults=1&${format}`,
  )
  expect(answer).toMatchObject({ totalRows: '2', pageToken: '1' })
  expect(answer.rows[0]?.f[3]?.v).toBe(expected)
})

test('the same statement over a table that has changed or gone is judged anew', async () => {
  const rows = () => rowsOf(bigquery, 'SELECT * FROM d.changing')
  await rowsOf(bigquery, 'CREATE TABLE d.changing AS SELECT 1 AS a')
  expect(await rows()).toEqual([{ a: 1 }])
  await rowsOf(bigquery, 'ALTER TABLE d.changing ADD COLUMN b STRING')
  expect(await rows()).toEqual([{ a: 1, b: null }])
  await rowsOf(bigquery, 'DROP TABLE d.changing')
  expect(await errorOf(rows())).toMatchObject({ code: 404 })
})

test('a dry run names and types its columns as the query itself', async () => {
  const query = 'SELECT AVG(x), COUNT(*) FROM UNNEST([NUMERIC "1"]) AS x'
  const [job] = await bigquery.client.createQueryJob({ query, dryRun: true })
  expect(job.metadata.statistics.query.schema.fields).toMatchObject([
    { name: 'f0_', type: 'NUMERIC' },
    { name: 'f1_', type: 'INTEGER' },
  ])
})

test('a view has the columns and types that its query has now', async () => {
  const query = 'SELECT * FROM d.averages'
  await rowsOf(bigquery, 'CREATE TABLE d.amounts AS SELECT NUMERIC "1.5" AS amount')
  await rowsOf(bigquery, 'CREATE VIEW d.averages AS SELECT AVG(amount) AS mean FROM d.amounts')
  expect(await rowsOf(bigquery, query)).toEqual([{ mean: '1.5' }])
  await rowsOf(bigquery, 'CREATE OR REPLACE VIEW d.averages AS SELECT * FROM d.amounts')
  await rowsOf(bigquery, 'ALTER TABLE d.amounts ADD COLUMN note STRING')
  expect(await rowsOf(bigquery, query)).toEqual([{ amount: '1.5', note: null }])
})
