// The consent of the buyer, as it is stamped on every call. Pure.

import type { CarEvent } from '#contracts/event/parse'
import { type ActivationSettings, GOOGLE_CATEGORIES } from '#runtime/partners/activation'

export type Consent = Readonly<Record<string, boolean>>

export const DENIED: Consent = { ad_user_data: false, ad_personalization: false }
export const GRANTED: Consent = { ad_user_data: true, ad_personalization: true }

/**
 * Both categories of Google, and those that the partner sends in addition. Where a category is missing, Segment would send the
 * call to all destinations: it counts as denied.
 * @param standard the default of the partner, for an event that has no consent of its own
 */
export function consentOf({ consent }: Pick<CarEvent, 'consent'>, standard?: Consent): Consent {
  return { ...DENIED, ...(consent ?? standard) }
}

type Given = Pick<CarEvent, 'consent'>

/** The consent of an order of several purchases: a category is granted where every purchase grants it. */
export function consentOfAll(purchases: readonly Given[], standard?: Consent): Consent {
  const all = purchases.map((purchase) => consentOf(purchase, standard))
  if (all.length === 1) return all[0] ?? DENIED
  const categories = [...new Set(all.flatMap((consent) => Object.keys(consent)))]
  const isGrantedByAll = (category: string) => all.every((consent) => consent[category] === true)
  return Object.fromEntries(categories.map((category) => [category, isGrantedByAll(category)]))
}

/**
 * The consent under the category ids of the Segment workspace. An id that stands for several categories is granted where all
 * of them are, and never where the partner denies it by its own name.
 * @param ids of the registry; a category without ids goes by its own name
 */
export function preferencesOf(
  consent: Consent,
  ids: ActivationSettings['consentCategories'],
): Consent {
  const preferences = new Map(Object.entries(consent))
  for (const category of GOOGLE_CATEGORIES) if (ids[category]) preferences.delete(category)
  for (const category of GOOGLE_CATEGORIES)
    for (const id of ids[category] ?? [category])
      preferences.set(id, consent[category] === true && (preferences.get(id) ?? true))
  return Object.fromEntries(preferences)
}

/** Google Ads refuses a conversion where either category is denied. */
export const isGranted = (consent: Consent) =>
  GOOGLE_CATEGORIES.every((category) => consent[category] === true)

/** In the words of Google Ads. */
export const consentStates = (consent: Consent) => ({
  ad_user_data_consent_state: consentState(consent['ad_user_data']),
  ad_personalization_consent_state: consentState(consent['ad_personalization']),
})

const consentState = (isGiven: boolean | undefined): 'GRANTED' | 'DENIED' =>
  isGiven ? 'GRANTED' : 'DENIED'
