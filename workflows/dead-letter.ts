// Holds the events that could not go on: keeps them in BigQuery, then fails, so that the Failed list is what is open.
// Another run of the same id handles it: one that completes closes it, one that fails leaves open what failed again,
// and what it was not about.

import {
  ApplicationFailure,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow'
import type { DeadLetter } from '#contracts/batch'
import {
  previousRunOf,
  type RedriveResult,
  type Resolution,
} from '#contracts/dead-letter/resolution'
import { DEAD_LETTER_FAILURE } from '#contracts/failures'
import type { Activities } from '../activities/index.ts'
import { localFirst } from './local-first.ts'
import { firstAttempt, opening, writing } from './policies.ts'
import { keepFailed, redriveEvents } from './redrive.ts'
import { summariseFailed } from './summarise.ts'

const beside = proxyLocalActivities<Activities>(firstAttempt)
const write = proxyActivities<Activities>(writing)

const recordDeadLetter = localFirst(beside.recordDeadLetter, write.recordDeadLetter)
const recordHandling = localFirst(beside.recordHandling, write.recordHandling)
const forgetFailedRuns = localFirst(
  beside.forgetFailedRuns,
  proxyActivities<Activities>(opening).forgetFailedRuns,
)

/**
 * @param letter the events that are open, for people to read; a resolution shows as many as there is room for
 * @param resolution what a person wants done with them; without it the dead letter is opened
 * @param batch the events of a redrive as they shall go on, in the bridge's form and handed on unread
 * @throws ApplicationFailure with what a person needs, where events are left open: how many of whom, and why
 */
export async function deadLetter(
  letter: DeadLetter,
  resolution?: Resolution,
  batch?: Uint8Array,
): Promise<RedriveResult> {
  const { workflowId } = workflowInfo()
  if (resolution) return handle(letter, resolution, batch)
  await recordDeadLetter(workflowId, letter)
  throw leftOpen(summariseFailed(letter))
}

async function handle(
  letter: DeadLetter,
  resolution: Resolution,
  batch: Uint8Array | undefined,
): Promise<RedriveResult> {
  const { workflowId } = workflowInfo()
  const { events } = resolution
  const handled = batch
    ? await redriveEvents(letter, resolution, batch)
    : { events, staged: 0, activated: 0, failed: [] }
  if (handled.failed.length > 0 || resolution.limitedTo) {
    const { message, details } = keepFailed(letter, resolution, handled.failed)
    await recordHandling(workflowId, { ...resolution, failed: handled.failed.length })
    throw leftOpen(message, details)
  }
  await recordHandling(workflowId, { ...resolution, failed: 0 })
  await forgetFailedRuns(workflowId, previousRunOf(resolution))
  return handled
}

function leftOpen(message: string, ...details: readonly unknown[]): ApplicationFailure {
  const failure = ApplicationFailure.create({
    message,
    type: DEAD_LETTER_FAILURE,
    nonRetryable: true,
    details: [...details],
    // It fails by design: no alarm of the worker, the metric dead_letters_opened_total tells of it.
    category: 'BENIGN',
  })
  // Where our own code threw it tells nobody anything, and would push the message out of sight.
  failure.stack = ''
  return failure
}
