// Query parameters of every type, as the REST API takes them.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { errorOf, rowsOf, type Started, start } from '../../support/local-bigquery.ts'

let bigquery: Started
beforeAll(async () => {
  bigquery = await start()
})
afterAll(() => bigquery.stop())

type Parameter = {
  readonly name?: string
  readonly parameterType: object
  readonly parameterValue: object
}

const ask = (query: string, queryParameters: readonly Parameter[]) =>
  bigquery.call('POST', '/queries', {
    query,
    queryParameters,
    useLegacySql: false,
    formatOptions: { useInt64Timestamp: true },
  })

const scalar = (type: string) => ({ type: { type } })
const order = {
  type: 'STRUCT',
  structTypes: [
    { name: 'id', ...scalar('INT64') },
    { name: 'at', ...scalar('TIMESTAMP') },
    { name: 'tags', type: { type: 'ARRAY', arrayType: { type: 'STRING' } } },
    {
      name: 'item',
      type: {
        type: 'STRUCT',
        structTypes: [
          { name: 'payload', ...scalar('JSON') },
          { name: 'price', ...scalar('NUMERIC') },
        ],
      },
    },
  ],
}
const first = {
  structValues: {
    ID: { value: '1' },
    at: { value: '2026-01-01T00:00:00Z' },
    tags: { arrayValues: [{ value: 'x' }, { value: 'y' }] },
    item: { structValues: { payload: { value: '{"k":1}' }, price: { value: '1.5' } } },
  },
}
const second = { structValues: { id: { value: '2' } } }
const orders = {
  name: 'orders',
  parameterType: { type: 'ARRAY', arrayType: order },
  parameterValue: { arrayValues: [first, second] },
}
const one = { name: 's', parameterType: order, parameterValue: first }
const pair = {
  type: 'STRUCT',
  structTypes: [
    { name: 'a', ...scalar('INT64') },
    { name: 'b', ...scalar('STRING') },
  ],
}
const pairs = {
  name: 'pairs',
  parameterType: { type: 'ARRAY', arrayType: pair },
  parameterValue: { arrayValues: [{ structValues: { a: { value: '1' }, b: { value: 'x' } } }] },
}
const interval = (value: string | null) => ({
  name: 'i',
  parameterType: { type: 'INTERVAL' },
  parameterValue: { value },
})

test.each<[string, Parameter[], unknown[][]]>([
  [
    'SELECT @s.id, @s.at, @s.tags, @s.item.payload, @s.item.price',
    [one],
    [['1', '1767225600000000', [{ v: 'x' }, { v: 'y' }], '{"k":1}', '1.5']],
  ],
  ['SELECT @s IS NULL, @s.id', [{ ...one, parameterValue: {} }], [['true', null]]],
  [
    'SELECT ?.a + ?',
    [
      { parameterType: pair, parameterValue: pairs.parameterValue.arrayValues[0] ?? {} },
      { parameterType: { type: 'INT64' }, parameterValue: { value: '2' } },
    ],
    [['3']],
  ],
  [
    'SELECT o.id, o.item.price, ARRAY_LENGTH(o.tags) FROM UNNEST(@orders) AS o ORDER BY o.id',
    [orders],
    [
      ['1', '1.5', '2'],
      ['2', null, '0'],
    ],
  ],
  ["SELECT (1, 'x') IN UNNEST(@pairs), (1, 'y') IN UNNEST(@pairs)", [pairs], [['true', 'false']]],
  [
    'SELECT LAX_INT64 FROM (SELECT INT64(j.a) AS LAX_INT64 FROM UNNEST(@js) AS j)',
    [
      {
        name: 'js',
        parameterType: { type: 'ARRAY', arrayType: { type: 'JSON' } },
        parameterValue: { arrayValues: [{ value: '{"a":1}' }] },
      },
    ],
    [['1']],
  ],
  [
    "SELECT @i, @i * -2, DATETIME '2026-01-31' + @i",
    [interval('1-2 3 4:5:6.7')],
    [['1-2 3 4:5:6.700', '-2-4 -6 -8:10:13.400', '2027-04-03T04:05:06.7']],
  ],
  ['SELECT @i', [interval('-0-1 -2 -0:0:0.000001')], [['-0-1 -2 -0:0:0.000001']]],
  ['SELECT @i', [interval(null)], [[null]]],
])('%s', async (query, parameters, expected) => {
  const { answer } = await ask(query, parameters)
  expect(answer.rows?.map(({ f }) => f.map(({ v }) => v)) ?? answer.error).toEqual(expected)
})

