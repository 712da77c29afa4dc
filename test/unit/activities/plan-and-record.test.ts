// Plans of several orders, the event from which a call is made, the defaults of partners, what is recorded of events without a
// call, and how far back their orders are looked up.

import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { type LoggedOutcome, orderKeyOf } from '#activation/order/facts'
import type { Message } from '#contracts'
import { NO_PARTNERS } from '#runtime/partners/registry'
import { STANDARD_PARTNER } from '#runtime/partners/settings'
import { createOrderLookUp } from '../../../activities/activation/order-look-up.ts'
import { type Outcome, outcomeRow } from '../../../activities/activation/outcome.ts'
import { planCalls } from '../../../activities/activation/plan-calls.ts'
import { acceptedOf, readEach } from '../../../activities/read-batch.ts'
import { cancellation, message, purchase } from '../../fixtures/messages.ts'

const OPTIONS = {
  batchId: 'batch-1',
  nowMs: Date.parse('2026-11-20T10:30:00Z'),
  takesCancellations: false,
  openRuns: new Set<string>(),
}

const at = (time: string) => `2026-11-20T${time}:00.000000Z`
const eventsAt = (...times: readonly string[]) =>
  acceptedOf(
    readEach(
      times.map((time, i) =>
        message({ ...purchase, order_id: `A${i}` }, { publishTime: at(time) }),
      ),
    ),
    [],
  ).events

test('the first of all cooling-off periods is the one that is waited for, whatever the order of orders', () => {
  const activation = { ...STANDARD_PARTNER.activation, coolingOffHours: 2 }
  const partners = { ...NO_PARTNERS, of: () => ({ ...STANDARD_PARTNER, activation }) }
  for (const times of [
    ['10:00', '09:00', '11:00'],
    ['09:00', '10:00'],
    ['11:00', '10:30', '09:00'],
  ]) {
    const rules = { namespace: 'test', partners }
    const plan = planCalls(eventsAt(...times), new Map(), rules, OPTIONS)
    expect(plan.dueAtMs).toBe(Date.parse(at('11:00')))
    expect(plan.unsent.map(({ reason }) => reason)).toEqual(times.map(() => 'cooling_off'))
  }
})

test('orders of two partners with the same number are two orders', () => {
  const messages = ['dealer-7', 'dealer-8'].map((partner_id) =>
    message({ ...purchase, partner_id }),
  )
  const { events } = acceptedOf(readEach(messages), [])
  const rules = { namespace: 'test', partners: NO_PARTNERS }
  const { calls } = planCalls(events, new Map(), rules, OPTIONS)
  expect(calls.map(({ call }) => call.properties.order_id)).toEqual([
    'dealer-7:A001',
    'dealer-8:A001',
  ])
  expect(new Set(calls.map(({ call }) => call.messageId)).size).toBe(2)
})

const DENIED = { ad_user_data: false, ad_personalization: false }
const GRANTED = { ad_user_data: true, ad_personalization: true }
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const STANDARD = { country: 'GB', currency: 'GBP', consent: GRANTED } as const

const planWithDefaults = (...sent: readonly object[]) => {
  const partners = { ...NO_PARTNERS, of: () => ({ ...STANDARD_PARTNER, ...STANDARD }) }
  const messages = sent.map((fields) => message({ ...purchase, ...fields }))
  const { events } = acceptedOf(readEach(messages), [])
  return planCalls(events, new Map(), { namespace: 'test', partners }, OPTIONS)
}

test.each([
  [
    'what it has itself',
    { currency: 'EUR', consent: DENIED, phone: '+4915112345678' },
    { currency: 'EUR', consent: DENIED, phone: sha256('+4915112345678') },
  ],
  [
    'the defaults of its partner where it has nothing',
    { currency: undefined, consent: undefined, phone: '07911 123456' },
    { currency: 'GBP', consent: GRANTED, phone: sha256('+447911123456') },
  ],
])('the call of a purchase has %s', (_, sent, expected) => {
  const [planned] = planWithDefaults(sent).calls
  const { currency, consent, phone } = expected
  expect(planned?.call).toMatchObject({
    properties: { currency, phone },
    context: { consent: { categoryPreferences: consent } },
  })
  expect(planned?.decision.currency).toBe(currency)
})

test('a purchase without a currency is one of its order with those in the currency of the partner', () => {
  const plan = planWithDefaults(
    { event_id: 'p1', currency: 'GBP' },
    { event_id: 'p2' },
    { event_id: 'p3', currency: 'EUR' },
  )
  expect(plan.calls.map(({ events }) => events.length)).toEqual([2])
  expect(plan.unsent.map(({ reason }) => reason)).toEqual(['currency_differs'])
})

const DAY = '2026-11-20'

