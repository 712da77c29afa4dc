// The sentences failed dead letters end with: how many events of whom, and why.

import type { DeadLetter, Fault } from '#contracts/batch'
import { countReasons, STAGE_VERB, verbOf } from '#contracts/dead-letter-words'
import type { FailedEvent, Handling } from '#contracts/handling'
import { printablePartner } from '#contracts/names'

/** For example `3 events rejected from dealer-7: amount_not_a_number (2), timestamp_in_future (1)`. */
export function summariseFailed(letter: DeadLetter): string {
  const { events, partnerId } = letter
  const what = events.length === 1 ? '1 event' : `${events.length} events`
  return `${what} ${verbOf(letter)} from ${printablePartner(partnerId)}: ${listReasons(events)}`
}

/** For example `2 of 12 events rejected from dealer-7 again (redrive 1 by ann): amount_not_a_number (2)`. */
export function summariseFailedAgain(
  { events, partnerId }: DeadLetter,
  { action, attempt, actor }: Handling,
  failed: readonly FailedEvent[],
): string {
  const verbs = [...new Set(failed.map(({ stage }) => STAGE_VERB[stage]))].join(' or ')
  const of = `${failed.length} of ${events.length} ${events.length === 1 ? 'event' : 'events'}`
  return `${of} ${verbs} from ${printablePartner(partnerId)} again (${action} ${attempt} by ${actor}): ${listReasons(failed)}`
}

const listReasons = (events: readonly { readonly faults: readonly Fault[] }[]) =>
  countReasons(events)
    .map(({ reason, events: count }) => `${reason} (${count})`)
    .join(', ')
