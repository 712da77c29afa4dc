// Each reason for which an event of an order is held back or waits, and each call that tells Segment of an order.

import { expect, test } from '@jest/globals'
import { type Delivery, historyOf } from '#activation/order/history'
import { unsettledRuns } from '#activation/order/in-progress'
import { stagedVersion as staged } from '../../../support/accepted-event.ts'
import {
  accepted,
  bought,
  DAY,
  type Facts,
  logged,
  NOTHING,
  notActivated,
  plan,
  revoked,
  START,
} from '../../../support/orders.ts'

const PURCHASE = bought()
const TOLD = { staged: [staged(PURCHASE)], logged: [accepted(PURCHASE)] }
const UPDATE = bought({ amount: 40_000 }, 50 * DAY)
const UPDATED = {
  staged: [staged(PURCHASE), staged(UPDATE)],
  logged: [accepted(UPDATE, 'Order Updated'), ...TOLD.logged],
}
const old = bought({ timestamp: new Date(START - 91 * DAY * 60_000).toISOString() })
const correction = bought({ amount: 40_000 }, 3)
const SECOND = bought({ event_id: 'p2' }, 1)
const heldBack: [reason: string, event: Delivery, facts: Facts][] = [
  ['outside_ads_window', old, NOTHING],
  ['outside_ads_window', revoked({}, 55 * DAY), TOLD],
  ['outside_ads_window', bought({ amount: 1 }, 55 * DAY), TOLD],
  ['outside_ads_window', revoked({}, 55 * DAY), UPDATED],
  ['outside_ads_window', bought({ amount: 1 }, 55 * DAY), UPDATED],
  ['already_activated', bought({ timestamp: PURCHASE.event.timestamp }, 9), TOLD],
  ['superseded', bought({}, 1), { staged: [staged(correction)], logged: [] }],
  ['superseded', bought({ amount: 1 }, 1), { ...TOLD, logged: [accepted(correction)] }],
  ['value_unchanged', bought({ car_model: 'Coupe' }, 9), TOLD],
  ['other_customer', bought({ event_id: 'p2', customer_id: 'C2' }, 9), TOLD],
  ['currency_differs', bought({ event_id: 'p2', currency: 'USD' }, 9), TOLD],
  [
    'order_cancelled',
    bought({ event_id: 'p2' }, 9),
    { ...TOLD, logged: [...TOLD.logged, accepted(revoked(), 'Order Cancelled', '0')] },
  ],
  ['cancelled_before_activation', bought(), { staged: [staged(revoked())], logged: [] }],
  [
    'cancelled_before_activation',
    revoked(),
    { staged: TOLD.staged, logged: [notActivated(PURCHASE, 'cancelled_before_activation')] },
  ],
  [
    'purchase_not_activated',
    revoked(),
    { staged: TOLD.staged, logged: [notActivated(PURCHASE, 'partner_off')] },
  ],
  [
    'cancelled_before_activation',
    revoked(),
    {
      staged: [staged(PURCHASE), staged(SECOND)],
      logged: [
        notActivated(PURCHASE, 'partner_off'),
        notActivated(SECOND, 'cancelled_before_activation'),
      ],
    },
  ],
  ['partial_cancellation', revoked({ partial: true }), TOLD],
]

test.each(heldBack)('%s', (reason, event, facts) => {
  const minute = (Date.parse(event.publishTime) - START) / 60_000 + 1
  expect(plan([event], facts, minute)).toMatchObject({
    call: null,
    held: [{ delivery: event, reason }],
    waiting: [],
  })
})

test('an order has the conversion of its first call, and the value of its last', () => {
  const first = accepted(PURCHASE)
  const last = accepted(UPDATE, 'Order Updated')
  const records = [
    {
      ...last,
      customerId: 'C2',
      currency: 'USD',
      googleAds: 'excluded',
      clickId: 'wbraid',
    } as const,
    { ...first, clickId: 'gclid' } as const,
  ]
  expect(historyOf({ ...UPDATED, logged: records }, []).told).toEqual({
    customerId: 'C1',
    value: '40000',
    currency: 'USD',
    toldAt: UPDATE.event.timestamp,
    completedAt: PURCHASE.event.timestamp,
    googleAds: 'intended',
    clickId: 'gclid',
  })
})

test('partner_off', () => {
  expect(plan([bought()], NOTHING, 60, { enabled: false })).toMatchObject({
    call: null,
    held: [{ reason: 'partner_off' }],
  })
})

