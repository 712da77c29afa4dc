// After which failures a step is tried again under another policy.

import { expect, test } from '@jest/globals'
import {
  ActivityFailure,
  ApplicationFailure,
  type RetryState,
  TimeoutFailure,
  type TimeoutType,
} from '@temporalio/common'
import { isExhausted, isOutage } from '../../../workflows/exhausted.ts'

const failed = (retryState: RetryState, cause?: Error) =>
  new ActivityFailure('failed', 'activateEvents', '1', retryState, 'worker', cause)
const timedOut = (type: TimeoutType) => new TimeoutFailure('timed out', undefined, type)
const refused = ApplicationFailure.nonRetryable('refused', 'batch_unreadable')

test.each<[what: string, error: unknown, isTriedAgain: boolean]>([
  ['the attempts are used up', failed('MAXIMUM_ATTEMPTS_REACHED'), true],
  ['the time is used up', failed('TIMEOUT', timedOut('START_TO_CLOSE')), true],
  [
    'no slot in time, as the server says now',
    failed('TIMEOUT', timedOut('SCHEDULE_TO_START')),
    true,
  ],
  [
    'no slot in time, as a failure that cannot be retried',
    failed('NON_RETRYABLE_FAILURE', timedOut('SCHEDULE_TO_START')),
    true,
  ],
  ['a failure that no retry can fix', failed('NON_RETRYABLE_FAILURE', refused), false],
  [
    'a time-out that no retry can fix',
    failed('NON_RETRYABLE_FAILURE', timedOut('HEARTBEAT')),
    false,
  ],
  ['an error of the workflow itself', new TypeError('x'), false],
])('%s', (_what, error, isTriedAgain) => {
  expect(isExhausted(error)).toBe(isTriedAgain)
})

test.each<[what: string, error: unknown, isTriedAgain: boolean]>([
  [
    'an outage that uses up the attempts',
    failed('MAXIMUM_ATTEMPTS_REACHED', ApplicationFailure.create({ type: 'away' })),
    true,
  ],
  [
    'attempts of which none ends in time',
    failed('MAXIMUM_ATTEMPTS_REACHED', timedOut('START_TO_CLOSE')),
    false,
  ],
  ['a worker that dies again and again', failed('TIMEOUT', timedOut('HEARTBEAT')), true],
  ['a failure that no retry can fix', failed('NON_RETRYABLE_FAILURE', refused), false],
])('validation is tried for longer after %s: %p', (_what, error, isTriedAgain) => {
  expect(isOutage(error)).toBe(isTriedAgain)
})
