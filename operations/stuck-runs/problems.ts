// What can keep a run that is Running from making progress: the failures of the registry, and what Temporal itself shows.

import { FAILURES, type FailureType } from '#contracts'

/**
 * - no_worker: it waits for a worker, and none takes it
 * - limited_queue: it waits in a task queue that is paused or has a limit
 * - worker_lost: its worker died or hung in the middle of the step, or lost its connection
 * - missing_key: its payloads are encrypted with a key that the worker does not have
 * - other_code: the workers run other workflow code than the run was started with
 * - workflow_defect: the workflow code throws an error it should not
 * - paused: somebody paused the activity
 * - unexpected: the step fails with an error that the code does not foresee
 */
export type TemporalProblem =
  | 'no_worker'
  | 'limited_queue'
  | 'worker_lost'
  | 'missing_key'
  | 'other_code'
  | 'workflow_defect'
  | 'paused'
  | 'unexpected'

export type Problem = FailureType | TemporalProblem

export function isFailureType(type: string): type is FailureType {
  return type in FAILURES
}
