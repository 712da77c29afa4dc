// Tells from what the tables have of an order whether an event repeats or changes an earlier one. Pure.

import { NO_FACTS, type OrderFacts } from '#activation/order/facts'
import { toUtcMicros } from '#contracts/event/timestamp'
import type { BatchEvent } from '../read-batch.ts'
import type { FactsByOrder } from './order-look-up.ts'
import { orderOf } from './plan-calls.ts'

export type VersionCounts = { readonly duplicate: number; readonly correction: number }

/** An event with the same identity and contents as an earlier message is a duplicate, with other contents a correction. */
export function countVersions(events: readonly BatchEvent[], facts: FactsByOrder): VersionCounts {
  const kinds = events.map((one) => kindOf(one, facts.get(orderOf(one)) ?? NO_FACTS))
  const count = (kind: keyof VersionCounts) => kinds.filter((one) => one === kind).length
  return { duplicate: count('duplicate'), correction: count('correction') }
}

function kindOf(
  { event, message }: BatchEvent,
  { staged }: OrderFacts,
): keyof VersionCounts | null {
  const publishTime = toUtcMicros(message.publishTime) ?? message.publishTime
  const earlier = staged.filter(
    (version) =>
      version.type === event.type &&
      version.eventId === event.event_id &&
      version.publishTime < publishTime,
  )
  if (earlier.length === 0) return null
  const isRepeat = earlier.some(({ contentHash }) => contentHash === event.content_hash)
  return isRepeat ? 'duplicate' : 'correction'
}
