// What an accepted event becomes at Segment.

import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { hashedEmail, hashedPhone, toActivation } from '#activation/to-call'
import { type CarEvent, readEvent } from '#contracts'
import { cancellation, message, PUBLISH_TIME, purchase } from '../../fixtures/messages.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

function read(data: object): CarEvent {
  const reading = readEvent(message(data))
  if (!reading.accepted) throw new Error('rejected')
  return reading.event
}

function callOf(data: object) {
  const activation = toActivation(read(data), PUBLISH_TIME, 'test')
  if (activation.held) throw new Error(activation.reason)
  return activation.call
}

const attributed = {
  ...purchase,
  currency: 'EUR',
  email: ' Jane.Doe+cars@Gmail.com',
  phone: '+49 (151) 1234-5678',
  gclid: 'G1',
  gbraid: 'B1',
  consent: { ad_user_data: true },
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
      ad_personalization_consent_state: 'DENIED',
    },
    context: {
      consent: { categoryPreferences: { ad_user_data: true, ad_personalization: false } },
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

test('a purchase nobody can attribute goes to Segment, but not to Google Ads', () => {
  expect(callOf(purchase).integrations).toEqual({ 'Google Ads Conversions': false })
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

describe('identifiers', () => {
  test.each([
    ['jane@example.com', 'jane@example.com'],
    ['  JANE@Example.COM ', 'jane@example.com'],
    ['j.a.n.e+x@googlemail.com', 'jane@googlemail.com'],
    ['j.a.n.e+x@example.com', 'j.a.n.e+x@example.com'],
  ])('%s is hashed as %s', (email, normalised) => {
    expect(hashedEmail(email)).toBe(sha256(normalised))
  })

  test.each([null, '', 'jane', 'jane@example', 'a b@example.com'])(
    '%s is no e-mail address',
    (email) => {
      expect(hashedEmail(email)).toBeNull()
    },
  )

  test.each([
    ['+49 151 1234567', '+491511234567'],
    ['0049-151-1234567', '+491511234567'],
    ['+1 (555) 010-9999', '+15550109999'],
  ])('%s is hashed as %s', (phone, e164) => {
    expect(hashedPhone(phone)).toBe(sha256(e164))
  })

  test.each([null, '', '0151 1234567', '+0 123', 'call me'])(
    '%s is no phone number of a known country',
    (phone) => {
      expect(hashedPhone(phone)).toBeNull()
    },
  )
})
