// Chooses the one call that tells Segment of the events of an order that are ready. Pure.

import { sumOf } from '#contracts/event/sum'
import type { NotActivatedReason } from '#contracts/sink-reasons'
import {
  type Delivery,
  type History,
  isWholeCancellation,
  newestAccepted,
  type Told,
} from './history.ts'

/** One call about the order, and the events that it tells Segment of, oldest first. */
export type PlannedCall =
  | { readonly kind: 'completed'; readonly deliveries: readonly Delivery[] }
  | {
      readonly kind: 'updated'
      readonly deliveries: readonly Delivery[]
      readonly told: Told
      /** Exact decimal text: the value of the whole order from now on. */
      readonly value: string
    }
  | { readonly kind: 'cancelled'; readonly deliveries: readonly Delivery[]; readonly told: Told }

type Choice = {
  readonly call: PlannedCall | null
  readonly held: readonly { readonly delivery: Delivery; readonly reason: NotActivatedReason }[]
}

/** @param ready events of one order, oldest first; all have been decided to be told now */
export function chooseCall(ready: readonly Delivery[], history: History): Choice {
  const { told } = history
  const newest = ready.filter((one, place) => !hasNewer(one, ready.slice(place + 1)))
  const older = hold(
    ready.filter((one) => !newest.includes(one)),
    'superseded',
  )
  if (newest.length === 0) return { call: null, held: [] }
  const choice = told === null ? firstCall(newest) : changeOf(newest, told, history)
  return { ...choice, held: [...older, ...choice.held] }
}

const hasNewer = ({ event }: Delivery, later: readonly Delivery[]) =>
  later.some(({ event: other }) => other.type === event.type && other.event_id === event.event_id)

const hold = (deliveries: readonly Delivery[], reason: NotActivatedReason) =>
  deliveries.map((delivery) => ({ delivery, reason }))

/** The currency and the customer of an order are those of its first purchase. */
function firstCall(purchases: readonly Delivery[]): Choice {
  const [first] = purchases
  const isOfOrder = ({ event }: Delivery) =>
    event.currency === first?.event.currency && event.customer_id === first.event.customer_id
  const others = purchases.filter((one) => !isOfOrder(one))
  return {
    call: { kind: 'completed', deliveries: purchases.filter(isOfOrder) },
    held: others.map((delivery) => ({
      delivery,
      reason:
        delivery.event.customer_id === first?.event.customer_id
          ? 'currency_differs'
          : 'other_customer',
    })),
  }
}

function changeOf(ready: readonly Delivery[], told: Told, history: History): Choice {
  const whole = ready.filter(isWholeCancellation)
  if (whole.length > 0) {
    const others = ready.filter((one) => !isWholeCancellation(one))
    return cancellation(whole, told, hold(others, 'order_cancelled'))
  }
  const isOfCurrency = ({ event }: Delivery) =>
    event.currency === null || event.currency === told.currency
  const same = ready.filter(isOfCurrency)
  const held = hold(
    ready.filter((one) => !isOfCurrency(one)),
    'currency_differs',
  )
  if (same.length === 0) return { call: null, held }
  const value = sumOf([told.value, ...same.map((one) => changeBy(one, history))])
  if (!isPositive(value)) return cancellation(same, told, held)
  if (value === sumOf([told.value]))
    return { call: null, held: [...held, ...hold(same, 'value_unchanged')] }
  return { call: { kind: 'updated', deliveries: same, told, value }, held }
}

const cancellation = (
  deliveries: readonly Delivery[],
  told: Told,
  held: Choice['held'],
): Choice => ({ call: { kind: 'cancelled', deliveries, told }, held })

/** By how much the event changes the value of its order, against the version of it that Segment was told of before. */
function changeBy(delivery: Delivery, history: History): string {
  const { event } = delivery
  const [now, then] = [event.amount ?? '0', newestAccepted(delivery, history)?.amount ?? '0']
  return event.type === 'purchase' ? sumOf([now, `-${then}`]) : sumOf([then, `-${now}`])
}

const isPositive = (amount: string) => amount !== '0' && !amount.startsWith('-')
