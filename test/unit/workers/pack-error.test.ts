// A failure of an activity is the same on both sides of a thread.

import { expect, test } from '@jest/globals'
import { ApplicationFailure } from '@temporalio/common'
import { packError, unpackError } from '../../../workers/isolation/protocol.ts'

test.each([1, 999, 1_500, 30_000, 3_600_000])('with a retry delay of %d ms', (delay) => {
  const failure = ApplicationFailure.create({
    type: 'segment_throttled',
    message: 'Segment: answered 429',
    nonRetryable: false,
    details: [30],
    nextRetryDelay: delay,
  })
  expect(unpackError(packError(failure))).toMatchObject({
    type: 'segment_throttled',
    message: 'Segment: answered 429',
    nonRetryable: false,
    details: [30],
    nextRetryDelay: delay,
  })
})

test('without a retry delay it has none', () => {
  const unpacked = unpackError(packError(ApplicationFailure.nonRetryable('no', 'bug_found')))
  expect(unpacked).toMatchObject({ type: 'bug_found', nonRetryable: true })
  expect(unpacked).not.toHaveProperty('nextRetryDelay', expect.anything())
})
