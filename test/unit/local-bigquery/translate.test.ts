import { expect, test } from '@jest/globals'
import { createParameters } from '../../../deploy/local/bigquery/sql/parameters.ts'
import {
  statementTokens,
  translateExpression,
  translateStatement,
} from '../../../deploy/local/bigquery/sql/translate.ts'

const translate = (sql: string) => translateStatement(statementTokens(sql))

test.each([
  ['SELECT a FROM `p.d.t`', 'SELECT a FROM "p"."d"."t"'],
  ['SELECT `p.d.t`.a FROM p.d.t', 'SELECT "p"."d"."t".a FROM p.d.t'],
  ["SELECT JSON_VALUE(p, '$.x') AS x", "SELECT BQ_JSON_VALUE(p, '$.x') AS x"],
  [
    'SELECT COUNT(*), a, t.b, SUM(c) AS c, 1',
    'SELECT COUNT(*) AS f0_, a, t.b, SUM(c) AS c, 1 AS f1_',
  ],
  [
    'SELECT DISTINCT a + 1, * EXCEPT (b) FROM t',
    'SELECT DISTINCT a + 1 AS f0_, * EXCLUDE (b) FROM t',
  ],
  [
    'WITH q AS (SELECT 1) SELECT MAX(x), FROM q',
    'WITH q AS (SELECT 1) SELECT MAX(x) AS f0_ FROM q',
  ],
  [
    'SELECT CASE WHEN a THEN 1 END, NOT b, c d',
    'SELECT CASE WHEN a THEN 1 END AS f0_, NOT b AS f1_, c AS d',
  ],
  ['SELECT 1.5 AS a, .5 AS b, 2 AS c', 'SELECT 1.5e0 AS a, 0.5e0 AS b, 2 AS c'],
  ['SELECT SAFE_CAST(x AS NUMERIC) AS n', 'SELECT BQX_SAFE_CAST_NUMERIC(x) AS n'],
  ["SELECT 'CAST(x AS NUMERIC) @p ?' AS s -- @q", "SELECT 'CAST(x AS NUMERIC) @p ?' AS s"],
  ['SELECT offset FROM t LIMIT 1 OFFSET 2;', 'SELECT "offset" FROM t LIMIT 1 OFFSET 2'],
])('%s', (googleSql, duckDb) => {
  expect(translate(googleSql)).toBe(duckDb)
})

test('an expression is translated without a SELECT', () => {
  expect(translateExpression('CURRENT_TIMESTAMP()')).toBe('BQ_CURRENT_TIMESTAMP()')
})

const parameter = (name: string, type: string, value: string) => ({
  name,
  parameterType: { type },
  parameterValue: { value },
})

test('a parameter is cast to its type, and only those used are bound', () => {
  const parameters = createParameters([parameter('a', 'INT64', '1'), parameter('b', 'STRING', 'x')])
  const sql = translateStatement(statementTokens('SELECT @A AS a'), parameters)
  expect(sql).toBe('SELECT BQX_PARAM_INTEGER($a) AS a')
  expect(parameters.bound().values).toEqual({ a: 1n })
})
