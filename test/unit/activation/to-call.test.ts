// What an accepted event becomes at Segment.

import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { toActivation } from '#activation/to-call'
import { type CarEvent, readEvent } from '#contracts'
import { type PartnerSettings, STANDARD_PARTNER } from '#runtime/partners/settings'
import { cancellation, message, PUBLISH_TIME, purchase } from '../../fixtures/messages.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

function read(data: object): CarEvent {
  const reading = readEvent(message(data))
  if (!reading.accepted) throw new Error('rejected')
  return reading.event
}

function sent(data: object, partner?: PartnerSettings) {
  const activation = toActivation(read(data), PUBLISH_TIME, 'test', partner)
  if (activation.held) throw new Error(activation.reason)
  return activation
}

const callOf = (data: object, partner?: PartnerSettings) => sent(data, partner).call

const attributed = {
  ...purchase,
  currency: 'EUR',
  email: ' Jane.Doe+cars@Gmail.com',
  phone: '+49 (151) 1234-5678',
  gclid: 'G1',
  gbraid: 'B1',
  consent: { ad_user_data: true, ad_personalization: true },
  vehicle: { vin: 'VIN1', make: 'Audi', model: 'Q5' },
}

test('a purchase is an Order Completed with hashed identifiers and one click id', () => {
  expect(callOf(attributed)).toEqual({
    messageId: expect.stringMatching(/^test:[0-9a-f]{32}:track$/),
    userId: 'dealer-7:C101',
    event: 'Order Completed',
    timestamp: '2026-11-19T19:32:00.000Z',
    properties: {
      order_id: 'dealer-7:A001',
      partner_id: 'dealer-7',
      partner_order_id: 'A001',
      partner_customer_id: 'C101',
      currency: 'EUR',
      total: 45000,
      products: [
        {
          product_id: 'VIN1',
          name: 'SUV',
          brand: 'Audi',
          variant: 'Q5',
          price: 45000,
          quantity: 1,
        },
      ],
      gclid: 'G1',
      email: sha256('janedoe@gmail.com'),
      phone: sha256('+4915112345678'),
      ad_user_data_consent_state: 'GRANTED',
      ad_personalization_consent_state: 'GRANTED',
    },
    context: {
      consent: { categoryPreferences: { ad_user_data: true, ad_personalization: true } },
    },
    integrations: { 'Google Ads Conversions': true },
  })
})

test('a cancellation is an Order Cancelled without any identifier or free text', () => {
  const call = callOf({
    ...cancellation,
    email: 'jane@example.com',
    phone: '+4915112345678',
    gclid: 'G1',
  })
  expect(call.event).toBe('Order Cancelled')
  expect(Object.keys(call.properties).toSorted()).toEqual([
    'ad_personalization_consent_state',
    'ad_user_data_consent_state',
    'order_id',
    'partner_customer_id',
    'partner_id',
    'partner_order_id',
  ])
})

const CONSENT = { ad_user_data: true, ad_personalization: true }
const attributable = { ...purchase, email: 'jane@example.com', consent: CONSENT }

test.each<[string, object, string | null]>([
  ['with an identifier and consent', attributable, null],
  ['without an identifier', { ...purchase, consent: CONSENT }, 'no_usable_identifier'],
  ['without either', purchase, 'no_usable_identifier'],
  ['with an identifier that is none', { ...attributable, email: 'n/a' }, 'no_usable_identifier'],
  ['without consent', { ...attributable, consent: null }, 'consent_denied'],
  ['with half a consent', { ...attributable, consent: { ad_user_data: true } }, 'consent_denied'],
  [
    'with a denial',
    { ...attributable, consent: { ...CONSENT, ad_user_data: false } },
    'consent_denied',
  ],
])('a purchase %s goes to Segment, and says whether to Google Ads', (_what, data, excluded) => {
  const activation = sent(data)
  expect(activation.excluded).toBe(excluded)
  expect(activation.call.integrations).toEqual({ 'Google Ads Conversions': excluded === null })
})

