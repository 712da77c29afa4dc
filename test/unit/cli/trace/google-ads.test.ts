// What a trace says about Google Ads.

import { expect, test } from '@jest/globals'
import { googleAdsPart } from '../../../../cli/trace/google-ads.ts'
import { activated } from '../../operations/trace/rows.ts'

test.each<[string | null, string | null, string[], string]>([
  ['intended', null, [], ', meant for Google Ads'],
  ['intended', null, ['gclid_template'], ', meant for Google Ads, left out: gclid_template'],
  [
    'excluded',
    'no_usable_identifier',
    ['phone_unparseable', 'gclid_placeholder'],
    ', not meant for Google Ads: no usable identifier (phone_unparseable, gclid_placeholder)',
  ],
  ['excluded', 'consent_denied', [], ', not meant for Google Ads: consent denied'],
  ['excluded', 'too_old', [], ', not meant for Google Ads: too old'],
  ['excluded', 'a_later_reason', [], ', not meant for Google Ads: a_later_reason'],
  [null, null, [], ''],
])('%s, %s, %j', (google_ads, google_ads_reason, omitted_identifiers, expected) => {
  expect(googleAdsPart(activated({ google_ads, google_ads_reason, omitted_identifiers }))).toBe(
    expected,
  )
})
