// The Segment call an accepted event becomes, or why it is held back.

import { hash } from 'node:crypto'
import { digest } from '#contracts/digest'
import { identityOf } from '#contracts/event/identity'
import type { CarEvent } from '#contracts/event/parse'
import { ADS_WINDOW_DAYS } from '#contracts/limits'
import type { NotActivatedReason } from '#contracts/sink-reasons'
import { scopedId, scopeOf } from './scope.ts'

/** A track call in Segment's e-commerce words. Holds no identifier in the clear but the partner's customer id. */
export type ActivationCall = {
  readonly messageId: string
  readonly userId: string
  readonly event: 'Order Completed' | 'Order Cancelled'
  /** RFC 3339, always Z: Segment's Google Ads destination breaks on any other offset. */
  readonly timestamp: string
  readonly properties: Readonly<Record<string, unknown>>
  readonly context: {
    readonly consent: { readonly categoryPreferences: Readonly<Record<string, boolean>> }
  }
  readonly integrations: Readonly<Record<string, boolean>>
}

export type Activation =
  | { readonly held: false; readonly call: ActivationCall }
  | { readonly held: true; readonly reason: NotActivatedReason }

const DAY_MS = 24 * 60 * 60 * 1000

/** Segment's own name of the destination; it is case sensitive. */
const GOOGLE_ADS = 'Google Ads Conversions'

/**
 * @param publishTime of the event's message: age is measured from it, so that a retry decides the same
 * @param namespace sets this pipeline's ids apart, since Segment deduplicates across all its customers
 */
export function toActivation(event: CarEvent, publishTime: string, namespace: string): Activation {
  const age = Date.parse(publishTime) - Date.parse(event.timestamp)
  if (age > ADS_WINDOW_DAYS[event.type] * DAY_MS)
    return { held: true, reason: 'outside_ads_window' }
  return { held: false, call: toCall(event, namespace) }
}

/** At most 100 characters, the same on every attempt, and different for every identity: all versions of an event have the same. */
export function segmentMessageId(event: CarEvent, namespace: string): string {
  return `${namespace}:${digest(identityOf(event))}:track`
}

function toCall(event: CarEvent, namespace: string): ActivationCall {
  const isPurchase = event.type === 'purchase'
  const identifiers = isPurchase ? identifiersOf(event) : {}
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
      ...identifiers,
      ...consentStates(event),
    },
    context: { consent: { categoryPreferences: preferences(event) } },
    // A purchase nobody can attribute is worth having in Segment, and an error in Google Ads.
    integrations: { [GOOGLE_ADS]: !isPurchase || Object.keys(identifiers).length > 0 },
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

/**
 * Exactly one click id, since Google refuses two, and hashed contact data. A cancellation carries none:
 * Google takes identifiers in enhancements only, never in a retraction.
 */
function identifiersOf(event: CarEvent): Record<string, string> {
  const email = hashedEmail(event.email)
  const phone = hashedPhone(event.phone)
  return { ...clickId(event), ...(email && { email }), ...(phone && { phone }) }
}

function clickId({ gclid, gbraid, wbraid }: CarEvent): Record<string, string> {
  if (gclid) return { gclid }
  if (gbraid) return { gbraid }
  return wbraid ? { wbraid } : {}
}

/** One @, no white space, and a dot inside the domain. */
function isAddress(text: string): boolean {
  const at = text.indexOf('@')
  if (at < 1 || at !== text.lastIndexOf('@') || /\s/.test(text)) return false
  return text
    .slice(at + 1)
    .slice(1, -1)
    .includes('.')
}

const GMAIL = new Set(['gmail.com', 'googlemail.com'])

/** SHA-256 of the address as Google normalises it, or null where it is none: one bad address would lose the conversion. */
export function hashedEmail(email: string | null): string | null {
  const address = email?.trim().toLowerCase() ?? ''
  if (!isAddress(address)) return null
  const at = address.lastIndexOf('@')
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)]
  if (!GMAIL.has(domain)) return sha256(address)
  const [mailbox = ''] = local.split('+', 1)
  return sha256(`${mailbox.replaceAll('.', '')}@${domain}`)
}

const E164 = /^\+[1-9]\d{6,14}$/

/** SHA-256 of the number in E.164, or null where its country cannot be known. */
export function hashedPhone(phone: string | null): string | null {
  const number = (phone ?? '').replace(/[\s().\-/]/g, '').replace(/^00/, '+')
  return E164.test(number) ? sha256(number) : null
}

const sha256 = (text: string) => hash('sha256', text, 'hex')

/** Always both, and false unless the partner says true: Segment sends everywhere where consent is missing. */
function preferences(event: CarEvent): Record<string, boolean> {
  return { ad_user_data: false, ad_personalization: false, ...event.consent }
}

function consentStates(event: CarEvent) {
  const consent = preferences(event)
  return {
    ad_user_data_consent_state: consentState(consent['ad_user_data']),
    ad_personalization_consent_state: consentState(consent['ad_personalization']),
  }
}

const consentState = (isGranted: boolean | undefined) => (isGranted ? 'GRANTED' : 'DENIED')