test("Google's client sends a STRUCT and an array of STRUCTs", async () => {
  const query = 'SELECT @s.a AS a, (SELECT SUM(x.n) FROM UNNEST(@l) AS x) AS n'
  const params = { s: { a: 'x' }, l: [{ n: 1 }, { n: 2 }] }
  expect(await rowsOf(bigquery, { query, params })).toEqual([{ a: 'x', n: 3 }])
})

describe('is refused', () => {
  const typed = (parameterType: object, parameterValue: object = {}) => ({
    name: 'x',
    parameterType,
    parameterValue,
  })
  test.each<[string, Parameter, string, RegExp]>([
    ['a RANGE', typed({ type: 'RANGE' }), 'notImplemented', /parameters of type RANGE \(x\)/],
    ['a BIGNUMERIC', typed({ type: 'BIGNUMERIC' }), 'notImplemented', /of type BIGNUMERIC \(x\)/],
    [
      'an INTERVAL of another form',
      { ...interval('1 day'), name: 'x' },
      'invalid',
      /INTERVAL value '1 day'/,
    ],
    [
      'an INTERVAL beyond 10,000 years',
      { ...interval('10001-0 0 0:0:0'), name: 'x' },
      'invalid',
      /10001-0/,
    ],
    [
      'a STRUCT with a wrong field',
      typed(pair, { structValues: { a: { value: 'x' } } }),
      'invalid',
      /parameter x\.a: Cannot convert value to integer/,
    ],
    [
      'a STRUCT whose fields have no names',
      typed({ type: 'STRUCT', structTypes: [scalar('INT64'), scalar('INT64')] }),
      'invalid',
      /fields of the STRUCT in query parameter x need names/,
    ],
    [
      'an ARRAY of nothing',
      typed({ type: 'ARRAY' }),
      'invalid',
      /x is an ARRAY without an arrayType/,
    ],
    [
      'an ARRAY of ARRAYs',
      typed({ type: 'ARRAY', arrayType: { type: 'ARRAY', arrayType: { type: 'INT64' } } }),
      'invalid',
      /x is an array of arrays/,
    ],
  ])('%s', async (_name, parameter, reason, message) => {
    const { answer } = await ask('SELECT @x', [parameter])
    expect(answer.error.errors[0]?.reason).toBe(reason)
    expect(answer.error.message).toMatch(message)
  })

  test('a result of type RANGE', async () => {
    const query = "SELECT RANGE(DATE '2026-01-01', DATE '2026-01-02') AS r"
    expect(await errorOf(bigquery.client.query(query))).toMatchObject({
      code: 501,
      message: expect.stringContaining('a column of type RANGE (r)'),
    })
  })
})

test('a table has INTERVALs, which are written by rows and by statements', async () => {
  await bigquery.client.query('CREATE SCHEMA intervals')
  await bigquery.client.query('CREATE TABLE intervals.t (i INTERVAL, l ARRAY<INTERVAL>)')
  await bigquery.client.query('INSERT INTO intervals.t VALUES (INTERVAL 1 DAY, [INTERVAL 2 HOUR])')
  const { answer } = await bigquery.call('POST', '/datasets/intervals/tables/t/insertAll', {
    rows: [{ json: { i: '0-1 2 3:4:5', l: ['-0-1 0 0:0:0.5'] } }, { json: { i: '1' } }],
    skipInvalidRows: true,
  })
  expect(answer.insertErrors[0]?.errors[0]?.message).toBe("Invalid INTERVAL value '1'")
  const read = await ask('SELECT i, l[OFFSET(0)] FROM intervals.t ORDER BY i', [])
  expect(read.answer.rows.map(({ f }) => f.map(({ v }) => v))).toEqual([
    ['0-0 1 0:0:0', '0-0 0 2:0:0'],
    ['0-1 2 3:4:5', '-0-1 0 0:0:0.500'],
  ])
})
