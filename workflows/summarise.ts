// The sentences failed dead letters end with: how many events of whom, and why.

import type { DeadLetter, Fault, Stage } from '#contracts/batch'
import type { FailedEvent, Handling } from '#contracts/handling'
import { printablePartner } from '#contracts/names'

const VERB = {
  validation: 'rejected',
  staging: 'not staged',
  activation: 'not activated',
} as const satisfies Record<Stage, string>

/** For example `3 events rejected from dealer-7: amount_not_a_number (2), timestamp_in_future (1)`. */
export function summariseFailed({ events, partnerId, stage }: DeadLetter): string {
  const what = events.length === 1 ? '1 event' : `${events.length} events`
  const verb = events.every(isOfEndedBatch) ? 'not finished' : VERB[stage]
  return `${what} ${verb} from ${printablePartner(partnerId)}: ${countReasons(events)}`
}

/** Nothing is wrong with the event: its batch ended before its time (batch_terminated and the like). */
const isOfEndedBatch = ({ faults }: { readonly faults: readonly Fault[] }) =>
  faults.every(({ reason }) => reason.startsWith('batch_'))

/** For example `2 of 12 events rejected from dealer-7 again (redrive 1 by ann): amount_not_a_number (2)`. */
export function summariseFailedAgain(
  { events, partnerId }: DeadLetter,
  { action, attempt, actor }: Handling,
  failed: readonly FailedEvent[],
): string {
  const verbs = [...new Set(failed.map(({ stage }) => VERB[stage]))].join(' or ')
  const of = `${failed.length} of ${events.length} ${events.length === 1 ? 'event' : 'events'}`
  return `${of} ${verbs} from ${printablePartner(partnerId)} again (${action} ${attempt} by ${actor}): ${countReasons(failed)}`
}

/** Reasons by how many events have them. */
function countReasons(events: readonly { readonly faults: readonly Fault[] }[]): string {
  const counts = new Map<string, number>()
  for (const { faults } of events) {
    const reasons = new Set(faults.map(({ reason }) => reason))
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([why, count]) => `${why} (${count})`)
    .join(', ')
}
