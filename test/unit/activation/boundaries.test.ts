// What is right at a limit of the rules, and one beyond it; and which of two reasons or settings counts.

import { expect, test } from '@jest/globals'
import type { ToldOrder } from '#activation/calls/call'
import { cancelledCall } from '#activation/calls/cancelled'
import { planViolation } from '#activation/calls/plan-violation'
import { readClickId } from '#activation/rules/click-id'
import { consentOf } from '#activation/rules/consent'
import { readEmail } from '#activation/rules/email'
import { readPhone } from '#activation/rules/phone'
import { isTooOld } from '#activation/rules/window'
import { publicId, scopeOf } from '#activation/scope'
import { readEvent } from '#contracts'
import { STANDARD_PARTNER } from '#runtime/partners/settings'
import { fullAt } from '../../../activities/activation/collector.ts'
import { cancellation, message } from '../../fixtures/messages.ts'

const reading = readEvent(message(cancellation))
const RULES = { namespace: 'test', partner: STANDARD_PARTNER }
const TOLD: ToldOrder = {
  customerId: 'C1',
  value: '10',
  currency: 'EUR',
  toldAt: '2026-11-19T00:00:00.000Z',
  googleAds: 'intended',
  clickId: null,
}
function adjusted(order: Partial<ToldOrder> = {}) {
  if (!reading.accepted) throw new Error('the event of the test is rejected')
  return cancelledCall(reading.event, { ...TOLD, ...order }, RULES)
}

const domainOf = (length: number) => `${'a.'.repeat(length).slice(0, length - 4)}.com`

test.each([
  ['a local part of 64 characters', `${'a'.repeat(64)}@example.com`, true],
  ['a local part of 65', `${'a'.repeat(65)}@example.com`, false],
  ['a domain of 255 characters', `a@b${domainOf(254)}`, true],
  ['a domain of 256', `a@b${domainOf(255)}`, false],
])('an e-mail address with %s: %p', (_, address, ok) => {
  expect(readEmail(address.replace('..', '.b')).ok).toBe(ok)
})

test('a phone number has at most 100 characters', () => {
  const padded = (length: number) => '+49151'.padEnd(length - 8, ' ') + '23456789'
  expect([100, 101].map((length) => readPhone(padded(length), undefined).ok)).toEqual([true, false])
})

test.each(['&x=1', '#part', '?x=1'])('the click id ends in front of %j', (rest) => {
  expect(readClickId('gclid', `Cj0abc${rest}`)).toEqual({ ok: true, value: 'Cj0abc' })
})

const DAY_MS = 24 * 60 * 60 * 1000
const BOUGHT = Date.parse('2026-01-01T00:00:00Z')

test.each([
  ['purchase', 90],
  ['cancellation', 54],
] as const)('a %s is taken for exactly %d days', (type, days) => {
  const after = (ms: number) =>
    isTooOld({ type, timestamp: new Date(BOUGHT).toISOString() }, new Date(ms).toISOString())
  expect([after(BOUGHT + days * DAY_MS), after(BOUGHT + days * DAY_MS + 1)]).toEqual([false, true])
})

test.each([
  [{ googleAds: 'intended', clickId: 'gclid' }, null],
  [{ googleAds: 'intended', clickId: 'wbraid' }, 'wbraid_not_adjustable'],
  [{ googleAds: 'excluded', clickId: 'gclid' }, 'order_excluded'],
  [{ googleAds: 'excluded', clickId: 'wbraid' }, 'order_excluded'],
] as const)('an adjustment of %j is excluded for %p', (order, reason) => {
  expect(adjusted(order).excluded).toBe(reason)
})

test.each([
  [-0.01, 'properties.total too_small'],
  [0, null],
  [Number.NaN, 'properties.total invalid_type'],
])('a total of %p: %p', (total, violation) => {
  const { call } = adjusted()
  const { properties, ...rest } = call
  expect(planViolation(Object({ ...rest, properties: { ...properties, total } }))).toBe(violation)
})

test('a default of the partner counts only where the event has no consent at all', () => {
  const standard = { ad_user_data: true, ad_personalization: true, own: true }
  expect(consentOf({ consent: null }, standard)).toEqual(standard)
  expect(consentOf({ consent: { ad_user_data: true } }, standard)).toEqual({
    ad_user_data: true,
    ad_personalization: false,
  })
})

test.each([publicId, scopeOf])(
  'what looks like a stand-in gets one, so that two never meet',
  (of) => {
    const standIn = of('jane@example.com')
    expect(standIn).toMatch(/^hidden-[0-9a-f]{32}$/)
    expect(of(standIn)).toMatch(/^hidden-[0-9a-f]{32}$/)
    expect(of(standIn)).not.toBe(standIn)
  },
)

test.each([
  [[[1]], false],
  [[[1], [2]], true],
  [[[1, 2]], false],
  [[[1, 2, 3]], true],
])('of at most two lists and three items, %j is full: %p', (lists, isFull) => {
  expect(fullAt(2, 3)(lists)).toBe(isFull)
})