test('a cancellation is meant for Google Ads without identifiers and consent', () => {
  expect(sent(cancellation).excluded).toBeNull()
  expect(callOf(cancellation).integrations).toEqual({ 'Google Ads Conversions': true })
})

test('what is left out is named without its value', () => {
  const data = { ...attributable, gclid: '{gclid}', phone: '0151 23456789' }
  expect(sent(data).omitted).toEqual([
    { identifier: 'gclid', reason: 'template' },
    { identifier: 'phone', reason: 'country_unknown' },
  ])
})

const dealer: PartnerSettings = {
  ...STANDARD_PARTNER,
  country: 'DE',
  currency: 'EUR',
  consent: CONSENT,
}

test("a partner's defaults apply to what the event does not say", () => {
  const { properties, context } = callOf({ ...purchase, phone: '0151 23456789' }, dealer)
  expect(properties).toMatchObject({ currency: 'EUR', phone: sha256('+4915123456789') })
  expect(context.consent.categoryPreferences).toEqual(CONSENT)
})

test("a partner's defaults change nothing that the event says", () => {
  const said = { currency: 'USD', phone: '+39 06 6981 2345', consent: { ad_user_data: true } }
  const { properties, context } = callOf({ ...purchase, ...said }, dealer)
  expect(properties).toMatchObject({ currency: 'USD', phone: sha256('+390669812345') })
  const consent = { ad_user_data: true, ad_personalization: false }
  expect(context.consent.categoryPreferences).toEqual(consent)
})

test("a partner's default consent does not become a cancellation's identifier", () => {
  const call = callOf({ ...cancellation, email: 'jane@example.com' }, dealer)
  expect(call.properties).not.toHaveProperty('email')
})

test('consent is stamped, and false where the partner says nothing', () => {
  expect(callOf(purchase).context.consent.categoryPreferences).toEqual({
    ad_user_data: false,
    ad_personalization: false,
  })
})

test('the message id is the same on every attempt, apart for each event, and at most 100 characters', () => {
  const long = { ...purchase, event_id: 'e'.repeat(256), partner_id: 'p'.repeat(256) }
  expect(callOf(long).messageId).toBe(callOf(long).messageId)
  expect(callOf(long).messageId).not.toBe(callOf({ ...long, event_id: 'other' }).messageId)
  expect(callOf(long).messageId.length).toBeLessThanOrEqual(100)
})

test.each([
  ['purchase', purchase, '2026-08-22T10:00:00Z', false],
  ['purchase', purchase, '2026-08-22T09:59:59Z', true],
  ['cancellation', cancellation, '2026-09-27T10:00:00Z', false],
  ['cancellation', cancellation, '2026-09-27T09:59:59Z', true],
])('a %s of its window is held back only outside it (%#)', (_type, data, timestamp, isHeld) => {
  const activation = toActivation(read({ ...data, timestamp }), PUBLISH_TIME, 'test')
  expect(activation.held).toBe(isHeld)
})

test.each([
  { amount: 500 },
  { partial: true },
  { amount: 500, partial: true },
  { amount: 500, partial: null },
  { amount: 45_000 },
  { amount: 0.000000001 },
  { amount: 1e20 },
  { partial: true, timestamp: '2026-01-01T00:00:00Z' },
  { amount: 500, event_id: 'e1', currency: 'EUR' },
  { amount: null, partial: true },
])('a cancellation of a part, such as %j, is held back and retracts nothing', (fields) => {
  const activation = toActivation(read({ ...cancellation, ...fields }), PUBLISH_TIME, 'test')
  expect(activation).toEqual({ held: true, reason: 'partial_cancellation' })
})

test.each([{}, { partial: false }, { partial: false, amount: 500 }, { amount: null }])(
  'a cancellation of a whole order, such as %j, is sent',
  (fields) => {
    expect(callOf({ ...cancellation, ...fields })).toMatchObject({ event: 'Order Cancelled' })
  },
)
