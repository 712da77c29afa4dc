// How long a Retry-After header asks to wait.

import { expect, test } from '@jest/globals'
import { retryAfterSeconds } from '#activation/segment/segment-request'

const NOW = Date.parse('2026-11-20T10:00:00.000Z')

test.each([
  ['no header', undefined, undefined],
  ['seconds', '30', 30],
  ['no wait', '0', 0],
  ['a date to come', 'Fri, 20 Nov 2026 10:01:30 GMT', 90],
  ['a date that is past', 'Fri, 20 Nov 2026 09:59:00 GMT', 0],
  ['neither a number nor a date', 'soon', undefined],
  ['an empty header', '', undefined],
])('%s: %j is %s seconds', (_, header, seconds) => {
  expect(retryAfterSeconds(header, NOW)).toBe(seconds)
})

test('a fraction of a second is waited out', () => {
  expect(retryAfterSeconds('Fri, 20 Nov 2026 10:00:01 GMT', NOW + 500)).toBe(1)
})
