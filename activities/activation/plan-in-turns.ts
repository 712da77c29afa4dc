// Plans the calls of many orders without blocking the event loop of the thread.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { chunksOf } from '#runtime/chunks'
import { groupBy } from '#runtime/group-by'
import type { BatchEvent } from '../read-batch.ts'
import type { FactsByOrder } from './order-look-up.ts'
import {
  type ActivationRules,
  type CallPlan,
  joinPlans,
  orderOf,
  type PlanOptions,
  planCalls,
} from './plan-calls.ts'

/** Some 50 ms of work. A worker replaces a thread whose event loop is blocked for a second, see ADR 19. */
const EVENTS_PER_TURN = 250

/** The plan of `planCalls`. The event loop turns between parts of the events; those of one order are in one part. */
export async function planInTurns(
  events: readonly BatchEvent[],
  facts: FactsByOrder,
  rules: ActivationRules,
  options: PlanOptions,
): Promise<CallPlan> {
  const plans: CallPlan[] = []
  for (const part of partsOf(events)) {
    plans.push(planCalls(part, facts, rules, options))
    await nextTurn()
  }
  return joinPlans(plans)
}

function partsOf(events: readonly BatchEvent[]): BatchEvent[][] {
  const orders = groupBy(events, orderOf).values()
  const limits = { maxItems: EVENTS_PER_TURN, maxBytes: EVENTS_PER_TURN }
  return chunksOf(orders, ({ length }) => length, limits).map((part) => part.flat())
}
