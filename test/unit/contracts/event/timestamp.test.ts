// Moments by hand agree with the engine's own, wherever both have an answer.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { microsSinceEpoch, toUtcMicros } from '#contracts/event/timestamp'

const seconds = (from: string, to: string) =>
  fc
    .date({ min: new Date(from), max: new Date(to), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 19))
const fraction = fc.option(fc.stringMatching(/^\d{1,9}$/), { nil: null })
const two = (most: number) =>
  fc.integer({ min: 0, max: most }).map((n) => String(n).padStart(2, '0'))
const zone = fc.oneof(
  fc.constantFrom('Z', 'z'),
  fc.tuple(fc.constantFrom('+', '-'), two(23), two(59)).map(([sign, h, m]) => `${sign}${h}:${m}`),
)

test('any moment of any zone is the one the engine says', () => {
  fc.assert(
    fc.property(seconds('0002-01-01', '9998-12-31'), fraction, zone, (local, digits, offset) => {
      const text = `${local}${digits === null ? '' : `.${digits}`}${offset}`
      const second = new Date(Date.parse(`${local}${offset.toUpperCase()}`))
        .toISOString()
        .slice(0, 19)
      expect(toUtcMicros(text)).toBe(`${second}.${(digits ?? '').slice(0, 6).padEnd(6, '0')}Z`)
    }),
    { numRuns: 1000 },
  )
})

test('microseconds since the epoch are the milliseconds the engine says, and the rest', () => {
  fc.assert(
    fc.property(
      seconds('1685-01-01', '2254-12-31'),
      fc.integer({ min: 0, max: 999_999 }),
      (utc, rest) => {
        const text = `${utc}.${String(rest).padStart(6, '0')}Z`
        expect(microsSinceEpoch(text)).toBe(Date.parse(`${utc}Z`) * 1000 + rest)
      },
    ),
    { numRuns: 1000 },
  )
})

const SHAPE = /^(\d{4}-\d\d-\d\d)t(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:z|[+-]([01]\d|2[0-3]):[0-5]\d)$/

/** By the engine's own calendar, which makes another day of one that does not exist. */
function isMoment(text: string): boolean {
  const [, day = '', hour, minute, second] = SHAPE.exec(text.toLowerCase()) ?? []
  const start = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(start.getTime()) || start.toISOString().slice(0, 10) !== day) return false
  return Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60
}

test('no other text is a moment', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('2025-11-01T19:32:00Z', '2024-02-29T23:59:59.123456+01:30'),
      fc.nat(30),
      fc.constantFrom(...Array.from('0123456789-:.TZ+ ')),
      (moment, at, character) => {
        const text = `${moment.slice(0, at)}${character}${moment.slice(at + 1)}`
        expect(toUtcMicros(text) !== null).toBe(isMoment(text))
      },
    ),
    { numRuns: 1000 },
  )
})

test.each([
  ['0000-12-31T23:30:00-01:00', '0001-01-01T00:30:00.000000Z'],
  ['9999-12-31T23:59:59.9Z', '9999-12-31T23:59:59.900000Z'],
  ['0001-01-01T00:00:00+00:00', '0001-01-01T00:00:00.000000Z'],
])('%s is %s: the first and the last year count in UTC', (text, utc) => {
  expect(toUtcMicros(text)).toBe(utc)
})

test.each([
  '0000-01-01T00:00:00Z',
  '2025-02-29T00:00:00Z',
  '2025-04-31T00:00:00Z',
  '2025-13-01T00:00:00Z',
  '2025-00-01T00:00:00Z',
  '2025-11-00T00:00:00Z',
  '2025-11-01T24:00:00Z',
  '2025-11-01T23:60:00Z',
  '2025-11-01T23:59:60Z',
  '2025-11-01T12:00:00+24:00',
  '2025-11-01T12:00:00+01:60',
  '0001-01-01T00:00:00+00:01',
  '9999-12-31T23:59:59-00:01',
  '2025-11-01T12:00:00.Z',
  '2025-11-01T12:00:00',
])('%s is no moment', (text) => {
  expect(toUtcMicros(text)).toBeNull()
})
