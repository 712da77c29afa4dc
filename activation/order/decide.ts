// Decides about one event of an order: Segment can be told of it now, it waits, or it is held back. Pure.

import { isTooOld } from '#activation/rules/window'
import { ADS_WINDOW_DAYS } from '#contracts/limits'
import type { NotActivatedReason, WaitingReason } from '#contracts/sink-reasons'
import { byPublishTime, isSameDelivery, type StagedVersion } from './facts.ts'
import {
  type Accepted,
  type Delivery,
  type History,
  isInDoubt,
  newestAccepted,
  type Told,
} from './history.ts'
import { isInProgress } from './in-progress.ts'
import type { Order } from './order.ts'

export type Decision =
  | { readonly is: 'ready' | 'settled' }
  | { readonly is: 'held'; readonly reason: NotActivatedReason }
  | { readonly is: 'waiting'; readonly reason: WaitingReason; readonly dueAtMs: number | null }

const READY: Decision = { is: 'ready' }
const SETTLED: Decision = { is: 'settled' }
const held = (reason: NotActivatedReason): Decision => ({ is: 'held', reason })
const waiting = (reason: WaitingReason, dueAtMs: number | null = null): Decision => ({
  is: 'waiting',
  reason,
  dueAtMs,
})

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS

export function decide(delivery: Delivery, order: Order): Decision {
  const { history, context } = order
  if (history.accepted.some((record) => isSameDelivery(record, delivery))) return SETTLED
  const known = newestAccepted(delivery, history)
  if (known?.contentHash === delivery.event.content_hash) return held('already_activated')
  if (known && byPublishTime(delivery, known) < 0) return held('superseded')
  // What Segment may have is sent again with the same message id: it must not be held back now.
  if (isInDoubt(delivery, history)) return READY
  if (history.versions.some((version) => isNewerVersion(version, delivery)))
    return held('superseded')
  if (isTooOld(delivery.event, delivery.publishTime)) return held('outside_ads_window')
  if (!context.partner.activation.enabled) return held('partner_off')
  if (history.isCancelled) return held('order_cancelled')
  return delivery.event.type === 'purchase'
    ? decidePurchase(delivery, order, known)
    : decideCancellation(delivery, order)
}

/** The newer version is sent by its own run. */
const isNewerVersion = (version: StagedVersion, delivery: Delivery) =>
  version.type === delivery.event.type &&
  version.eventId === delivery.event.event_id &&
  version.contentHash !== delivery.event.content_hash &&
  byPublishTime(version, delivery) > 0

function decidePurchase(delivery: Delivery, order: Order, known?: Accepted): Decision {
  const { told } = order.history
  if (told === null) return decideFirstPurchase(delivery, order)
  if (!known && delivery.event.customer_id !== told.customerId) return held('other_customer')
  if (isTooLateToChange(told, delivery)) return held('outside_ads_window')
  return inTurn(delivery, order)
}

function decideFirstPurchase(delivery: Delivery, order: Order): Decision {
  const { versions } = order.history
  const { customer_id } = delivery.event
  if (versions.some((version) => isCancelledBy(version, customer_id)))
    return held('cancelled_before_activation')
  const end = coolingOffEnd(delivery, order)
  if (order.context.nowMs < end) return waiting('cooling_off', end)
  return inTurn(delivery, order)
}

const inTurn = (delivery: Delivery, order: Order): Decision =>
  isInProgress(delivery, order) ? waiting('order_in_progress') : READY

/** By a cancellation of the whole order, whatever its timestamp: the clocks of a partner's systems differ. */
const isCancelledBy = ({ type, isPartial, customerId }: StagedVersion, customer: string) =>
  type === 'cancellation' && !isPartial && customerId === customer

const coolingOffEnd = ({ publishTime }: Delivery, { context }: Order) =>
  Date.parse(publishTime) + context.partner.activation.coolingOffHours * HOUR_MS

/** Google takes a change of a conversion for some weeks after it. */
const isTooLateToChange = ({ completedAt }: Told, { publishTime }: Delivery) =>
  Date.parse(publishTime) - Date.parse(completedAt) > ADS_WINDOW_DAYS.cancellation * DAY_MS

function decideCancellation(delivery: Delivery, order: Order): Decision {
  const { history, context } = order
  const { told } = history
  if (!context.takesCancellations) return waiting('purchase_awaited')
  if (told !== null && told.customerId === delivery.event.customer_id) {
    if (isTooLateToChange(told, delivery)) return held('outside_ads_window')
    return isAmountUnknown(delivery) ? held('partial_cancellation') : inTurn(delivery, order)
  }
  return withoutPurchase(delivery, order)
}

const isAmountUnknown = ({ event }: Delivery) => event.partial === true && event.amount === null

/** What becomes of a cancellation while Segment has accepted no purchase of its customer's order. */
function withoutPurchase({ event }: Delivery, { history, context }: Order): Decision {
  const own = history.versions.filter(
    ({ type, customerId }) => type === 'purchase' && customerId === event.customer_id,
  )
  const reasons = own.map((purchase) => finalReasonOf(purchase, history))
  if (own.length > 0 && reasons.every((reason) => reason !== null)) {
    const isTold = reasons.includes('cancelled_before_activation')
    return held(isTold ? 'cancelled_before_activation' : 'purchase_not_activated')
  }
  const age = context.nowMs - Date.parse(event.timestamp)
  return age > ADS_WINDOW_DAYS.cancellation * DAY_MS
    ? held('purchase_never_activated')
    : waiting('purchase_awaited')
}

/** Why a purchase was held back for good; null while that is open, also where it waits in a dead letter. */
function finalReasonOf(purchase: StagedVersion, { others }: History): string | null {
  const records = others.filter((record) => isSameDelivery(record, purchase))
  return records.find(({ outcome }) => outcome === 'not_activated')?.reason ?? null
}
