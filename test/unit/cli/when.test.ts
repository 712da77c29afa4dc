// A point in time as people write it; a day or a time that does not exist is refused.

import { expect, test } from '@jest/globals'
import { InvalidArgumentError } from 'commander'
import fc from 'fast-check'
import { when } from '../../../cli/when.ts'

test.each([
  ['2026-11-01', '2026-11-01T00:00:00.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ['2026-11-01T09:30Z', '2026-11-01T09:30:00.000Z'],
  ['2026-11-01T09:30+02:00', '2026-11-01T07:30:00.000Z'],
  ['2026-11-01T09:30:15Z', '2026-11-01T09:30:15.000Z'],
  ['2026-11-01T09:30:15.123456-05:00', '2026-11-01T14:30:15.123Z'],
])('%s', (text, time) => {
  expect(when(text).toISOString()).toBe(time)
})

test.each([
  '2026-02-30',
  '2026-02-29',
  '1900-02-29',
  '2026-04-31',
  '2026-06-31',
  '2026-09-31',
  '2026-11-31',
  '2026-13-01',
  '2026-00-10',
  '2026-01-00',
  '2026-01-32',
  '2026-02-30T10:00Z',
  '2026-02-30T10:00:00+01:00',
  '2026-11-01T24:00Z',
  '2026-11-01T24:00:00Z',
  '2026-11-01T23:60Z',
  '2026-11-01T23:59:60Z',
  '2026-11-01T10:00+24:00',
  '2026-11-01T10:00+01:60',
  '2026-11-01T10:00',
  '2026-11-01 10:00Z',
  '26-11-01',
  'yesterday',
  '999999w',
  '999999d',
  '105800w',
  '',
])('%s is refused', (text) => {
  expect(() => when(text)).toThrow(InvalidArgumentError)
})

test.each(['999999m', '999999h', '9999w', '0m'])('%s ago is a time that BigQuery has', (text) => {
  expect(when(text).toISOString()).toMatch(/^\d{4}-/)
})

test.each([
  ['30m', 30],
  ['12h', 12 * 60],
  ['7d', 7 * 24 * 60],
  ['2w', 2 * 7 * 24 * 60],
])('%s is so many minutes ago: %d', (text, minutes) => {
  const ago = Date.now() - when(text).getTime()
  expect(Math.abs(ago / 60_000 - minutes)).toBeLessThan(1)
})

function timeOf(text: string): number | null {
  try {
    return when(text).getTime()
  } catch {
    return null
  }
}

test('every day of the calendar is taken for itself, and no other', () => {
  const two = (number: number) => String(number).padStart(2, '0')
  const part = fc.integer({ min: 0, max: 40 })
  fc.assert(
    fc.property(fc.integer({ min: 1970, max: 2100 }), part, part, (year, month, day) => {
      const text = `${year}-${two(month)}-${two(day)}`
      const date = new Date(Date.UTC(year, month - 1, day))
      const exists = date.toISOString().slice(0, 10) === text
      expect(timeOf(text)).toBe(exists ? date.getTime() : null)
    }),
  )
})
