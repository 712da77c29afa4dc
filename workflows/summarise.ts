// The failure messages of dead letters: how many events of which partner failed, and why.

import type { DeadLetter, Violation } from '#contracts/batch'
import type { FailedEvent, Resolution } from '#contracts/dead-letter/resolution'
import {
  countReasons,
  STAGE_VERB,
  STAGES,
  sizeOf,
  verbOf,
  whoseOf,
} from '#contracts/dead-letter/vocabulary'

/** For example `3 events rejected from dealer-7: amount_not_a_number (2), timestamp_in_future (1)`. */
export function summariseFailed(letter: DeadLetter): string {
  return `${sizeOf(letter)} ${verbOf(letter)} from ${whoseOf(letter)}: ${listReasons(letter.events)}`
}

/** Which events of a dead letter stay open after a resolution: those that failed again, and those it left out. */
export function summariseLeftOpen(
  letter: DeadLetter,
  resolution: Resolution,
  failed: readonly FailedEvent[],
): string {
  const others = resolution.limitedTo?.others.events ?? 0
  const own =
    failed.length > 0 ? summariseFailedAgain(letter, resolution, failed) : done(letter, resolution)
  return others > 0 ? `${own}; open as before: ${others} of the others` : own
}

const done = (letter: DeadLetter, { action, attempt, actor, events }: Resolution) =>
  `${shareOf(events, events)} of ${whoseOf(letter)} closed in ${action} ${attempt} by ${actor}`

/** For example `2 of 12 events of dealer-7 failed again in redrive 1 by ann: rejected for amount_not_a_number (2)`. */
function summariseFailedAgain(
  letter: DeadLetter,
  { action, attempt, actor, events }: Resolution,
  failed: readonly FailedEvent[],
): string {
  const what = `${shareOf(failed.length, events)} of ${whoseOf(letter)}`
  const why = STAGES.flatMap((stage) => {
    const own = failed.filter((event) => event.stage === stage)
    return own.length > 0 ? [`${STAGE_VERB[stage]} for ${listReasons(own)}`] : []
  })
  return `${what} failed again in ${action} ${attempt} by ${actor}: ${why.join('; ')}`
}

function shareOf(failed: number, all: number): string {
  if (failed < all) return `${failed} of ${all} events`
  return all === 1 ? 'The one event' : `All ${all} events`
}

const listReasons = (events: readonly { readonly faults: readonly Violation[] }[]) =>
  countReasons(events)
    .map(({ reason, events: count }) => `${reason} (${count})`)
    .join(', ')
