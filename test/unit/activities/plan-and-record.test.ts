// Plans of several orders, the defaults of partners, what is recorded of events without a call, and how far back their orders are looked up.

import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { NO_PARTNERS } from '#runtime/partners/registry'
import { STANDARD_PARTNER } from '#runtime/partners/settings'
import { createOrderLookUp } from '../../../activities/activation/order-look-up.ts'
import { type Outcome, outcomeRow } from '../../../activities/activation/outcome.ts'
import { planCalls } from '../../../activities/activation/plan-calls.ts'
import { acceptedOf, readEach } from '../../../activities/read-batch.ts'
import { message, purchase } from '../../fixtures/messages.ts'

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
