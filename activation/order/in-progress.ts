// Decides whether an event must wait because another event of its order is on its way to Segment in another run. Pure.
//
// Every run stages its events before it looks up their orders. Of two runs with events of one order, the one that looks later
// therefore sees the event of the other, and waits until that has a record. Where both wait, the earlier event goes first.

import { byPublishTime, type StagedVersion } from './facts.ts'
import { type Delivery, type History, mayBeSent } from './history.ts'
import type { Order } from './plan-order.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** An event without a final record is waited for no longer than this: its batch was stopped by a person. */
const GIVE_UP_MS = 7 * DAY_MS

export function isInProgress(delivery: Delivery, order: Order): boolean {
  const { history, deliveries, context } = order
  const own = new Set(deliveries.map(({ event }) => event.content_hash))
  return history.versions.some(
    (version) =>
      !own.has(version.contentHash) &&
      context.nowMs - Date.parse(version.publishTime) < GIVE_UP_MS &&
      blocks(version, delivery, history),
  )
}

function blocks(version: StagedVersion, delivery: Delivery, history: History): boolean {
  if (isFinal(version.contentHash, history)) return false
  if (mayBeSent(version.contentHash, history)) return true
  if (!hasWaited(version.contentHash, history)) return true
  if (isWholeCancellation(delivery)) return false
  if (!canBeSent(version, history)) return false
  if (version.type === 'cancellation' && !version.isPartial) return true
  // Before it has waited once, this event may be unknown to a run that sends the other one at this moment.
  const isKnown = hasWaited(delivery.event.content_hash, history)
  return !isKnown || byPublishTime(version, delivery) < 0
}

const FINAL: ReadonlySet<string> = new Set(['accepted', 'not_activated', 'failed'])

const isFinal = (hash: string, { accepted, others }: History) =>
  [...accepted, ...others].some((one) => one.contentHash === hash && FINAL.has(one.outcome))

const hasWaited = (hash: string, { others }: History) =>
  others.some(({ contentHash, outcome }) => contentHash === hash && outcome === 'waiting')

const isWholeCancellation = ({ event }: Delivery) =>
  event.type === 'cancellation' && event.partial !== true

/** A cancellation is sent only after a purchase of its customer. */
const canBeSent = ({ type, customerId }: StagedVersion, { told }: History) =>
  type === 'purchase' || customerId === told?.customerId
