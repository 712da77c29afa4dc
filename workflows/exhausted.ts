// Whether a step may be given another policy after it has failed.

import { ActivityFailure, TimeoutFailure } from '@temporalio/workflow'
import { isOvertime } from './overtime.ts'

/**
 * True where the attempts of the policy are used up, or none could start in time, and false where the failure is one that no
 * retry can fix.
 */
export function isExhausted(error: unknown): boolean {
  if (!(error instanceof ActivityFailure)) return false
  return error.retryState !== 'NON_RETRYABLE_FAILURE' || isNotStarted(error.cause)
}

/** True where it is exhausted by failures that may end by themselves, and not by a step that does not end in time. */
export function isOutage(error: unknown): boolean {
  return isExhausted(error) && !isOvertime(error)
}

/** Servers of some versions call an activity that was given no slot in time one that cannot be retried. */
const isNotStarted = (cause: unknown) =>
  cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START'
