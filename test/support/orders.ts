// Events of an order as messages of runs of their own, what the tables have of them, and the plan that follows from it.

import type { LoggedOutcome, StagedVersion } from '#activation/order/facts'
import type { Delivery } from '#activation/order/history'
import type { PlanContext } from '#activation/order/order'
import { planOrder } from '#activation/order/plan-order'
import { readEvent } from '#contracts'
import { STANDARD_PARTNER } from '#runtime/partners/settings'
import { cancellation, message, purchase } from '../fixtures/messages.ts'
import { stagedVersion as staged } from './accepted-event.ts'

export const START = Date.parse('2026-11-20T10:00:00Z')
export const DAY = 24 * 60
const micros = (minute: number) =>
  new Date(START + minute * 60_000).toISOString().replace('Z', '000Z')

/** The event as a message that is published some minutes after the start, in a run of its own. */
export function delivery(fields: object, minute = 0): Delivery {
  const timestamp = new Date(START + minute * 60_000).toISOString()
  const sent = message({ order_id: 'A1', customer_id: 'C1', timestamp, ...fields })
  const publishTime = micros(minute)
  const parsed = readEvent({ ...sent, publishTime })
  if (!parsed.accepted) throw new Error('the event of the test is rejected')
  const runId = `batch-${sent.messageId}`
  return { index: 0, messageId: sent.messageId, publishTime, runId, event: parsed.event }
}

const { order_id: _1, customer_id: _2, timestamp: _3, ...car } = purchase
const { order_id: _4, customer_id: _5, timestamp: _6, ...cancelled } = cancellation
export const bought = (fields: object = {}, minute = 0) =>
  delivery({ ...car, event_id: 'p1', currency: 'EUR', ...fields }, minute)
export const revoked = (fields: object = {}, minute = 5) =>
  delivery({ ...cancelled, event_id: 'c1', ...fields }, minute)

export function logged(of: Delivery, what: Partial<LoggedOutcome>): LoggedOutcome {
  const { isPartial: _, ...version } = staged(of)
  const nothing = { reason: null, call: null, value: null, toldAt: null, clickId: null }
  const row = { ...version, ...nothing, outcome: 'waiting', googleAds: null } as const
  return { ...row, recordedAt: of.publishTime, ...what }
}

export const accepted = (
  of: Delivery,
  call: LoggedOutcome['call'] = 'Order Completed',
  value?: string,
) =>
  logged(of, {
    outcome: 'accepted',
    googleAds: 'intended',
    call,
    value: value ?? of.event.amount,
    toldAt: of.event.timestamp,
  })

export const NOTHING = { staged: [], logged: [] }

export type Facts = { readonly staged: StagedVersion[]; readonly logged: LoggedOutcome[] }
type Switches = Partial<typeof STANDARD_PARTNER.activation>

type Context = Pick<PlanContext, 'openRuns' | 'takesCancellations'>

/** The plan some minutes after the start, of a partner with these switches. */
export const plan = (
  deliveries: readonly Delivery[],
  facts: Facts,
  minute = 60,
  {
    openRuns = new Set<string>(),
    takesCancellations = true,
    ...switches
  }: Switches & Partial<Context> = {},
) =>
  planOrder(deliveries, facts, {
    partner: {
      ...STANDARD_PARTNER,
      activation: { ...STANDARD_PARTNER.activation, ...switches },
    },
    nowMs: START + minute * 60_000,
    takesCancellations,
    openRuns,
  })

export const notActivated = (of: Delivery, reason: string) =>
  logged(of, { outcome: 'not_activated', reason })
