// Plans the calls about all orders of a run: what is sent now, what is held back, and what waits.

import type { CallDecision, CallRules } from '#activation/calls/call'
import { cancelledCall } from '#activation/calls/cancelled'
import { completedCall } from '#activation/calls/completed'
import { planViolation } from '#activation/calls/plan-violation'
import { updatedCall } from '#activation/calls/updated'
import type { PlannedCall } from '#activation/order/choose-call'
import { NO_FACTS, orderKeyOf } from '#activation/order/facts'
import type { Delivery } from '#activation/order/history'
import { planOrder } from '#activation/order/plan-order'
import { CALL_OVERHEAD_BYTES, type WrittenCall } from '#activation/segment/segment'
import { type NotActivatedReason, runOf, type WaitingReason } from '#contracts'
import { earliest } from '#contracts/earliest'
import { toUtcMicros } from '#contracts/event/timestamp'
import { groupBy } from '#runtime/group-by'
import type { Partners } from '#runtime/partners/registry'
import type { BatchEvent } from '../read-batch.ts'
import type { FactsByOrder } from './order-look-up.ts'
import type { Outcome } from './outcome.ts'

/** What the calls of a run are made from, in addition to the events and what the tables have of their orders. */
export type ActivationRules = {
  /** The prefix of Segment message ids. */
  readonly namespace: string
  readonly partners: Partners
}

/** A call that is ready to be sent, and the events that it tells Segment of. */
export type ReadyCall = WrittenCall & {
  readonly events: readonly BatchEvent[]
  readonly decision: CallDecision
  /** As a client sends it. */
  readonly bytes: number
  /** Those of the events that Segment may have already, from an earlier attempt of the run. */
  readonly inDoubt: ReadonlySet<BatchEvent>
}

export type CallPlan = {
  readonly calls: readonly ReadyCall[]
  /** The outcomes of events for which nothing is sent now. */
  readonly unsent: readonly Outcome[]
  /** Events that an earlier attempt of this run has sent and recorded. */
  readonly settled: readonly BatchEvent[]
  /** Milliseconds of the epoch: the end of the first cooling-off period that an event waits for; null where none does. */
  readonly dueAtMs: number | null
}

export type PlanOptions = {
  /** The run that activates the events. */
  readonly batchId: string
  readonly nowMs: number
  readonly takesCancellations: boolean
  /** Of the runs that `unsettledRuns` names, those that are open. */
  readonly openRuns: ReadonlySet<string>
}

/** Segment takes 32 KB a call. */
const MAX_CALL_BYTES = 31_000

const toDelivery = ({ index, message, event }: BatchEvent, batchId: string): Delivery => ({
  index,
  runId: runOf(batchId),
  messageId: message.messageId,
  publishTime: toUtcMicros(message.publishTime) ?? message.publishTime,
  event,
})

/** Pure but for the partner registry. */
export function planCalls(
  events: readonly BatchEvent[],
  facts: FactsByOrder,
  rules: ActivationRules,
  options: PlanOptions,
): CallPlan {
  const orders = groupBy(events, orderOf)
  return joinPlans([...orders].map(([key, own]) => planOne(own, facts.get(key), rules, options)))
}

/** The key of the event's order in the facts. */
export const orderOf = ({ event }: BatchEvent): string =>
  orderKeyOf({ partnerId: event.partner_id, orderId: event.order_id })

export function joinPlans(plans: readonly CallPlan[]): CallPlan {
  return {
    calls: plans.flatMap(({ calls }) => calls),
    unsent: plans.flatMap(({ unsent }) => unsent),
    settled: plans.flatMap(({ settled }) => settled),
    dueAtMs: earliest(plans.map(({ dueAtMs }) => dueAtMs)),
  }
}

function planOne(
  events: readonly BatchEvent[],
  facts = NO_FACTS,
  { namespace, partners }: ActivationRules,
  options: PlanOptions,
): CallPlan {
  const partner = partners.of(events[0]?.event.partner_id ?? '')
  const byIndex = new Map(events.map((event) => [event.index, event]))
  const originals = (deliveries: readonly Delivery[]) =>
    deliveries.flatMap(({ index }) => byIndex.get(index) ?? [])
  const deliveries = events.map((one) =>
    withCurrency(toDelivery(one, options.batchId), partner.currency),
  )
  const plan = planOrder(deliveries, facts, { ...options, partner })
  const made =
    plan.call && makeCall(plan.call, originals(plan.call.deliveries), { namespace, partner })
  const withoutCall =
    (outcome: 'not_activated' | 'waiting') =>
    ({ delivery, reason }: { delivery: Delivery; reason: NotActivatedReason | WaitingReason }) =>
      originals([delivery]).map((event): Outcome => ({ event, outcome, reason, decision: null }))
  return {
    calls: made?.call ? [{ ...made.call, inDoubt: new Set(originals(plan.inDoubt)) }] : [],
    unsent: [
      ...(made?.refused ?? []),
      ...plan.held.flatMap(withoutCall('not_activated')),
      ...plan.waiting.flatMap(withoutCall('waiting')),
    ],
    settled: originals(plan.settled),
    dueAtMs: earliest(plan.waiting.map(({ dueAtMs }) => dueAtMs)),
  }
}

/** An event that names no currency has the one of its partner. */
const withCurrency = (delivery: Delivery, standard: string | undefined): Delivery => ({
  ...delivery,
  event: { ...delivery.event, currency: delivery.event.currency ?? standard ?? null },
})

/** A call that Segment could not take, or that breaks the tracking plan, is refused before it is sent. */
function makeCall(planned: PlannedCall, events: readonly BatchEvent[], rules: CallRules) {
  const decision = decisionOf(planned, rules)
  const { call } = decision
  const json = JSON.stringify(call)
  const bytes = Buffer.byteLength(json) + CALL_OVERHEAD_BYTES
  const fault = faultOf(decision, bytes)
  if (fault === null) return { call: { call, json, bytes, events, decision }, refused: [] }
  const refused = events.map(
    (event): Outcome => ({ event, outcome: 'failed', reason: fault, decision }),
  )
  return { call: null, refused }
}

function faultOf({ call }: CallDecision, bytes: number) {
  if (bytes > MAX_CALL_BYTES) return 'call_too_large'
  return planViolation(call) === null ? null : 'call_breaks_plan'
}

function decisionOf(planned: PlannedCall, rules: CallRules): CallDecision {
  const { deliveries } = planned
  const [first, ...others] = deliveries.map(({ event }) => event)
  const newest = deliveries.at(-1)
  if (!first || !newest) throw new RangeError('a call tells Segment of at least one event')
  if (planned.kind === 'completed') return completedCall([first, ...others], rules)
  if (planned.kind === 'cancelled') return cancelledCall(newest.event, planned.told, rules)
  return updatedCall(newest.event, planned.told, planned.value, newest.publishTime, rules)
}

/** The same outcome for all events of the calls. */
export const outcomesOf = (
  calls: readonly ReadyCall[],
  outcome: Outcome['outcome'],
  reason: Outcome['reason'] = null,
): Outcome[] =>
  calls.flatMap(({ events, decision }) =>
    events.map((event) => ({ event, outcome, reason, decision })),
  )
