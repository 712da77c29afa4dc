// Separates the deliveries of a noisy partner from the others, so that its batches run at a lower priority.

import { PARTNER_ATTRIBUTE } from '#contracts'
import { groupBy } from '#runtime/group-by'
import type { Delivery } from './source.ts'

/** Deliveries whose batches are started with the same priority. */
export type PriorityGroup = {
  readonly deliveries: readonly Delivery[]
  /** The partner that sent them, where it sent most of the pending batch; null for the group of all other partners. */
  readonly noisyPartner: string | null
}

/** A smaller batch is finished before it delays another, and two batches would only cost more. */
const MIN_EVENTS = 200

/** A partner with more than this share of the pending batch is noisy. */
const MAX_SHARE = 0.5

/** Pure. Keeps the order within a group, and every delivery is in exactly one. The group of the noisy partner comes last. */
export function priorityGroupsOf(deliveries: readonly Delivery[]): PriorityGroup[] {
  if (deliveries.length < MIN_EVENTS) return [{ deliveries, noisyPartner: null }]
  for (const [partner, own] of groupBy(deliveries, guessPartner)) {
    if (own.length <= deliveries.length * MAX_SHARE) continue
    const ofPartner = new Set(own)
    const others = deliveries.filter((delivery) => !ofPartner.has(delivery))
    const noisy = { deliveries: own, noisyPartner: partner }
    return others.length > 0 ? [{ deliveries: others, noisyPartner: null }, noisy] : [noisy]
  }
  return [{ deliveries, noisyPartner: null }]
}

const PARTNER_FIELD = /"partner_id"\s*:\s*"([^"]{1,256})"/

/**
 * Who published the message, without parsing it: the attribute, or else the first field of that name in its bytes. Only the
 * priority of the batch depends on it, so that a wrong guess does no harm.
 */
function guessPartner({ message: { attributes, data } }: Delivery): string {
  const attribute = attributes[PARTNER_ATTRIBUTE]
  if (attribute !== undefined) return attribute
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1')
  return PARTNER_FIELD.exec(text)?.[1] ?? ''
}
