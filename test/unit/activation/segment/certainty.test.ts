// Whether it is certain that Segment has not taken a request that failed.

import { expect, test } from '@jest/globals'
import { isCertainlyNotTaken } from '#activation/segment/certainty'

test.each([
  [400, true],
  [401, true],
  [404, true],
  [413, true],
  [429, true],
  [500, true],
  [503, true],
  [302, true],
  [499, false],
  [520, false],
  [524, false],
  [408, false],
  [460, false],
  [502, false],
  [504, false],
  [200, false],
  [202, false],
])('an answer with status %i: %s', (status, expected) => {
  expect(isCertainlyNotTaken({ status })).toBe(expected)
})

test.each([
  ['ECONNREFUSED', true],
  ['ENOTFOUND', true],
  ['EAI_AGAIN', true],
  ['EHOSTUNREACH', true],
  ['ENETUNREACH', true],
  ['ECONNRESET', false],
  ['EPIPE', false],
  ['ETIMEDOUT', false],
  [undefined, false],
])('no answer, because of %s: %s', (reason, expected) => {
  expect(isCertainlyNotTaken(reason === undefined ? {} : { reason })).toBe(expected)
})
