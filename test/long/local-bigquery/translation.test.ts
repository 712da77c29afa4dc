// What the translation of the resolved tree must hold apart, in queries without tables of our own.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { errorOf, rowsOf, type Started, start } from '../../support/local-bigquery.ts'

let bigquery: Started
beforeAll(async () => {
  bigquery = await start()
  await bigquery.client.createDataset('d')
})
afterAll(() => bigquery.stop())

const run = (query: string) => bigquery.client.query({ query })

test.each<[string, readonly unknown[]]>([
  // Types decide.
  ["SELECT CAST(5 / 2 AS STRING), CAST(NUMERIC '5' / 2 AS STRING)", ['2.5', '2.5']],
  [
    "SELECT CAST(NUMERIC '1' / 3 AS STRING), CAST(NUMERIC '-2' / 3 AS STRING)",
    ['0.333333333', '-0.666666667'],
  ],
  ["SELECT AVG(x) FROM UNNEST([NUMERIC '1', NUMERIC '2', NUMERIC '2']) AS x", ['1.666666667']],
  ["SELECT CAST(DATE_TRUNC(DATE '2026-11-29', WEEK(SATURDAY)) AS STRING)", ['2026-11-28']],
  [
    "SELECT STRING(TIMESTAMP_TRUNC(TIMESTAMP '2026-10-25 00:30:00+00', HOUR, 'Europe/Berlin'))",
    ['2026-10-25 00:00:00+00'],
  ],
  ["SELECT STRING(TIMESTAMP '2026-01-01 00:00:00+00', '+05:45')", ['2026-01-01 05:45:00+05:45']],
  ["SELECT CAST(DATE_ADD(DATE '2026-01-31', INTERVAL 1 MONTH) AS STRING)", ['2026-02-28']],
  ['SELECT CAST(0.1 + 0.2 AS STRING), CAST(1e20 AS STRING)', ['0.30000000000000004', '1e+20']],
  // NULL and NaN.
  [
    'SELECT (1, NULL) = (1, 2), (1, NULL) = (2, NULL), NULL IN (1, 2), 3 IN UNNEST([1, NULL])',
    [null, false, null, null],
  ],
  [
    "SELECT CAST('nan' AS FLOAT64) = CAST('nan' AS FLOAT64), CAST('nan' AS FLOAT64) > 1",
    [false, false],
  ],
  [
    "SELECT ARRAY(SELECT CAST(x AS STRING) FROM UNNEST([1.5, CAST('nan' AS FLOAT64), CAST('-inf' AS FLOAT64)]) AS x ORDER BY x)",
    [['nan', '-inf', '1.5']],
  ],
  [
    "SELECT GREATEST(1, NULL), CONCAT('a', NULL), (SELECT COUNTIF(NULL) FROM UNNEST([1])), (SELECT SUM(NULL) FROM UNNEST([1]))",
    [null, null, 0, null],
  ],
  // A function that may fail, and its safe form.
  [
    "SELECT SAFE.SUBSTR('a', 1, -1), SAFE_CAST('1.5' AS INT64), SAFE_DIVIDE(1, 0), SAFE.DATE(2026, 2, 30)",
    [null, null, null, null],
  ],
  ["SELECT IF(TRUE, 1, 1 / 0), COALESCE(1, CAST(ERROR('never') AS INT64))", [1, 1]],
  // Queries in queries.
  [
    'SELECT (SELECT SUM(y) FROM UNNEST(x) AS y WHERE y > z) FROM (SELECT [1, 2, 3] AS x, 1 AS z)',
    [5],
  ],
  [
    'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 9), s AS (SELECT MAX(n) AS m FROM r) SELECT m FROM s',
    [9],
  ],
  [
    "SELECT ARRAY(SELECT AS STRUCT a.k, o FROM UNNEST([STRUCT('x' AS k), STRUCT('y')]) AS a WITH OFFSET AS o ORDER BY o DESC)",
    [
      [
        { k: 'y', o: 1 },
        { k: 'x', o: 0 },
      ],
    ],
  ],
  [
    'SELECT n FROM (SELECT 2 AS n UNION ALL SELECT 1 UNION ALL SELECT 3) ORDER BY n DESC LIMIT 1 OFFSET 1',
    [2],
  ],
  [
    'SELECT COUNT(*) FROM (SELECT x, GROUPING(x) AS g FROM UNNEST([1, 1, 2]) AS x GROUP BY CUBE(x))',
    [3],
  ],
  ['SELECT x FROM UNNEST([3, 1, 2]) AS x QUALIFY ROW_NUMBER() OVER (ORDER BY x DESC) = 2', [2]],
])('%s', async (query, values) => {
  const rows = await rowsOf(bigquery, query)
  expect(rows.map((row) => Object.values(row))).toEqual([values])
})

