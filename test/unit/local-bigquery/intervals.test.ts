import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { intervalText, parseInterval } from '../../../deploy/local/bigquery/values/intervals.ts'

test.each([
  ['1-2 3 4:5:6.7', 14, 3, 14_706_700_000n],
  ['-1-2 -3 -4:5:6', -14, -3, -14_706_000_000n],
  ['0-0 0 0:0:0.000001', 0, 0, 1n],
  ['0-0 0 0:0:0.000001000', 0, 0, 1n],
  ['10000-0 3660000 87840000:0:0', 120_000, 3_660_000, 316_224_000_000_000_000n],
])('%s has three parts', (text, months, days, micros) => {
  expect(parseInterval(text)).toEqual({ months, days, micros })
})

test.each([
  '',
  '1',
  '1-2',
  '1-2 3',
  '1-2 3 4:5',
  '1-2 3 4:5:6.',
  '10000-1 0 0:0:0',
  '0-0 3660001 0:0:0',
  '0-0 0 87840000:0:1',
  '0-0 0 0:0:0.0000001',
  'P1D',
])('%p is no INTERVAL', (text) => {
  expect(parseInterval(text)).toBeUndefined()
})

test('what is written is read as the same', () => {
  const parts = fc.record({
    months: fc.integer({ min: -120_000, max: 120_000 }),
    days: fc.integer({ min: -3_660_000, max: 3_660_000 }),
    micros: fc.bigInt({ min: -316_224_000_000_000_000n, max: 316_224_000_000_000_000n }),
  })
  fc.assert(
    fc.property(parts, (interval) => {
      expect(parseInterval(intervalText(interval))).toEqual(interval)
    }),
  )
})

test.each([
  '1-2 3 4:5:6',
  '0-0 0 0:0:6.789',
  '0-0 0 0:0:6.700',
  '-0-1 -2 -0:0:0.000120',
  '0-0 0 0:0:0.120',
])('%s is written so', (text) => {
  const interval = parseInterval(text)
  expect(interval && intervalText(interval)).toBe(text)
})
