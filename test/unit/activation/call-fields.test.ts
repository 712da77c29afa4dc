// Every field of every call, value by value, and what the id of a call depends on.

import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import type { CallRules, ToldOrder } from '#activation/calls/call'
import { cancelledCall, cancelledMessageId } from '#activation/calls/cancelled'
import { completedCall, completedMessageId } from '#activation/calls/completed'
import { planViolation } from '#activation/calls/plan-violation'
import { updatedCall, updatedMessageId } from '#activation/calls/updated'
import type { CarEvent } from '#contracts'
import { STANDARD_PARTNER } from '#runtime/partners/settings'
import { cancellation, purchase } from '../../fixtures/messages.ts'
import { acceptedEvent } from '../../support/accepted-event.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const GRANTED = { ad_user_data: true, ad_personalization: true }
const RULES: CallRules = { namespace: 'test', partner: STANDARD_PARTNER }

const bought = (more: object = {}) =>
  acceptedEvent({ ...purchase, currency: 'EUR', consent: GRANTED, ...more })
const revoked = (more: object = {}) =>
  acceptedEvent({ ...cancellation, order_id: 'A001', customer_id: 'C9', timestamp: LATER, ...more })

const EMAIL = 'jane@example.com'
const PHONE = '+4915112345678'
const LATER = '2026-11-20T09:00:00Z'
const TOLD: ToldOrder = {
  customerId: 'C101',
  value: '45000.25',
  currency: 'EUR',
  toldAt: '2026-11-19T19:32:00.000Z',
  googleAds: 'intended',
  clickId: 'gclid',
}

const OF_ORDER = {
  order_id: 'dealer-7:A001',
  partner_id: 'dealer-7',
  partner_order_id: 'A001',
  partner_customer_id: 'C101',
  currency: 'EUR',
  ad_user_data_consent_state: 'GRANTED',
  ad_personalization_consent_state: 'GRANTED',
}
const ENVELOPE = {
  userId: 'dealer-7:C101',
  messageId: expect.any(String),
  context: { consent: { categoryPreferences: GRANTED } },
  integrations: { 'Google Ads Conversions': true },
}

describe('Order Completed', () => {
  test('has everything that the purchases say', () => {
    const vehicle = { vin: 'WVWZZZ1KZAW000001', make: 'Make', model: 'Model' }
    const first = bought({
      amount: 44_999.75,
      email: EMAIL,
      phone: PHONE,
      gclid: 'Cj0abc',
      vehicle,
    })
    const second = bought({
      event_id: 'e2',
      amount: 0.5,
      car_model: 'Coupe',
      email: 'x@example.com',
    })
    const [email, phone] = [sha256(EMAIL), sha256(PHONE)]
    const { call, ...decided } = completedCall([first, second], RULES)
    expect(call).toEqual({
      ...ENVELOPE,
      event: 'Order Completed',
      timestamp: '2026-11-19T19:32:00.000Z',
      properties: {
        ...OF_ORDER,
        total: 45_000.25,
        products: [
          {
            product_id: 'WVWZZZ1KZAW000001',
            name: 'SUV',
            brand: 'Make',
            variant: 'Model',
            price: 44_999.75,
            quantity: 1,
          },
          { product_id: 'Coupe', name: 'Coupe', price: 0.5, quantity: 1 },
        ],
        gclid: 'Cj0abc',
        email,
        phone,
      },
      context: { ...ENVELOPE.context, traits: { email, phone } },
    })
    expect(decided).toEqual({
      excluded: null,
      omitted: [],
      clickId: 'gclid',
      value: '45000.25',
      currency: 'EUR',
    })
  })

  test.each([
    [{ email: EMAIL }, { traits: { email: sha256(EMAIL) } }],
    [{ phone: PHONE }, { traits: { phone: sha256(PHONE) } }],
    [{ gbraid: 'Cj0abc' }, {}],
  ])('of %j has the traits of what was sent, and no others', (sent, traits) => {
    expect(completedCall([bought(sent)], RULES).call.context).toEqual({
      ...ENVELOPE.context,
      ...traits,
    })
  })

  test('has the currency and the consent of the partner where the event has none, and none where neither has', () => {
    const partner = { ...STANDARD_PARTNER, currency: 'CHF', consent: GRANTED }
    const event = acceptedEvent(purchase)
    expect(completedCall([event], { ...RULES, partner })).toMatchObject({
      currency: 'CHF',
      call: { properties: { currency: 'CHF', ad_user_data_consent_state: 'GRANTED' } },
    })
    const { call, currency } = completedCall([event], RULES)
    expect([currency, 'currency' in call.properties]).toEqual([null, false])
    expect(call.properties.ad_user_data_consent_state).toBe('DENIED')
  })

  test('says partner_off where Google Ads is switched off for the partner, whatever else excludes it', () => {
    const activation = { ...STANDARD_PARTNER.activation, googleAds: false }
    const partner = { ...STANDARD_PARTNER, activation }
    for (const event of [bought({ gclid: 'Cj0abc' }), bought()])
      expect(completedCall([event], { ...RULES, partner })).toMatchObject({
        excluded: 'partner_off',
        call: { integrations: { 'Google Ads Conversions': false } },
      })
  })
})

