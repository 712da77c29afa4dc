import { expect, test } from '@jest/globals'
import {
  parseDate,
  parseDatetime,
  parseTime,
  parseTimestamp,
} from '../../../deploy/local/bigquery/values/times.ts'

const at = (text: string, micros = 0) => BigInt(Date.parse(text)) * 1000n + BigInt(micros)

test.each<[unknown, bigint]>([
  ['2026-01-02T03:04:05Z', at('2026-01-02T03:04:05Z')],
  ['2026-01-02 03:04:05.000001 UTC', at('2026-01-02T03:04:05Z', 1)],
  ['2026-01-02T03:04:05.123456789'.slice(0, 26), at('2026-01-02T03:04:05.123Z', 456)],
  ['2026-01-02T03:04:05.123456000Z', at('2026-01-02T03:04:05.123Z', 456)],
  ['2026-01-02 03:04:05+02:00', at('2026-01-02T01:04:05Z')],
  ['2026-01-02 03:04:05-8', at('2026-01-02T11:04:05Z')],
  ['2026/1/2', at('2026-01-02T00:00:00Z')],
  ['2026-01-02 03:04', at('2026-01-02T03:04:00Z')],
  ['0001-01-01', at('0001-01-01T00:00:00Z')],
  ['9999-12-31 23:59:59.999999', at('9999-12-31T23:59:59.999Z', 999)],
  [1767323045, at('2026-01-02T03:04:05Z')],
  [1767323045.5, at('2026-01-02T03:04:05.5Z')],
  [-0.000001, -1n],
  ['1767323045.000001', at('2026-01-02T03:04:05Z', 1)],
])('the timestamp %p is read to the microsecond', (value, micros) => {
  expect(parseTimestamp(value)).toBe(micros)
})

test.each([
  '',
  'now',
  '2026-02-29',
  '2026-13-01',
  '2026-00-10',
  '2026-01-02T24:00:00Z',
  '2026-01-02T03:04:60Z',
  '2026-01-02T03:04:05.1234567Z',
  '2026-01-02 03:04:05 Europe/Berlin',
  '2026-01-02 03:04:05+15:00',
  '0001-01-01 00:00:00+01:00',
  '0000-01-01',
  1e15,
  Number.NaN,
  true,
  null,
])('%p is no timestamp', (value) => {
  expect(parseTimestamp(value)).toBeUndefined()
})

test('dates, times and datetimes take no time zone', () => {
  expect(parseDate('1970-01-02')).toBe(1)
  expect(parseDate('0099-12-31')).toBe(Date.parse('0099-12-31') / 86_400_000)
  expect(parseDate('1970-01-02Z')).toBeUndefined()
  expect(parseTime('1:2:3.4')).toBe(3_723_400_000)
  expect(parseTime('01:02:03Z')).toBeUndefined()
  expect(parseDatetime('1970-01-01T00:00:01')).toBe(1_000_000n)
  expect(parseDatetime('1970-01-01T00:00:01Z')).toBeUndefined()
})
