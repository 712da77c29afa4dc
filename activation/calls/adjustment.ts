// What the calls have in common that adjust a conversion: they carry no identifier, and come later than the call before. Pure.

import type { CarEvent } from '#contracts/event/parse'
import { microsSinceEpoch } from '#contracts/event/timestamp'
import type { GoogleAdsReason } from '#contracts/google-ads'
import { type Consent, consentOf, GRANTED } from '../rules/consent.ts'
import { type CallRules, envelopeOf, type ToldOrder } from './call.ts'

type Adjustment = {
  readonly cause: CarEvent
  readonly order: ToldOrder
  /** When the order changed: RFC 3339. */
  readonly changedAt: string
  readonly total: string
  readonly currency: string | null
}

export function adjustmentOf(adjustment: Adjustment, rules: CallRules) {
  const { cause, order, changedAt, total, currency } = adjustment
  const excluded = exclusionOfAdjustment(order)
  const consent = consentOfAdjustment(cause, order, rules.partner.consent)
  const timestampMs = Math.max(Date.parse(changedAt), earliest(order.toldAt))
  const subject = { event: cause, customerId: order.customerId, timestampMs }
  const envelope = envelopeOf({ ...subject, total, currency, consent, excluded }, rules)
  return { envelope, excluded, omitted: [], clickId: order.clickId, currency }
}

function exclusionOfAdjustment({ googleAds, clickId }: ToldOrder): GoogleAdsReason | null {
  if (googleAds === 'excluded') return 'order_excluded'
  return clickId === 'wbraid' ? 'wbraid_not_adjustable' : null
}

/**
 * What the event itself says. Otherwise that of the order: it was meant for Google Ads only where both categories were granted,
 * and Segment would hold back the adjustment of such an order under a consent that is denied.
 */
function consentOfAdjustment(cause: CarEvent, order: ToldOrder, standard?: Consent): Consent {
  if (cause.consent === null && order.googleAds === 'intended') return GRANTED
  return consentOf(cause, standard)
}

/** Google's times have whole seconds, and an adjustment must be later than what it adjusts. */
const LATER_MS = 1000

function earliest(toldAt: string): number {
  const micros = microsSinceEpoch(toldAt)
  return (micros === null ? Date.parse(toldAt) : Math.ceil(micros / 1000)) + LATER_MS
}
