// The values of a row have no class of Google's client.

import { BigQuery } from '@google-cloud/bigquery'
import { expect, test } from '@jest/globals'
import { plainRow, plainValue } from '#warehouse/values'

test.each<[string, unknown, unknown]>([
  ['a timestamp', BigQuery.timestamp('2026-01-01T00:00:00.123Z'), '2026-01-01T00:00:00.123Z'],
  ['a date', BigQuery.date('2026-01-01'), '2026-01-01'],
  ['a time', BigQuery.time('10:11:12'), '10:11:12'],
  ['a geography', BigQuery.geography('POINT(1 2)'), 'POINT(1 2)'],
  [
    'a range',
    BigQuery.range('[2026-01-01, 2026-02-01)', 'DATE'),
    { start: '2026-01-01', end: '2026-02-01' },
  ],
  ['a bigint', 12_345_678_901_234_567_890n, '12345678901234567890'],
  ['nothing', undefined, null],
  ['text', 'a', 'a'],
  ['true', true, true],
])('%s', (_what, value, expected) => {
  expect(plainValue(value)).toEqual(expected)
  expect(plainValue([value])).toEqual([expected])
  expect(plainRow({ nested: { value } })).toEqual({ nested: { value: expected } })
})

test('bytes stay bytes', () => {
  const bytes = Buffer.from([0xff, 0x00])
  expect(plainRow({ bytes })['bytes']).toBe(bytes)
})

test('a STRUCT with fields that are named like those of a class stays a STRUCT', () => {
  const row = { struct: { value: 'a', more: 1 }, number: { toFixed: 'b' } }
  expect(plainRow(row)).toEqual(row)
})