test('Order Updated has the value of the order from now on, and the customer of its conversion', () => {
  const { call, ...decided } = updatedCall(
    revoked({ amount: 5 }),
    TOLD,
    '44995.25',
    'unused',
    RULES,
  )
  expect(call).toEqual({
    ...ENVELOPE,
    event: 'Order Updated',
    timestamp: '2026-11-20T09:00:00.000Z',
    properties: { ...OF_ORDER, total: 44_995.25 },
  })
  expect(decided).toEqual({
    excluded: null,
    omitted: [],
    clickId: 'gclid',
    value: '44995.25',
    currency: 'EUR',
  })
})

test('a correction has its own currency, and a cancellation that of the order', () => {
  const currencyOf = (cause: CarEvent) => updatedCall(cause, TOLD, '1', LATER, RULES).currency
  expect(currencyOf(bought({ currency: 'USD' }))).toBe('USD')
  expect(currencyOf(acceptedEvent(purchase))).toBe('EUR')
  expect(currencyOf(revoked({ currency: 'USD' }))).toBe('EUR')
})

test.each([
  ['payment_failed', 'Order Cancelled'],
  ['refund', 'Order Refunded'],
])('a cancellation for %s has the value that is taken back, as %s', (reason, event) => {
  const { call, ...decided } = cancelledCall(revoked({ reason }), TOLD, RULES)
  expect(call).toEqual({
    ...ENVELOPE,
    event,
    timestamp: '2026-11-20T09:00:00.000Z',
    properties: {
      ...OF_ORDER,
      total: 45_000.25,
      products: [{ product_id: 'Hatch', name: 'Hatch', quantity: 1 }],
    },
  })
  expect(decided).toEqual({
    excluded: null,
    omitted: [],
    clickId: 'gclid',
    value: '0',
    currency: 'EUR',
  })
})

const PERSONAL = ['jane@example.com', 'for Jane <jane@example.com>', '+49 151 12345678']
const PLACES = ['car_model', 'reason', 'order_id', 'vehicle_vin', 'email', 'phone'] as const

test.each(PERSONAL.flatMap((text) => PLACES.map((place) => [text, place] as const)))(
  'an adjustment does not tell Segment of %j that stands in %s',
  (text, place) => {
    const event = { ...revoked({ amount: 5 }), [place]: text }
    for (const { call } of [
      cancelledCall(event, TOLD, RULES),
      updatedCall(event, TOLD, '1', LATER, RULES),
    ]) {
      expect(JSON.stringify(call)).not.toMatch(/jane|151/i)
      expect(planViolation(call)).toBeNull()
    }
  },
)

const IDENTIFIED = { partner_id: 'p', order_id: 'o', event_id: 'e', content_hash: 'h' }
type Identified = typeof IDENTIFIED & { readonly toldAt: string; readonly namespace: string }
const ALL: Identified = { ...IDENTIFIED, toldAt: 't', namespace: 'n' }
const OF_ONE_ORDER = ['partner_id', 'order_id', 'namespace']

describe.each<[name: string, idOf: (from: Identified) => string, parts: readonly string[]]>([
  ['completed', (one) => completedMessageId(one, one.namespace), OF_ONE_ORDER],
  ['cancelled', (one) => cancelledMessageId(one, one.namespace), OF_ONE_ORDER],
  ['updated', (one) => updatedMessageId(one, one.toldAt, one.namespace), Object.keys(ALL)],
])('the message id of a call that is %s', (name, idOf, parts) => {
  test.each(Object.keys(ALL))('depends on %s as it should', (part) => {
    expect(idOf({ ...ALL, [part]: 'other' }) !== idOf(ALL)).toBe(parts.includes(part))
  })

  test('has at most the 100 characters that Segment takes', () => {
    const id = idOf({ ...ALL, order_id: 'o'.repeat(500), namespace: 'n'.repeat(32) })
    expect(id).toMatch(new RegExp(`^n{32}:[0-9a-f]{32}:${name}$`))
    expect(id.length).toBeLessThanOrEqual(100)
  })
})

test('the id of a call is what it was in every earlier version, since Segment takes a call with another id again', () => {
  const order = { partner_id: 'dealer-7', order_id: 'A001' }
  const event = { ...order, event_id: 'p1', content_hash: '0a1b' }
  const toldAt = '2026-11-19T19:32:00.000Z'
  expect([
    completedMessageId(order, 'prod'),
    updatedMessageId(event, toldAt, 'prod'),
    cancelledMessageId(order, 'prod'),
  ]).toEqual([
    'prod:dbaca8f8e29455064ddac182d7412ca4:completed',
    'prod:2043ff252ba434b820a8c937c3aff7d6:updated',
    'prod:dbaca8f8e29455064ddac182d7412ca4:cancelled',
  ])
})
