// Decides what Segment is told of one order, and about which of its events: at most one call at a time. Pure.
//
// An order is one conversion. Its first purchases become `Order Completed`. Every later purchase, correction and partial
// cancellation becomes an `Order Updated` with the value of the whole order. Its cancellation becomes `Order Cancelled`.

import type { NotActivatedReason, WaitingReason } from '#contracts/sink-reasons'
import { chooseCall, type PlannedCall } from './choose-call.ts'
import { decide } from './decide.ts'
import { byPublishTime, type OrderFacts } from './facts.ts'
import { type Delivery, historyOf, isInDoubt } from './history.ts'
import type { PlanContext } from './order.ts'

export type Held = { readonly delivery: Delivery; readonly reason: NotActivatedReason }

export type Waiting = {
  readonly delivery: Delivery
  readonly reason: WaitingReason
  /** Milliseconds of the epoch at which the cooling-off period ends; null for any other reason. */
  readonly dueAtMs: number | null
}

export type OrderPlan = {
  readonly call: PlannedCall | null
  /** The events of the call that Segment may have already, from an earlier attempt of the run. */
  readonly inDoubt: readonly Delivery[]
  readonly held: readonly Held[]
  readonly waiting: readonly Waiting[]
  /** Events that an earlier attempt of this run has sent and recorded. */
  readonly settled: readonly Delivery[]
}

/**
 * @param deliveries events of one partner and order number
 * @param facts what the tables have of the same order
 */
export function planOrder(
  deliveries: readonly Delivery[],
  facts: OrderFacts,
  context: PlanContext,
): OrderPlan {
  const order = { history: historyOf(facts, deliveries), context }
  const decisions = deliveries
    .toSorted(byPublishTime)
    .map((delivery) => ({ delivery, ...decide(delivery, order) }))
  const ready = decisions.flatMap((one) => (one.is === 'ready' ? [one.delivery] : []))
  const { call, held } = chooseCall(ready, order.history)
  return {
    call,
    inDoubt: (call?.deliveries ?? []).filter((one) => isInDoubt(one, order.history)),
    held: [...decisions.flatMap((one) => (one.is === 'held' ? [one] : [])), ...held],
    waiting: decisions.flatMap((one) => (one.is === 'waiting' ? [one] : [])),
    settled: decisions.flatMap((one) => (one.is === 'settled' ? [one.delivery] : [])),
  }
}
