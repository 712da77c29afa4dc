// Sums up what became of the events of a run. Pure.

import type { Activated, ActivationOutcome, EventFailure } from '#contracts'
import type { BatchEvent } from '../read-batch.ts'
import type { Outcome } from './outcome.ts'

/** The events with this outcome, in the order of the batch. */
export const eventsWith = (
  outcome: ActivationOutcome,
  outcomes: readonly Outcome[],
): BatchEvent[] =>
  outcomes
    .filter((one) => one.outcome === outcome)
    .map(({ event }) => event)
    .toSorted((one, other) => one.index - other.index)

/** @param changed events that are not activated, because the contract has changed since they were validated */
export function activatedOf(
  outcomes: readonly Outcome[],
  changed: readonly EventFailure[],
): Activated {
  const failed = outcomes.filter(({ outcome }) => outcome === 'failed').map(toFailure)
  return {
    accepted: eventsWith('accepted', outcomes).length,
    notActivated: eventsWith('not_activated', outcomes).length,
    waiting: eventsWith('waiting', outcomes).length,
    failed: [...changed, ...failed].toSorted((one, other) => one.index - other.index),
  }
}

const toFailure = ({ event: { index, event }, reason }: Outcome): EventFailure => ({
  index,
  partnerId: event.partner_id,
  reasons: reason === null ? [] : [reason],
})