/** Facts of an order whose purchase Segment was told of. */
const toldOf = (order_id: string): LoggedOutcome => ({
  type: 'purchase',
  eventId: 'first',
  contentHash: 'first',
  customerId: purchase.customer_id,
  amount: '100',
  currency: 'EUR',
  publishTime: at('08:00'),
  messageId: `of ${order_id}`,
  runId: 'batch-0',
  outcome: 'accepted',
  reason: null,
  call: 'Order Completed',
  value: '100',
  toldAt: '2026-11-19T19:32:00.000Z',
  googleAds: 'intended',
  clickId: null,
  recordedAt: at('08:00'),
})

function changeOf(...messages: readonly Message[]) {
  const { events } = acceptedOf(readEach(messages), [])
  const order = orderKeyOf({ partnerId: 'dealer-7', orderId: purchase.order_id })
  const facts = new Map([[order, { staged: [], logged: [toldOf(purchase.order_id)] }]])
  const rules = { namespace: 'test', partners: NO_PARTNERS }
  const options = { ...OPTIONS, takesCancellations: true }
  const [planned] = planCalls(events, facts, rules, options).calls
  return planned
}

const another = (event_id: string, time: string, more: object = {}) =>
  message(
    { ...purchase, event_id, currency: 'EUR', amount: 10, ...more },
    { publishTime: at(time) },
  )

test('one call tells of all cars of an order, as of the first of them', () => {
  const car = (event_id: string, time: string, car_model: string) =>
    message(
      { ...purchase, event_id, car_model, amount: 10, timestamp: `2026-11-20T${time}:00Z` },
      { publishTime: at(time) },
    )
  const { events } = acceptedOf(
    readEach([car('b', '09:00', 'SUV'), car('a', '08:00', 'Hatch')]),
    [],
  )
  const rules = { namespace: 'test', partners: NO_PARTNERS }
  const { calls } = planCalls(events, new Map(), rules, OPTIONS)
  expect(calls.map(({ call }) => call)).toMatchObject([
    {
      event: 'Order Completed',
      timestamp: '2026-11-20T08:00:00.000Z',
      properties: { total: 20, products: [{ name: 'Hatch' }, { name: 'SUV' }] },
    },
  ])
})

test('one update tells of several changes: as of the newest of them, whatever their order in the batch', () => {
  const [older, newest] = [another('a', '09:00'), another('b', '10:00', { consent: DENIED })]
  const alone = changeOf(newest)
  for (const messages of [
    [older, newest],
    [newest, older],
  ]) {
    const planned = changeOf(...messages)
    expect(planned?.events).toHaveLength(2)
    expect(planned?.call).toMatchObject({
      event: 'Order Updated',
      messageId: alone?.call.messageId,
      timestamp: `${DAY}T10:00:00.000Z`,
      properties: { total: 120, ad_user_data_consent_state: 'DENIED' },
    })
  }
})

test('several cancellations of an order are one call: with the reason and the time of the newest', () => {
  const revoked = (event_id: string, hour: string, reason: string) =>
    message(
      { ...cancellation, ...ORDER, event_id, reason, timestamp: `${DAY}T${hour}:00:00Z` },
      { publishTime: at(`${hour}:01`) },
    )
  for (const [first, last, event] of [
    ['refunded', 'payment_failed', 'Order Cancelled'],
    ['payment_failed', 'refunded', 'Order Refunded'],
  ] as const) {
    const planned = changeOf(revoked('a', '08', first), revoked('b', '09', last))
    expect(planned?.events).toHaveLength(2)
    expect(planned?.call).toMatchObject({ event, timestamp: `${DAY}T09:00:00.000Z` })
  }
})

const ORDER = { order_id: purchase.order_id, customer_id: purchase.customer_id }

test.each([
  ['not_activated', 'partner_off', { google_ads: 'excluded', google_ads_reason: 'partner_off' }],
  ['waiting', 'cooling_off', {}],
  ['failed', 'call_too_large', {}],
] as const)('an event that is %s without a call is recorded with %j', (outcome, reason, ads) => {
  const [event] = eventsAt('10:00')
  if (!event) throw new Error('an event')
  const one: Outcome = { event, outcome, reason, decision: null }
  const { columns } = outcomeRow(one, { batchId: 'b', attemptId: 'a', namespace: 'n' })
  const { google_ads, google_ads_reason } = columns
  expect({ outcome: columns['outcome'], reason: columns['reason'] }).toEqual({ outcome, reason })
  expect(JSON.parse(JSON.stringify({ google_ads, google_ads_reason }))).toEqual(ads)
  expect(columns['omitted_identifiers']).toEqual([])
})

test('orders are looked up for 150 days before the oldest of the events', async () => {
  const since: unknown[] = []
  const lookUp = createOrderLookUp(async ({ params }) => {
    since.push(Object(params)['since'])
    return []
  }, 0)
  await lookUp(eventsAt('11:00', '09:00', '10:00'))
  expect(JSON.stringify(since)).toContain('2026-06-23T09:00:00.000Z')
})