test('purchase_never_activated, once Google Ads would not take the cancellation any more', () => {
  const event = revoked()
  const after = (days: number) => plan([event], NOTHING, days * DAY + 5)
  expect(after(54)).toMatchObject({ held: [], waiting: [{ reason: 'purchase_awaited' }] })
  expect(after(54.1)).toMatchObject({ held: [{ reason: 'purchase_never_activated' }], waiting: [] })
})

test('a cancellation of another customer waits for the purchase of its own', () => {
  const event = revoked({ customer_id: 'C2' })
  expect(plan([event], TOLD)).toMatchObject({
    call: null,
    waiting: [{ reason: 'purchase_awaited' }],
  })
})

test('a purchase waits until its cooling-off period ends, and not a moment longer', () => {
  const cooling = { coolingOffHours: 2 }
  expect(plan([bought()], NOTHING, 119, cooling)).toMatchObject({
    call: null,
    waiting: [{ reason: 'cooling_off', dueAtMs: START + 120 * 60_000 }],
  })
  expect(plan([bought()], NOTHING, 120, cooling).call?.kind).toBe('completed')
})

test('an event waits while an earlier one of its order is on its way in another run', () => {
  const first = bought()
  const second = bought({ event_id: 'p2' }, 1)
  const facts = { staged: [staged(first), staged(second)], logged: [] }
  expect(plan([second], facts)).toMatchObject({
    call: null,
    waiting: [{ reason: 'order_in_progress' }],
  })
  const isOver = { ...facts, logged: [logged(first, { outcome: 'failed' })] }
  expect(plan([second], isOver).call?.kind).toBe('completed')
})

test('a cancellation of the whole order does not wait for an event that waits, and one of a part does', () => {
  const facts = {
    staged: [staged(PURCHASE), staged(correction)],
    logged: [accepted(PURCHASE), logged(correction, { outcome: 'waiting' })],
  }
  expect(plan([revoked()], facts).call?.kind).toBe('cancelled')
  expect(plan([revoked({ partial: true, amount: 1 })], facts)).toMatchObject({
    call: null,
    waiting: [{ reason: 'order_in_progress' }],
  })
})

test('an event that is as old as a pause of weeks is waited for while its run is open, and no longer', () => {
  const first = bought()
  const second = bought({ event_id: 'p2' }, 1)
  const facts = { staged: [staged(first), staged(second)], logged: [] }
  const after = (days: number, ...open: string[]) =>
    plan([second], facts, days * DAY, { openRuns: new Set(open) })
  expect(after(6)).toMatchObject({ waiting: [{ reason: 'order_in_progress' }] })
  expect(after(40).call?.kind).toBe('completed')
  expect(after(40, 'batch-other').call?.kind).toBe('completed')
  expect(after(40, first.runId)).toMatchObject({
    call: null,
    waiting: [{ reason: 'order_in_progress' }],
  })
})

test('the runs to ask about are other ones whose old events have no final record', () => {
  const [own, open, sent] = [bought(), bought({ event_id: 'p2' }), bought({ event_id: 'p3' })]
  const facts = {
    staged: [own, open, sent].map(staged),
    logged: [logged(open, { outcome: 'sending' }), accepted(sent)],
  }
  const after = (days: number) => unsettledRuns(facts, own.runId, START + days * DAY * 60_000)
  expect(after(6)).toEqual([])
  expect(after(7)).toEqual([open.runId])
})

test.each<[what: string, events: Delivery[], facts: Facts, call: object]>([
  ['two cars of an order', [bought(), bought({ event_id: 'p2' })], NOTHING, { kind: 'completed' }],
  ['another car', [bought({ event_id: 'p2' }, 9)], TOLD, { kind: 'updated', value: '90000' }],
  ['a correction', [correction], TOLD, { kind: 'updated', value: '40000' }],
  [
    'a correction of the customer',
    [bought({ customer_id: 'C2', amount: 40_000 }, 3)],
    TOLD,
    { kind: 'updated', value: '40000' },
  ],
  [
    'a partial cancellation',
    [revoked({ partial: true, amount: 5_000 })],
    TOLD,
    { kind: 'updated', value: '40000' },
  ],
  ['a cancellation', [revoked()], TOLD, { kind: 'cancelled' }],
  [
    'a partial cancellation of all that is left',
    [revoked({ partial: true, amount: 45_000 })],
    TOLD,
    { kind: 'cancelled' },
  ],
])('%s is one call', (_what, deliveries, facts, call) => {
  const events = deliveries.map((one) => ({ ...one, runId: 'batch-1' }))
  const planned = plan(events, facts)
  expect(planned.call).toMatchObject({ ...call, deliveries: events })
  expect([planned.held, planned.waiting]).toEqual([[], []])
})
