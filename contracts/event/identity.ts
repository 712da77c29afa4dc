// The identity of an event: what makes two messages the same event, and so a duplicate or a correction of each other.

import type { EventType } from '../batch.ts'
import { digest } from '../digest.ts'

type Identified = {
  readonly partner_id: string
  readonly type: EventType
  readonly event_id: string
}

/**
 * Partner, type and event id. Staging rows, Segment's message ids and the activation log are keyed by it, and validation and
 * the preview of a redrive find duplicates by it.
 */
export const identityOf = ({ partner_id, type, event_id }: Identified) =>
  [partner_id, type, event_id] as const

/** @returns a function that is true for an event whose identity it was called with before */
export function createDuplicateFinder(): (event: Identified) => boolean {
  const seen = new Set<string>()
  return (event) => {
    const identity = JSON.stringify(identityOf(event))
    const isDuplicate = seen.has(identity)
    seen.add(identity)
    return isDuplicate
  }
}

/** The event id of an event whose partner gives none: the same for every delivery of the event. */
export function derivedEventId(
  partnerId: string,
  event: { readonly type: EventType; readonly order_id: string; readonly timestamp: string },
): string {
  return `derived-${digest([partnerId, event.type, event.order_id, event.timestamp])}`
}
