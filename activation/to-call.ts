// Makes the Segment call of an accepted event, or decides why the event is held back.

import { digest } from '#contracts/digest'
import { identityOf } from '#contracts/event/identity'
import type { CarEvent } from '#contracts/event/parse'
import type { GoogleAdsReason, Omission } from '#contracts/google-ads'
import type { NotActivatedReason } from '#contracts/sink-reasons'
import { type PartnerSettings, STANDARD_PARTNER } from '#runtime/partners/settings'
import type { ActivationCall, CallRules } from './calls/call.ts'
import { cancelledCall } from './calls/cancelled.ts'
import { completedCall } from './calls/completed.ts'
import { isTooOld } from './rules/window.ts'

export type { ActivationCall } from './calls/call.ts'

export type Activation =
  | {
      readonly held: false
      readonly call: ActivationCall
      /** Why the event is excluded from Google Ads; null where it is meant for it. */
      readonly excluded: GoogleAdsReason | null
      readonly omitted: readonly Omission[]
    }
  | { readonly held: true; readonly reason: NotActivatedReason }

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
  const rules = { namespace, partner }
  const decided =
    event.type === 'purchase' ? completedCall([event], rules) : retraction(event, rules)
  const call = { ...decided.call, messageId: segmentMessageId(event, namespace) }
  return { held: false, call, excluded: decided.excluded, omitted: decided.omitted }
}

/** Without knowing what Segment was told of the order. */
function retraction(event: CarEvent, rules: CallRules) {
  const cause = { ...event, consent: event.consent ?? rules.partner.consent ?? {} }
  return cancelledCall(cause, { ...UNTOLD, customerId: event.customer_id }, rules)
}

const UNTOLD = {
  value: '0',
  currency: null,
  toldAt: '1970-01-01T00:00:00Z',
  googleAds: 'intended',
  clickId: null,
} as const

/** At most 100 characters, the same on every attempt, and different for every identity: all versions of an event have the same. */
export function segmentMessageId(event: CarEvent, namespace: string): string {
  return `${namespace}:${digest(identityOf(event))}:track`
}
