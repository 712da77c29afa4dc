// Distinguishes a step that no worker can finish from every other failure.

import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow'
import { BATCH_OVERTIME } from '#contracts/failure-types'

/** True where the step blocked its thread or used up the memory, although it ran alone there. */
export function isStuck(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : error
  return cause instanceof ApplicationFailure && cause.type === BATCH_OVERTIME
}

/** True also where a step without I/O did not end in time, and has no attempts left. */
export function isOvertime(error: unknown): boolean {
  if (isStuck(error)) return true
  if (!(error instanceof ActivityFailure)) return false
  const { cause } = error
  return cause instanceof TimeoutFailure && cause.timeoutType === 'START_TO_CLOSE'
}

/** Index of the message that was being read when the step was stopped; null where none was. */
export function suspectOf(error: unknown): number | null {
  const cause = error instanceof ActivityFailure ? error.cause : error
  if (!(cause instanceof ApplicationFailure)) return null
  const [details] = cause.details ?? []
  const hasSuspect = typeof details === 'object' && details !== null && 'suspect' in details
  return hasSuspect && typeof details.suspect === 'number' ? details.suspect : null
}
