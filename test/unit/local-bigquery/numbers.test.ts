import { expect, test } from '@jest/globals'
import { assert, bigInt, property } from 'fast-check'
import {
  parseBytes,
  parseFloat64,
  parseInteger,
  parseNumeric,
} from '../../../deploy/local/bigquery/values/numbers.ts'

test.each<[unknown, bigint]>([
  ['12.5', 12_500_000_000n],
  [12.5, 12_500_000_000n],
  ['-.000000001', -1n],
  ['1e3', 1_000_000_000_000n],
  ['1.0000000000', 1_000_000_000n],
])('NUMERIC %p is exact', (value, billionths) => {
  expect(parseNumeric(value)).toBe(billionths)
})

test('every NUMERIC is read back from its own text', () => {
  const limit = 10n ** 38n - 1n
  const isReadBack = property(bigInt(-limit, limit), (billionths) => {
    const digits = String(billionths < 0n ? -billionths : billionths).padStart(10, '0')
    const text = `${billionths < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`
    return parseNumeric(text) === billionths
  })
  expect(() => assert(isReadBack)).not.toThrow()
})

test.each([
  '',
  '.',
  '-',
  '1.2.3',
  'NaN',
  '1e29',
  '1e999',
  '0.0000000001',
  '1234567890123e-12',
  0.1 + 0.2,
  2 ** 60,
  true,
  null,
])('%p is no NUMERIC', (value) => {
  expect(parseNumeric(value)).toBeUndefined()
})

test('INT64 keeps its whole range and takes no fraction', () => {
  expect(parseInteger('-9223372036854775808')).toBe(-(2n ** 63n))
  expect(parseInteger('9223372036854775808')).toBeUndefined()
  expect(parseInteger(1.5)).toBeUndefined()
  expect(parseInteger('1.0')).toBeUndefined()
})

test('FLOAT64 takes the special values by name', () => {
  expect(parseFloat64('NaN')).toBeNaN()
  expect(parseFloat64('-Infinity')).toBe(Number.NEGATIVE_INFINITY)
  expect(parseFloat64('1e5')).toBe(100_000)
  expect(parseFloat64('1e999')).toBeUndefined()
})

test('BYTES are base64, padded or not', () => {
  expect(parseBytes('AQI=')).toEqual(Buffer.from([1, 2]))
  expect(parseBytes('AQI')).toEqual(Buffer.from([1, 2]))
  expect(parseBytes('A')).toBeUndefined()
  expect(parseBytes('-_==')).toBeUndefined()
})
