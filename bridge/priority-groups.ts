// Sets the deliveries of a partner that crowds a gathering apart, so that its batches wait behind the others'.

import { PARTNER_ATTRIBUTE } from '#contracts'
import { groupBy } from '#runtime/group-by'
import type { Delivery } from './source.ts'

export type PriorityGroup = {
  readonly deliveries: readonly Delivery[]
  /** The partner with most of the gathering; null for the lane of all others. */
  readonly crowdedBy: string | null
}

/** Below this a batch is over before anybody waits for it, and two would only cost more. */
const MIN_EVENTS = 200

/** More than this of a gathering is a crowd. */
const MAX_SHARE = 0.5

/** Pure; keeps the order within a lane, and every delivery is in exactly one. The lane of a crowd comes last. */
export function priorityGroupsOf(deliveries: readonly Delivery[]): PriorityGroup[] {
  if (deliveries.length < MIN_EVENTS) return [{ deliveries, crowdedBy: null }]
  for (const [partner, own] of groupBy(deliveries, guessPartner)) {
    if (own.length <= deliveries.length * MAX_SHARE) continue
    const crowd = new Set(own)
    const others = deliveries.filter((delivery) => !crowd.has(delivery))
    const lane = { deliveries: own, crowdedBy: partner }
    return others.length > 0 ? [{ deliveries: others, crowdedBy: null }, lane] : [lane]
  }
  return [{ deliveries, crowdedBy: null }]
}

const PARTNER_FIELD = /"partner_id"\s*:\s*"([^"]{1,256})"/

/**
 * Who sent it, as far as a look at the bytes tells: the attribute, or else the first field of that name. It
 * decides who waits for whom and nothing else, so that a wrong guess does no harm.
 */
function guessPartner({ message: { attributes, data } }: Delivery): string {
  const attribute = attributes[PARTNER_ATTRIBUTE]
  if (attribute !== undefined) return attribute
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1')
  return PARTNER_FIELD.exec(text)?.[1] ?? ''
}
