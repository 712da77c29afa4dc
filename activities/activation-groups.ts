// Groups the events of a batch by what became of them at Segment, and by what was decided about Google Ads. Pure.

import type { ActivationGroup, EventFailure } from '#contracts'
import { groupBy } from '#runtime/group-by'

/** What was decided about one event before it was sent. */
export type Decision = Pick<ActivationGroup, 'googleAds' | 'omitted'>

export type Outcomes = {
  /** Indexes of the events that Segment accepted. */
  readonly accepted: readonly number[]
  readonly held: readonly EventFailure[]
  readonly failed: readonly EventFailure[]
}

type Outcome = Omit<ActivationGroup, 'indexes'> & { readonly index: number }

/** @param decisions by index; an event without one was not decided about */
export function groupsOf(
  { accepted, held, failed }: Outcomes,
  decisions: ReadonlyMap<number, Decision>,
): ActivationGroup[] {
  const outcomes: Outcome[] = [
    ...accepted.map((index) => ({ outcome: 'accepted' as const, reason: null, index })),
    ...held.map((event) => ({ outcome: 'not_activated' as const, ...failureOf(event) })),
    ...failed.map((event) => ({ outcome: 'failed' as const, ...failureOf(event) })),
  ]
  const decided = outcomes.map((one) => ({ ...one, ...decisions.get(one.index) }))
  return [...groupBy(decided, keyOf).values()].flatMap(toGroup)
}

const failureOf = ({ index, reasons }: EventFailure) => ({ index, reason: reasons.join(', ') })

const keyOf = ({ outcome, reason, googleAds, omitted = [] }: Outcome) =>
  [outcome, reason, googleAds, ...omitted].join(' ')

function toGroup(outcomes: readonly Outcome[]): ActivationGroup[] {
  const [first] = outcomes
  if (!first) return []
  const { index: _index, ...shared } = first
  return [{ ...shared, indexes: outcomes.map(({ index }) => index) }]
}
