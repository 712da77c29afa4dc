// Scripts: statements with variables, as dbt's incremental models and analysts write them.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createTable, errorOf, type Started, start } from '../../support/local-bigquery.ts'

let bigquery: Started
beforeAll(async () => {
  bigquery = await start()
  await createTable(bigquery, 'orders', [
    { name: 'id', type: 'STRING' },
    { name: 'amount', type: 'NUMERIC' },
    { name: 'day', type: 'DATE' },
  ])
  await bigquery.client.query(
    `INSERT INTO d.orders VALUES ('a', 1, DATE '2026-01-01'), ('b', 2, DATE '2026-01-02'), ('c', 3, DATE '2026-01-02')`,
  )
})
afterAll(() => bigquery.stop())

const rowsOf = async (query: string, params?: object) => {
  const [rows] = await bigquery.client.query({ query, ...(params && { params }) })
  return rows
}

test.each<[string, object[]]>([
  ['SELECT 1 AS x; SELECT 2 AS x;', [{ x: 2 }]],
  ['DECLARE x INT64 DEFAULT 3; SELECT x + 1 AS y', [{ y: 4 }]],
  ['DECLARE x INT64; SELECT x IS NULL AS y', [{ y: true }]],
  ['DECLARE x, y STRING DEFAULT "a"; SET y = CONCAT(x, "b"); SELECT x, y', [{ x: 'a', y: 'ab' }]],
  ['DECLARE x DEFAULT 1.5; SET X = x * 2; SELECT x AS y', [{ y: 3 }]],
  ['DECLARE a, b INT64; SET (a, b) = (1, 2); SELECT a, b', [{ a: 1, b: 2 }]],
  [
    'DECLARE days ARRAY<DATE>; SET (days) = (SELECT AS STRUCT ARRAY_AGG(DISTINCT day IGNORE NULLS) FROM d.orders); SELECT COUNT(*) AS n FROM d.orders WHERE day IN UNNEST(days)',
    [{ n: 3 }],
  ],
  [
    'DECLARE s STRUCT<a INT64, b ARRAY<STRING>> DEFAULT (1, ["x"]); SET s = (s.a + 1, s.b); SELECT s.a, s.b, s',
    [{ a: 2, b: ['x'], s: { a: 2, b: ['x'] } }],
  ],
  ['DECLARE s STRUCT<a INT64>; SELECT s IS NULL AS s, s.a', [{ s: true, a: null }]],
  ['DECLARE r DEFAULT [STRUCT(1 AS x), STRUCT(2)]; SELECT SUM(x) AS n FROM UNNEST(r)', [{ n: 3 }]],
  [
    'DECLARE i INTERVAL DEFAULT INTERVAL 1 DAY; SET i = i * 2; SELECT CAST(i AS STRING) AS i',
    [{ i: '0-0 2 0:0:0' }],
  ],
  // A column hides no variable of another name, and a part of a path is none.
  ['DECLARE id STRING DEFAULT "b"; SELECT o.id FROM d.orders AS o WHERE o.id = id', [{ id: 'b' }]],
  ['DECLARE x INT64 DEFAULT 1; SELECT "x" AS x', [{ x: 'x' }]],
  [
    'SELECT 1 AS x; INSERT INTO d.orders (id) VALUES ("z"); DELETE FROM d.orders WHERE id = "z"',
    [{ x: 1 }],
  ],
])('%s', async (script, expected) => {
  expect(await rowsOf(script)).toEqual(expected)
})

test('named parameters are there in each statement, beside the variables', async () => {
  const script = 'DECLARE x INT64 DEFAULT @n; SET x = x + @n; SELECT x, @n AS n'
  expect(await rowsOf(script, { n: 2 })).toEqual([{ x: 4, n: 2 }])
})

test('the partitions of new rows replace those that were there, as dbt writes it', async () => {
  await bigquery.client.query('CREATE OR REPLACE TABLE d.target AS SELECT * FROM d.orders')
  await bigquery.client.query(
    `CREATE OR REPLACE TABLE d.incoming AS SELECT 'new' AS id, NUMERIC '9' AS amount, DATE '2026-01-02' AS day`,
  )
  await bigquery.client.query(`
    declare dbt_partitions_for_replacement array<date>;
    set (dbt_partitions_for_replacement) = (
      select as struct array_agg(distinct date_trunc(day, day) IGNORE NULLS) from d.incoming
    );
    merge into d.target as DBT_INTERNAL_DEST
    using (select * from d.incoming) as DBT_INTERNAL_SOURCE
    on FALSE
    when not matched by source and DBT_INTERNAL_DEST.day in unnest(dbt_partitions_for_replacement) then delete
    when not matched then insert (id, amount, day) values (id, amount, day);
    drop table if exists d.incoming`)
  expect(await rowsOf('SELECT id FROM d.target ORDER BY id')).toEqual([{ id: 'a' }, { id: 'new' }])
  expect(await errorOf(bigquery.client.query('SELECT 1 FROM d.incoming'))).toMatchObject({
    code: 404,
  })
})

test('a script stops at the statement that fails, and keeps what was done before', async () => {
  const script = 'CREATE TABLE d.kept AS SELECT 1 AS x; SELECT 1 / 0; DROP TABLE d.kept'
  const error = await errorOf(bigquery.client.query(script))
  expect(error).toMatchObject({ code: 400, message: expect.stringContaining('division by zero') })
  expect(await rowsOf('SELECT x FROM d.kept')).toEqual([{ x: 1 }])
})

describe('a script that is wrong or not supported is refused by name', () => {
  test.each([
    ['DECLARE x INT64; DECLARE x INT64; SELECT x', /Variable 'x' redeclared/],
    ['SET y = 1; SELECT 1', /Undeclared variable: y/],
    ['DECLARE a, b INT64; SET (a, b) = (1, 2, 3); SELECT a', /2 variables and 3 values/],
    ['DECLARE x; SELECT x', /Expected a type or DEFAULT/],
    ['BEGIN SELECT 1; END', /the statement BEGIN/],
    // It cannot be split into statements, and the analyzer says what is wrong.
    ["SELECT 1; SELECT 'a", / at \[1:11\]$/],
    ['SELECT 1; WHILE TRUE DO SELECT 1; END WHILE', /the statement WHILE/],
  ])('%s', async (script, message) => {
    const error = await errorOf(bigquery.client.query(script))
    expect(error).toMatchObject({ message: expect.stringMatching(message) })
  })
})
