// The words for a dead letter that its failure message, its summary and the commands share. Imports only types and names, so
// workflows may use it.

import type { DeadLetter, Stage, Violation } from '../batch.ts'
import { printablePartner } from '../names.ts'

/** In the order in which an event passes them. */
export const STAGES: readonly Stage[] = ['validation', 'staging', 'activation']

/** What a message should be instead of poison. */
export const POISON_EXPECTED = 'a message that a worker can process within a second'

/** What failure messages say of an event that could not pass the stage. */
export const STAGE_VERB = {
  validation: 'rejected',
  staging: 'not staged',
  activation: 'not activated',
} as const satisfies Record<Stage, string>

/** Why the events of a batch that ended early wait in a dead letter, and what that means. The sweep opens these dead letters. */
export const BATCH_REASONS = {
  batch_terminated:
    'A person terminated its batch. It may be staged or activated already: a redrive repeats no effect.',
  batch_timed_out: 'Its batch ran out of time. A redrive runs all steps again.',
  batch_canceled:
    'A person cancelled its batch. It may be staged or activated already: a redrive repeats no effect.',
  batch_failed:
    'Its batch failed by a defect, or after a week of retries: its run says why. Fix that, then redrive.',
  change_events_unpublished:
    'Only its change events could not be published, by a defect or for a week: the run of its batch says why. It is staged, and activation is done with it. Fix that, then redrive: the change events are published, and no other effect is repeated.',
  batch_unreadable:
    'The worker could not read its batch: another version wrote it, or it is damaged. All its bytes are kept as one event. Redrive it with a version that reads it, and its messages run.',
} as const satisfies Readonly<Record<string, string>>

export type BatchReason = keyof typeof BATCH_REASONS

/** True where nothing is wrong with the event, and its batch ended early. */
export function isBatchReason(reason: string): reason is BatchReason {
  return reason in BATCH_REASONS
}

/** For example `3 events`, or `1 batch of 200 messages` where the batch could not be read. */
export function sizeOf({
  events,
  messages,
}: {
  readonly events: readonly unknown[]
  readonly messages?: number
}): string {
  if (messages !== undefined)
    return `1 batch of ${messages === 1 ? '1 message' : `${messages} messages`}`
  return events.length === 1 ? '1 event' : `${events.length} events`
}

type WithViolations = { readonly faults: readonly Pick<Violation, 'reason' | 'expected'>[] }

/** The verb for the events of a dead letter. The events of a batch that ended early are `not finished`, whatever else is wrong. */
export function verbOf({
  stage,
  events,
}: {
  readonly stage: Stage
  readonly events: readonly WithViolations[]
}): string {
  const isEnded = events.some(({ faults }) => faults.some(({ reason }) => isBatchReason(reason)))
  return isEnded ? 'not finished' : STAGE_VERB[stage]
}

/** Who published the events, without personal data. */
export function whoseOf({ whose, partnerId }: Pick<DeadLetter, 'whose' | 'partnerId'>): string {
  return whose ?? printablePartner(partnerId)
}

export type ReasonCount = {
  readonly reason: string
  readonly expected: string
  /** Events that have the reason at least once. */
  readonly events: number
}

/** Sorted by the number of events, and then in the order of their first event. */
export function countReasons(events: readonly WithViolations[]): ReasonCount[] {
  const counts = new Map<string, ReasonCount>()
  for (const { faults: violations } of events) {
    const own = new Map(violations.map(({ reason, expected }) => [reason, expected]))
    for (const [reason, expected] of own) {
      const earlier = counts.get(reason)?.events ?? 0
      counts.set(reason, { reason, expected, events: earlier + 1 })
    }
  }
  return [...counts.values()].toSorted((a, b) => b.events - a.events)
}

/** Temporal takes 2 KB for one search attribute, and all existing reasons together come near that. */
const MAX_REASONS = 40

/** The value in the search attribute Reason that stands for reasons without room. */
const MORE_REASONS = '(more)'

/**
 * The value of the search attribute Reason: the most frequent reasons first, and `(more)` where not all have room.
 * @param others reasons of events that are not in `events`
 */
export function reasonAttribute(
  events: readonly WithViolations[],
  others: readonly string[] = [],
): string[] {
  const own = countReasons(events).map(({ reason }) => reason)
  const all = [...new Set([...own, ...others])]
  return all.length > MAX_REASONS ? [...all.slice(0, MAX_REASONS), MORE_REASONS] : all
}
