// How long ago something was: in the largest unit that it fills, and never less than nothing.

import { expect, test } from '@jest/globals'
import { ageOf } from '../../../../cli/dead-letters/age.ts'

const NOW = Date.parse('2026-11-20T10:00:00.000Z')

test.each([
  [-5_000, '0s'],
  [0, '0s'],
  [59_999, '59s'],
  [60_000, '1m'],
  [3_599_999, '59m'],
  [3_600_000, '1h'],
  [86_399_999, '23h'],
  [86_400_000, '1d'],
  [30 * 86_400_000, '30d'],
])('%d ms ago: %s', (ms, age) => {
  expect(ageOf(new Date(NOW - ms).toISOString(), NOW)).toBe(age)
})
