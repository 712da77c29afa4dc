// What every call to Segment has: its type, whom and which order it is about, and what was decided of it.

import type { z } from 'zod'
import type { CarEvent } from '#contracts/event/parse'
import type { GoogleAdsReason, Omission } from '#contracts/google-ads'
import type { PartnerSettings } from '#runtime/partners/settings'
import type { ClickIdName } from '../rules/click-id.ts'
import { type Consent, consentStates, preferencesOf } from '../rules/consent.ts'
import { publicId, scopedId, scopeOf } from '../scope.ts'
import type { callSchema } from './schema.ts'

/** A track call by Segment's e-commerce specification, with one user id and without personal data that are not hashed. */
export type ActivationCall = z.output<typeof callSchema>

export type CallRules = {
  /** The prefix of message ids, because Segment deduplicates across all its customers. */
  readonly namespace: string
  /** Of the partner whose order it is. */
  readonly partner: PartnerSettings
}

/** What Segment was told of an order so far: from our activation log. */
export type ToldOrder = {
  /** The partner's own number of the customer. */
  readonly customerId: string
  /** The total that Segment was told last, as exact decimal text. */
  readonly value: string
  readonly currency: string | null
  /** RFC 3339 in UTC: the timestamp of the last call about the order. */
  readonly toldAt: string
  /** Of the conversion, whatever was decided of its adjustments. */
  readonly googleAds: 'intended' | 'excluded'
  /** The click id of the conversion. */
  readonly clickId: ClickIdName | null
}

export type CallDecision = {
  readonly call: ActivationCall
  /** Why the call is excluded from Google Ads; null where it is meant for it. */
  readonly excluded: GoogleAdsReason | null
  readonly omitted: readonly Omission[]
  readonly clickId: ToldOrder['clickId']
  /** The total of the order after this call, as exact decimal text: '0' after a cancellation. */
  readonly value: string
  readonly currency: string | null
}

type Subject = {
  readonly event: Pick<CarEvent, 'partner_id' | 'order_id'>
  readonly customerId: string
  readonly timestampMs: number
  readonly total: string
  readonly currency: string | null
  readonly consent: Consent
  readonly excluded: GoogleAdsReason | null
}

/** The part of a call that is the same whatever its name is; `properties` is to be completed. */
export function envelopeOf(subject: Subject, { partner }: CallRules) {
  const { event, customerId, consent } = subject
  const { consentCategories } = partner.activation
  return {
    userId: scopedId(event.partner_id, customerId),
    timestamp: new Date(subject.timestampMs).toISOString(),
    properties: {
      order_id: scopedId(event.partner_id, event.order_id),
      partner_id: scopeOf(event.partner_id),
      partner_order_id: publicId(event.order_id),
      partner_customer_id: publicId(customerId),
      total: Number(subject.total),
      ...(subject.currency !== null && { currency: subject.currency }),
      ...consentStates(consent),
    },
    context: { consent: { categoryPreferences: preferencesOf(consent, consentCategories) } },
    // A call that Google Ads would refuse is still of use in Segment.
    integrations: { [GOOGLE_ADS]: subject.excluded === null },
  }
}

/** Segment's name of the destination; it is case-sensitive. */
const GOOGLE_ADS = 'Google Ads Conversions'
