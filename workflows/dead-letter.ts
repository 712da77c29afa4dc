// A dead letter: the workflow records failed events in BigQuery and then fails, so that Temporal's list of failed workflows
// shows what is open. A resolution is another run of the same workflow id. A run that completes closes the dead letter; a run
// that fails leaves open the events that failed again and those that the resolution left out.

import { ApplicationFailure, workflowInfo } from '@temporalio/workflow'
import type { DeadLetter } from '#contracts/batch'
import {
  previousRunOf,
  type RedriveResult,
  type Resolution,
} from '#contracts/dead-letter/resolution'
import { DEAD_LETTER_FAILURE } from '#contracts/failure-types'
import { proxies } from './proxies.ts'
import { keepFailed, redriveEvents } from './redrive.ts'
import { summariseFailed } from './summarise.ts'

/**
 * @param letter the open events, for people to read; the input of a resolution has as many as there is room for
 * @param resolution what a person decided to do with them; absent where the dead letter is opened
 * @param batch the events of a redrive, edited or not, as a batch payload
 * @throws ApplicationFailure where events stay open: how many events of which partner, and why
 */
export async function deadLetter(
  letter: DeadLetter,
  resolution?: Resolution,
  batch?: Uint8Array,
): Promise<RedriveResult> {
  const { workflowId } = workflowInfo()
  if (resolution) return resolve(letter, resolution, batch)
  await proxies.recordDeadLetter(workflowId, letter)
  throw leftOpen(summariseFailed(letter))
}

async function resolve(
  letter: DeadLetter,
  resolution: Resolution,
  batch: Uint8Array | undefined,
): Promise<RedriveResult> {
  const { workflowId } = workflowInfo()
  const { events } = resolution
  const result = batch
    ? await redriveEvents(letter, resolution, batch)
    : { events, staged: 0, activated: 0, failed: [] }
  if (result.failed.length > 0 || resolution.limitedTo) {
    const { message, details } = keepFailed(letter, resolution, result.failed)
    await proxies.recordHandling(workflowId, { ...resolution, failed: result.failed.length })
    throw leftOpen(message, details)
  }
  await proxies.recordHandling(workflowId, { ...resolution, failed: 0 })
  await proxies.forgetFailedRuns(workflowId, previousRunOf(resolution))
  return result
}

function leftOpen(message: string, ...details: readonly unknown[]): ApplicationFailure {
  const failure = ApplicationFailure.create({
    message,
    type: DEAD_LETTER_FAILURE,
    nonRetryable: true,
    details: [...details],
    // The workflow fails by design, so that the worker logs no error. The metric dead_letters_opened_total counts it.
    category: 'BENIGN',
  })
  // The stack trace of our own code is of no use to an operator, and would push the message off the screen.
  failure.stack = ''
  return failure
}
