// Decides whether an event is meant for Google Ads. Pure.

import type { CarEvent } from '#contracts/event/parse'
import type { GoogleAdsReason } from '#contracts/google-ads'
import { type Consent, isGranted } from './consent.ts'
import type { Identifiers } from './identifiers.ts'

/**
 * Why the event is excluded from Google Ads, or null where it is meant for it. A cancellation needs neither: Google retracts by
 * the number of the order.
 */
export function exclusionOf(
  { type }: Pick<CarEvent, 'type'>,
  { usable }: Identifiers,
  consent: Consent,
): GoogleAdsReason | null {
  if (type === 'cancellation') return null
  if (Object.keys(usable).length === 0) return 'no_usable_identifier'
  return isGranted(consent) ? null : 'consent_denied'
}
