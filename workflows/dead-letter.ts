// Holds the events that could not go on: keeps them in BigQuery, then fails, so that the Failed list is what is open.

import {
  ApplicationFailure,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow'
import type { DeadLetter } from '#contracts/batch'
import { DEAD_LETTER_FAILURE } from '#contracts/failures'
import type { Activities } from '../activities/index.ts'
import { localFirst } from './local-first.ts'
import { firstAttempt, writing } from './policies.ts'

const recordDeadLetter = localFirst(
  proxyLocalActivities<Activities>(firstAttempt).recordDeadLetter,
  proxyActivities<Activities>(writing).recordDeadLetter,
)

/** @throws ApplicationFailure always, with what a person needs: how many events of whom, and why */
export async function deadLetter(letter: DeadLetter): Promise<never> {
  const { workflowId } = workflowInfo()
  await recordDeadLetter(workflowId, letter)
  throw ApplicationFailure.create({
    message: summarise(letter),
    type: DEAD_LETTER_FAILURE,
    nonRetryable: true,
    // It fails by design: no alarm of the worker, the metric dead_letters_opened_total tells of it.
    category: 'BENIGN',
  })
}

const VERB = {
  validation: 'rejected',
  staging: 'not staged',
  activation: 'not activated',
} as const

/** Reasons by how many events have them. For example `3 events rejected from dealer-7: amount_not_a_number (2), timestamp_in_future (1)`. */
function summarise({ events, partnerId, stage }: DeadLetter): string {
  const counts = new Map<string, number>()
  for (const event of events) {
    const reasons = new Set(event.faults.map(({ reason }) => reason))
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  const reasons = [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([why, count]) => `${why} (${count})`)
  const what = events.length === 1 ? '1 event' : `${events.length} events`
  return `${what} ${VERB[stage]} from ${partnerId}: ${reasons.join(', ')}`
}