test.each<[string, RegExp]>([
  ['SELECT 1 / 0', /^division by zero: 1 \/ 0$/],
  ["SELECT NUMERIC '1.5' / 0", /^division by zero: 1\.5 \/ 0$/],
  ['SELECT -9223372036854775808 - 1', /^int64 overflow: -9223372036854775808 - 1$/],
  ['SELECT SUM(x) FROM UNNEST([9223372036854775807, 1]) AS x', /^int64 overflow$/],
  ["SELECT NUMERIC '99999999999999999999999999999' + 1", /^numeric overflow$/],
  ['SELECT 1e308 * 10', /^double overflow: 1e\+308 \* 10$/],
  ["SELECT CAST('x' AS BOOL)", /^Bad bool value: x$/],
  ["SELECT CAST('2026-13-01' AS DATE)", /^Invalid date: '2026-13-01'$/],
  ['SELECT [1][ORDINAL(0)]', /^Array index 0 is out of bounds$/],
  ['SELECT [1, NULL] AS a', /^Array cannot have a null element/],
  ["SELECT JSON_VALUE('{}', 'a')", /^JSONPath must start with '\$'$/],
  ["SELECT PARSE_JSON('{')", /^Invalid input to PARSE_JSON/],
  ['SELECT INT64(JSON \'"1"\')', /^The provided JSON input is not an integer$/],
  ["SELECT REGEXP_EXTRACT('ab', '(a)(b)')", /more than one capturing group/],
  ["SELECT DATE_ADD(DATE '9999-12-31', INTERVAL 1 DAY)", /^Date arithmetic overflow/],
  ["SELECT TIMESTAMP '2026-01-01' + INTERVAL 1 MONTH", /non-zero MONTH or YEAR part/],
  ["SELECT ERROR('our own words')", /^our own words$/],
  // SAFE is about the function itself, and not about what its arguments are computed of.
  ["SELECT SAFE.SUBSTR('a', CAST('x' AS INT64))", /^Bad int64 value: x$/],
  ['SELECT SAFE_CAST(1 / 0 AS STRING)', /^division by zero/],
  ["SELECT SAFE_ADD(CAST('x' AS INT64), 1)", /^Bad int64 value: x$/],
  ['SELECT SAFE_NEGATE(DIV(1, 0))', /^division by zero/],
  ["SELECT SAFE.LN(SAFE_CAST(ERROR('inner') AS FLOAT64))", /^inner$/],
])('%s is an error of the data', async (query, message) => {
  expect(await errorOf(run(query))).toMatchObject({
    code: 400,
    message: expect.stringMatching(message),
    errors: [{ reason: 'invalidQuery' }],
  })
})

describe('changes of rows', () => {
  beforeEach(async () => {
    await run("CREATE OR REPLACE TABLE d.t AS SELECT 1 AS id, 'a' AS v UNION ALL SELECT 2, 'b'")
  })
  const rows = () => rowsOf(bigquery, 'SELECT id, v FROM d.t ORDER BY id')

  test('a source may match a row once, and not twice', async () => {
    const twice = "(SELECT 1 AS id, 'x' AS v UNION ALL SELECT 1, 'y')"
    const refused = {
      message: 'UPDATE/MERGE must match at most one source row for each target row',
    }
    const merge = (condition: string) =>
      `MERGE d.t USING ${twice} AS s ON t.id = s.id WHEN MATCHED ${condition} THEN UPDATE SET v = s.v`
    expect(await errorOf(run(merge('')))).toMatchObject(refused)
    expect(
      await errorOf(run(`UPDATE d.t SET v = s.v FROM ${twice} AS s WHERE t.id = s.id`)),
    ).toMatchObject(refused)
    expect(await rows()).toEqual([
      { id: 1, v: 'a' },
      { id: 2, v: 'b' },
    ])
    await run(merge("AND s.v = 'y'"))
    expect(await rows()).toEqual([
      { id: 1, v: 'y' },
      { id: 2, v: 'b' },
    ])
  })

  test('MERGE updates, inserts and deletes', async () => {
    await run(`MERGE d.t USING (SELECT 1 AS id UNION ALL SELECT 3) AS s ON t.id = s.id
      WHEN MATCHED THEN UPDATE SET v = CONCAT(t.v, '!')
      WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, 'new')
      WHEN NOT MATCHED BY SOURCE THEN DELETE`)
    expect(await rows()).toEqual([
      { id: 1, v: 'a!' },
      { id: 3, v: 'new' },
    ])
  })

  test('a statement may read the table that it changes', async () => {
    await run('INSERT d.t SELECT id + 10, v FROM d.t')
    await run(
      'UPDATE d.t SET v = (SELECT MAX(x.v) FROM d.t AS x) WHERE id IN (SELECT id - 10 FROM d.t)',
    )
    await run('DELETE d.t WHERE id > 10 AND EXISTS (SELECT 1 FROM d.t AS x WHERE x.id = t.id - 10)')
    expect(await rows()).toEqual([
      { id: 1, v: 'b' },
      { id: 2, v: 'b' },
    ])
  })

  test('TRUNCATE TABLE leaves the table without rows', async () => {
    await run('TRUNCATE TABLE d.t')
    expect(await rows()).toEqual([])
  })
})

test('a view is read by its query: its columns follow its table, and views may be nested', async () => {
  await run('CREATE OR REPLACE TABLE d.base AS SELECT 1 AS a')
  await run('CREATE OR REPLACE VIEW d.inner_view AS SELECT *, a + 1 AS c1 FROM d.base')
  await run('CREATE OR REPLACE VIEW d.outer_view AS SELECT * FROM d.inner_view WHERE c1 > 0')
  expect(await rowsOf(bigquery, 'SELECT * FROM d.outer_view')).toEqual([{ a: 1, c1: 2 }])
  await run('ALTER TABLE d.base ADD COLUMN b STRING')
  expect(await rowsOf(bigquery, 'SELECT * FROM d.outer_view')).toEqual([{ a: 1, b: null, c1: 2 }])
})
