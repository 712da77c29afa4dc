// What makes two messages the same event, and what makes them a duplicate or a correction of each other (ADR 24).
//
// identity: partner, type, order and event id. An event without an event id has its contents in place of the id.
// contents: the values of the contract's fields, normalised; never a field that the contract does not name.
// duplicate: the same identity with the same contents. correction: the same identity with other contents.

import type { EventType } from '../batch.ts'
import { digest } from '../digest.ts'
import { toUtcMicros } from './timestamp.ts'

type Identified = {
  readonly partner_id: string
  readonly type: EventType
  readonly order_id: string
  readonly event_id: string
}

/** Staging rows, Segment's message ids and the activation log are keyed by it, and the views have one row for each. */
export const identityOf = ({ partner_id, type, order_id, event_id }: Identified) =>
  [partner_id, type, order_id, event_id] as const

type FieldValue = string | number | boolean | Readonly<Record<string, boolean>> | null

/**
 * 32 hexadecimal digits for the contents of an event. A field that is null is the same as none, so that a field which the
 * contract gains later changes no hash of an event without it. The order of `fields` is part of the hash.
 *
 * @param fields every field of the contract under its column's name, normalised: `event_id` as the partner gave it, or null
 */
export function contentHash(fields: Readonly<Record<string, FieldValue>>): string {
  const words: string[] = []
  for (const name in fields) {
    if (name === 'additional_properties') continue
    const word = wordOf(fields[name] ?? null)
    if (word !== null) words.push(name, word)
  }
  return digest(words)
}

function wordOf(value: FieldValue): string | null {
  if (typeof value === 'string' || value === null) return value
  return typeof value === 'object' ? consentWord(value) : String(value)
}

/** Whatever the order of the categories; null where there are none. */
function consentWord(categories: Readonly<Record<string, boolean>>): string | null {
  const names = Object.keys(categories).toSorted()
  return names.length === 0 ? null : JSON.stringify(names.map((name) => [name, categories[name]]))
}

/** The event id of an event whose partner gives none: its contents, so that every delivery of the event has the same. */
export const derivedEventId = (hash: string) => `derived-${hash}`

type Delivery = {
  readonly index: number
  readonly message: { readonly publishTime: string; readonly messageId: string }
  readonly event: { readonly content_hash: string }
}

/**
 * The indexes of the deliveries that are duplicates: of those with the same identity and contents, all but the newest by
 * publish time and then message id. The views choose by the same rule, so it does not matter how messages are cut into
 * batches. The content hash covers the identity.
 */
export function duplicatesOf(deliveries: readonly Delivery[]): number[] {
  const newest = new Map<string, Delivery>()
  const duplicates: number[] = []
  for (const one of deliveries) {
    const known = newest.get(one.event.content_hash)
    if (known && isNewer(known, one)) {
      duplicates.push(one.index)
      continue
    }
    if (known) duplicates.push(known.index)
    newest.set(one.event.content_hash, one)
  }
  return duplicates.toSorted((a, b) => a - b)
}

/** The first of two deliveries of one message stays. */
function isNewer({ message: one }: Delivery, { message: other }: Delivery): boolean {
  const [first, second] = [toUtcMicros(one.publishTime), toUtcMicros(other.publishTime)]
  if (first === null || second === null || first === second) return one.messageId >= other.messageId
  return first > second
}
