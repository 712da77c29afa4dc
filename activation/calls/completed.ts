// The call of a purchase: `Order Completed`, which Google Ads takes as one conversion. Pure.

import { digest } from '#contracts/digest'
import type { CarEvent } from '#contracts/event/parse'
import { sumOf } from '#contracts/event/sum'
import type { GoogleAdsReason } from '#contracts/google-ads'
import { type Consent, consentOfAll } from '../rules/consent.ts'
import { exclusionOf } from '../rules/google-ads.ts'
import { type Identifiers, identifiersOf } from '../rules/identifiers.ts'
import { type CallDecision, type CallRules, envelopeOf, type ToldOrder } from './call.ts'

/** At most 100 characters, and one for an order: on every attempt, redrive and redelivery, and for all its purchases. */
export const completedMessageId = (
  { partner_id, order_id }: Pick<CarEvent, 'partner_id' | 'order_id'>,
  namespace: string,
) => `${namespace}:${digest([partner_id, order_id])}:completed`

/**
 * One call for all purchases of one order, such as three cars: their exact sum, and each as a product. The first one gives the
 * customer, the timestamp, the identifiers and the currency. Consent is granted where all of them grant it.
 * @param purchases of one partner and order, each with an amount, without duplicates
 */
export function completedCall(
  purchases: readonly [CarEvent, ...CarEvent[]],
  rules: CallRules,
): CallDecision {
  const [first] = purchases
  const { partner, namespace } = rules
  const identifiers = identifiersOf(first, partner.country)
  const consent = consentOfAll(purchases, partner.consent)
  const { total, currency, areMixed } = paidFor(purchases, partner.currency)
  const excluded = partner.activation.googleAds
    ? exclusionOfOrder(first, identifiers, { consent, areMixed })
    : 'partner_off'
  const subject = {
    event: first,
    customerId: first.customer_id,
    timestampMs: Date.parse(first.timestamp),
    total,
    currency,
    consent,
    excluded,
  }
  const { userId, timestamp, properties, context, integrations } = envelopeOf(subject, rules)
  const products = purchases.map(productOf)
  const { usable, omitted } = identifiers
  return {
    call: {
      messageId: completedMessageId(first, namespace),
      userId,
      event: 'Order Completed',
      timestamp,
      properties: { ...properties, products, ...usable },
      context: { ...context, ...traitsOf(identifiers) },
      integrations,
    },
    excluded,
    omitted,
    clickId: clickIdOf(identifiers),
    value: total,
    currency,
  }
}

function exclusionOfOrder(
  first: CarEvent,
  identifiers: Identifiers,
  { consent, areMixed }: { readonly consent: Consent; readonly areMixed: boolean },
): GoogleAdsReason | null {
  return exclusionOf(first, identifiers, consent) ?? (areMixed ? 'currencies_differ' : null)
}

function paidFor(purchases: readonly CarEvent[], standard: string | undefined) {
  const currencies = purchases.map(({ currency }) => currency ?? standard ?? null)
  const currency = currencies[0] ?? null
  const alike = purchases.filter((_, at) => currencies[at] === currency)
  const total = sumOf(alike.map(({ amount }) => amount ?? '0'))
  return { total, currency, areMixed: alike.length < purchases.length }
}

function productOf(event: CarEvent) {
  return {
    product_id: event.vehicle_vin ?? event.car_model,
    name: event.car_model,
    ...(event.vehicle_make && { brand: event.vehicle_make }),
    ...(event.vehicle_model && { variant: event.vehicle_model }),
    price: Number(event.amount),
    quantity: 1,
  }
}

/** Segment knows a person by the traits; the defaults of the Google Ads destination read the properties first. */
function traitsOf({ usable: { email, phone } }: Identifiers) {
  if (email === undefined && phone === undefined) return {}
  const traits = { ...(email !== undefined && { email }), ...(phone !== undefined && { phone }) }
  return { traits }
}

function clickIdOf({ usable }: Identifiers): ToldOrder['clickId'] {
  if (usable.gclid !== undefined) return 'gclid'
  if (usable.gbraid !== undefined) return 'gbraid'
  return usable.wbraid === undefined ? null : 'wbraid'
}
