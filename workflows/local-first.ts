// A step's first attempt runs beside its workflow, for next to nothing; where it fails, the step becomes an ordinary activity.

import { ApplicationFailure, isCancellation, sleep } from '@temporalio/workflow'
import { isStuck } from './overtime.ts'

/**
 * The first attempt as a local activity leaves one line in the history and copies no batch into it. Any failure of
 * it hands the step to Temporal: visible, durable, retried for as long as its policy says; a server that asked for
 * a pause is given it first. A step may therefore run once more than it seems, which every activity can take.
 */
export function localFirst<Args extends readonly unknown[], Result>(
  beside: (...args: Args) => Promise<Result>,
  durable: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await beside(...args)
    } catch (error) {
      // A step that a worker cannot finish would hold the next worker as well.
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
