// What a dead letter and a resolution say of open events as the table has them. Pure.

import type { DeadLetter, EventType, Stage } from '../batch.ts'
import { SEVERAL_PARTNERS } from '../names.ts'
import { describePartners } from '../public-partner.ts'
import type { LimitedTo } from './resolution.ts'
import { reasonAttribute } from './vocabulary.ts'

type OpenEvent = {
  readonly batch_id: string
  readonly partner_id: string
  readonly stage: Stage
}

/** Everything of the dead letter of these events but the events themselves. */
export function frameOf(
  events: readonly OpenEvent[],
  part: number,
): Omit<DeadLetter, 'events'> & { readonly isOfOnePartner: boolean } {
  const [first] = events
  const partners = events.map(({ partner_id }) => partner_id)
  const isOfOnePartner = new Set(partners).size <= 1
  return {
    isOfOnePartner,
    batchId: first?.batch_id ?? '',
    partnerId: isOfOnePartner ? (first?.partner_id ?? '') : SEVERAL_PARTNERS,
    whose: describePartners(partners),
    stage: first?.stage ?? 'validation',
    part,
  }
}

type Left = {
  readonly stage: Stage
  readonly type: EventType | null
  readonly faults: readonly { readonly reason: string; readonly expected: string }[]
}

/** The events that a resolution leaves alone. */
export const othersOf = (events: readonly Left[]): LimitedTo['others'] => ({
  events: events.length,
  stages: unique(events.map(({ stage }) => stage)),
  reasons: reasonAttribute(events),
  eventTypes: unique(events.map(({ type }) => type ?? 'unknown')),
})

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)]
