// Makes the Segment call of an accepted event, or decides why the event is held back.

import { digest } from '#contracts/digest'
import { identityOf } from '#contracts/event/identity'
import type { CarEvent } from '#contracts/event/parse'
import type { GoogleAdsReason, Omission } from '#contracts/google-ads'
import type { NotActivatedReason } from '#contracts/sink-reasons'
import { type PartnerSettings, STANDARD_PARTNER } from '#runtime/partners/settings'
import { type Consent, consentOf, consentStates } from './rules/consent.ts'
import { exclusionOf } from './rules/google-ads.ts'
import { type Identifiers, identifiersOf } from './rules/identifiers.ts'
import { isTooOld } from './rules/window.ts'
import { scopedId, scopeOf } from './scope.ts'

/** A track call by Segment's e-commerce specification. The partner's customer id is its only identifier that is not hashed. */
export type ActivationCall = {
  readonly messageId: string
  readonly userId: string
  readonly event: 'Order Completed' | 'Order Cancelled'
  /** RFC 3339 with Z: Segment's Google Ads destination fails on any other offset. */
  readonly timestamp: string
  readonly properties: Readonly<Record<string, unknown>>
  readonly context: {
    readonly consent: { readonly categoryPreferences: Readonly<Record<string, boolean>> }
  }
  readonly integrations: Readonly<Record<string, boolean>>
}

export type Activation =
  | {
      readonly held: false
      readonly call: ActivationCall
      /** Why the event is excluded from Google Ads; null where it is meant for it. */
      readonly excluded: GoogleAdsReason | null
      readonly omitted: readonly Omission[]
    }
  | { readonly held: true; readonly reason: NotActivatedReason }

/** Segment's name of the destination; it is case-sensitive. */
const GOOGLE_ADS = 'Google Ads Conversions'

/**
 * @param publishTime when the message was published: the age of the event is measured from it, so that a retry decides the same
 * @param namespace the prefix of message ids, because Segment deduplicates across all its customers
 * @param partner the country of phone numbers, and the currency and consent of an event that has none of its own
 */
export function toActivation(
  event: CarEvent,
  publishTime: string,
  namespace: string,
  partner: PartnerSettings = STANDARD_PARTNER,
): Activation {
  if (event.partial) return { held: true, reason: 'partial_cancellation' }
  if (isTooOld(event, publishTime)) return { held: true, reason: 'outside_ads_window' }
  const identifiers = event.type === 'purchase' ? identifiersOf(event, partner.country) : NONE
  const consent = consentOf(event, partner.consent)
  const excluded = exclusionOf(event, identifiers, consent)
  const currency = event.currency ?? partner.currency ?? null
  const call = toCall({ ...event, currency }, namespace, { identifiers, consent, excluded })
  return { held: false, call, excluded, omitted: identifiers.omitted }
}

/** A cancellation has no identifiers: Google takes them in enhancements only, and never in a retraction. */
const NONE: Identifiers = { usable: {}, omitted: [] }

/** At most 100 characters, the same on every attempt, and different for every identity: all versions of an event have the same. */
export function segmentMessageId(event: CarEvent, namespace: string): string {
  return `${namespace}:${digest(identityOf(event))}:track`
}

type Decided = {
  readonly identifiers: Identifiers
  readonly consent: Consent
  readonly excluded: GoogleAdsReason | null
}

function toCall(
  event: CarEvent,
  namespace: string,
  { identifiers, consent, excluded }: Decided,
): ActivationCall {
  const isPurchase = event.type === 'purchase'
  return {
    messageId: segmentMessageId(event, namespace),
    userId: scopedId(event.partner_id, event.customer_id),
    event: isPurchase ? 'Order Completed' : 'Order Cancelled',
    timestamp: new Date(event.timestamp).toISOString(),
    properties: {
      order_id: scopedId(event.partner_id, event.order_id),
      partner_id: scopeOf(event.partner_id),
      partner_order_id: event.order_id,
      partner_customer_id: event.customer_id,
      ...(event.currency && { currency: event.currency }),
      ...(isPurchase && purchaseProperties(event)),
      ...identifiers.usable,
      ...consentStates(consent),
    },
    context: { consent: { categoryPreferences: consent } },
    // A purchase that Google Ads would refuse is still of use in Segment.
    integrations: { [GOOGLE_ADS]: excluded === null },
  }
}

function purchaseProperties(event: CarEvent) {
  const price = Number(event.amount)
  return {
    total: price,
    products: [
      {
        product_id: event.vehicle_vin ?? event.car_model,
        name: event.car_model,
        ...(event.vehicle_make && { brand: event.vehicle_make }),
        ...(event.vehicle_model && { variant: event.vehicle_model }),
        price,
        quantity: 1,
      },
    ],
  }
}
