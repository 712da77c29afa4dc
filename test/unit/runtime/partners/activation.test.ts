// The section `activation` of the partner registry.

import { expect, test } from '@jest/globals'
import { STANDARD_ACTIVATION } from '#runtime/partners/activation'
import { parseRegistry } from '#runtime/partners/parse'
import { settingsOf } from '#runtime/partners/settings'

const activationOf = (text: string, partner = 'd') => {
  const parsed = parseRegistry(text)
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'))
  return settingsOf(parsed.registry, partner).activation
}

const DEFAULTS = `
defaults:
  activation:
    enabled: false
    cooling_off_hours: 24
    consent_categories: { ad_user_data: C4 }
`

test.each(['', 'partners: { d: {} }', 'partners: { d: { activation: {} } }'])(
  'without fields, as in %j, it is on, at once and under our own categories',
  (text) => expect(activationOf(text)).toEqual(STANDARD_ACTIVATION),
)

test('a partner has its own fields, and the defaults for the others', () => {
  const own = `${DEFAULTS}partners:
  d:
    activation:
      enabled: true
      google_ads: false
      consent_categories: { ad_personalization: [C5, C6] }
      refund_reasons: [Rückgabe]
`
  expect(activationOf(own)).toEqual({
    enabled: true,
    googleAds: false,
    coolingOffHours: 24,
    consentCategories: { ad_user_data: ['C4'], ad_personalization: ['C5', 'C6'] },
    refundReasons: ['Rückgabe'],
  })
  expect(activationOf(own, 'other')).toMatchObject({ enabled: false, googleAds: true })
})

test('what a partner switches off or empties is not overridden by the defaults', () => {
  const text = `
defaults:
  activation: { enabled: true, google_ads: true, cooling_off_hours: 24, refund_reasons: [back] }
partners:
  d:
    activation: { enabled: false, google_ads: false, cooling_off_hours: 0, refund_reasons: [] }
`
  expect(activationOf(text)).toEqual({
    enabled: false,
    googleAds: false,
    coolingOffHours: 0,
    consentCategories: {},
    refundReasons: [],
  })
})

test('no reason is that of a refund where the list is empty', () => {
  const text = 'partners: { d: { activation: { refund_reasons: [] } } }'
  expect(activationOf(text).refundReasons).toEqual([])
})

test.each([
  ['enabled: "no"', 'enabled must be true or false'],
  ['google_ads: 1', 'google_ads must be true or false'],
  ['cooling_off_hours: 169', 'cooling_off_hours must be a number of hours from 0 to 168'],
  ['cooling_off_hours: -1', 'cooling_off_hours must be a number of hours from 0 to 168'],
  ['cooling_off_hours: 1d', 'cooling_off_hours must be a number of hours from 0 to 168'],
  ['consent_categories: C4', 'consent_categories must be a section with ad_user_data'],
  ['consent_categories: { ad_personalisation: C4 }', 'ad_personalisation is no field'],
  ['consent_categories: { ad_user_data: 4 }', 'ad_user_data must be the id of a category'],
  ['consent_categories: { ad_user_data: [] }', 'ad_user_data must be the id of a category'],
  ['refund_reasons: refund', 'refund_reasons must be a list of texts'],
  ['refund_reasons: [1]', 'refund_reasons.0 must be a text'],
  ['enable: true', 'enable is no field of the registry'],
])('%s is refused, with its line and key', (field, expected) => {
  const parsed = parseRegistry(`partners:\n  d:\n    activation:\n      ${field}\n`)
  const problems = parsed.ok ? '' : parsed.problems.join('\n')
  expect(problems).toMatch(/^line 4: partners\.d\.activation\./)
  expect(problems).toContain(expected)
})
