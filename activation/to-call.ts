// Makes the Segment call of an accepted event, or decides why the event is held back.

import { hash } from 'node:crypto'
import { digest } from '#contracts/digest'
import { identityOf } from '#contracts/event/identity'
import type { CarEvent } from '#contracts/event/parse'
import { ADS_WINDOW_DAYS } from '#contracts/limits'
import type { NotActivatedReason } from '#contracts/sink-reasons'

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
  | { readonly held: false; readonly call: ActivationCall }
  | { readonly held: true; readonly reason: NotActivatedReason }

const DAY_MS = 24 * 60 * 60 * 1000

/** Segment's name of the destination; it is case-sensitive. */
const GOOGLE_ADS = 'Google Ads Conversions'

/**
 * @param publishTime when the message was published: the age of the event is measured from it, so that a retry decides the same
 * @param namespace the prefix of message ids, because Segment deduplicates across all its customers
 */
export function toActivation(event: CarEvent, publishTime: string, namespace: string): Activation {
  if (event.partial) return { held: true, reason: 'partial_cancellation' }
  const age = Date.parse(publishTime) - Date.parse(event.timestamp)
  if (age > ADS_WINDOW_DAYS[event.type] * DAY_MS)
    return { held: true, reason: 'outside_ads_window' }
  return { held: false, call: toCall(event, namespace) }
}

/** At most 100 characters, the same on every attempt, and different for every partner, type and event id. */
export function segmentMessageId(event: CarEvent, namespace: string): string {
  return `${namespace}:${digest(identityOf(event))}:track`
}

function toCall(event: CarEvent, namespace: string): ActivationCall {
  const isPurchase = event.type === 'purchase'
  const identifiers = isPurchase ? identifiersOf(event) : {}
  return {
    messageId: segmentMessageId(event, namespace),
    userId: event.customer_id,
    event: isPurchase ? 'Order Completed' : 'Order Cancelled',
    timestamp: new Date(event.timestamp).toISOString(),
    properties: {
      order_id: event.order_id,
      ...(event.currency && { currency: event.currency }),
      ...(isPurchase && purchaseProperties(event)),
      ...identifiers,
      ...consentStates(event),
    },
    context: { consent: { categoryPreferences: preferences(event) } },
    // A purchase without identifiers is of use in Segment, and an error in Google Ads.
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
 * One click id, because Google refuses two, and hashed contact data. A cancellation has no identifiers: Google takes them in
 * enhancements only, and never in a retraction.
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

/** True for a text with one @, no white space, and a dot within the domain. */
function isAddress(text: string): boolean {
  const at = text.indexOf('@')
  if (at < 1 || at !== text.lastIndexOf('@') || /\s/.test(text)) return false
  return text
    .slice(at + 1)
    .slice(1, -1)
    .includes('.')
}

const GMAIL = new Set(['gmail.com', 'googlemail.com'])

/** SHA-256 of the address as Google normalises it, or null where it is not an address: Google would refuse the whole conversion. */
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

/** SHA-256 of the number in E.164, or null where its country is not known. */
export function hashedPhone(phone: string | null): string | null {
  const number = (phone ?? '').replace(/[\s().\-/]/g, '').replace(/^00/, '+')
  return E164.test(number) ? sha256(number) : null
}

const sha256 = (text: string) => hash('sha256', text, 'hex')

/** Always both categories, and false unless the partner says true: where a category is missing, Segment sends the call to all destinations. */
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
