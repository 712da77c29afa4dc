// Runs a step as a local activity first, which costs next to nothing, and on failure as an ordinary activity.

import { ApplicationFailure, isCancellation, sleep } from '@temporalio/workflow'
import { isStuck } from './overtime.ts'

/**
 * A local activity leaves one event in the history and copies no batch into it. Where it fails, the workflow runs the
 * step as an ordinary activity, which is visible, durable and retried for as long as its policy says; where the server
 * asked for a pause, the workflow sleeps first. A step may therefore run once more than its attempts show, and every
 * activity is idempotent.
 * @param durable runs the step as an ordinary activity
 */
export function localFirst<Args extends readonly unknown[], Result>(
  local: (...args: Args) => Promise<Result>,
  durable: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await local(...args)
    } catch (error) {
      // A step that a worker cannot finish would block the next worker as well.
      if (isCancellation(error) || isStuck(error)) throw error
      await pauseAskedBy(error)
      return durable(...args)
    }
  }
}

/** A local activity fails with its failure as it is, where an ordinary one wraps it. */
async function pauseAskedBy(error: unknown): Promise<void> {
  if (!(error instanceof ApplicationFailure)) return
  const [seconds] = error.details ?? []
  if (typeof seconds === 'number') await sleep(seconds * 1000, { summary: error.message })
}
