// The consent of the buyer, as it is stamped on every call. Pure.

import type { CarEvent } from '#contracts/event/parse'

export type Consent = Readonly<Record<string, boolean>>

/** The categories that Google Ads asks for. */
const GOOGLE_CATEGORIES = ['ad_user_data', 'ad_personalization'] as const

const DENIED: Consent = { ad_user_data: false, ad_personalization: false }

/**
 * Both categories of Google, and those that the partner sends in addition. Where a category is missing, Segment would send the
 * call to all destinations: it counts as denied.
 * @param standard the default of the partner, for an event that has no consent of its own
 */
export function consentOf({ consent }: Pick<CarEvent, 'consent'>, standard?: Consent): Consent {
  return { ...DENIED, ...(consent ?? standard) }
}

/** Google Ads refuses a conversion where either category is denied. */
export const isGranted = (consent: Consent) =>
  GOOGLE_CATEGORIES.every((category) => consent[category] === true)

/** In the words of Google Ads. */
export const consentStates = (consent: Consent) => ({
  ad_user_data_consent_state: consentState(consent['ad_user_data']),
  ad_personalization_consent_state: consentState(consent['ad_personalization']),
})

const consentState = (isGiven: boolean | undefined) => (isGiven ? 'GRANTED' : 'DENIED')
