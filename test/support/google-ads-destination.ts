// What Segment's destination Google Ads Conversions makes of a call: its mapping, its defaults and its traps, and what Google
// refuses. From the source of the destination, version 2 of its actions.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'

const DESTINATION = 'Google Ads Conversions'

const subscriptionSchema = z.object({
  name: z.string(),
  action: z.enum(['uploadClickConversion2', 'uploadConversionAdjustment2']),
  trigger: z.string(),
  mapping: z.record(z.string(), z.unknown()),
})

export type Subscription = z.output<typeof subscriptionSchema>

export const MAPPING = z
  .object({ destination: z.string(), slug: z.string(), subscriptions: z.array(subscriptionSchema) })
  .parse(JSON.parse(readFileSync('deploy/segment/google-ads-conversions.json', 'utf8')))

export type Sent = {
  readonly event: string
  readonly context: { readonly consent?: unknown }
  readonly integrations: Readonly<Record<string, boolean>>
}

/** The value at a path such as `$.properties.total`. */
export function valueAt(call: unknown, path: string): unknown {
  let value = call
  for (const name of path.split('.').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, name)
  }
  return value
}

/** Every field of a mapping that has a path, and the path. */
export const pathsOf = ({ mapping }: Subscription): [field: string, path: string][] =>
  Object.entries(mapping).flatMap(([field, value]): [string, string][] => {
    const read = pathSchema.safeParse(value)
    return read.success ? [[field, read.data['@path']]] : []
  })

const pathSchema = z.object({ '@path': z.string() })

export const subscriptionsOf = ({ event }: Sent): Subscription[] =>
  MAPPING.subscriptions.filter(({ trigger }) => trigger === `type = "track" and event = "${event}"`)

/**
 * Segment forwards a call without consent, and one whose consent has no categories object; of the categories that the destination
 * is in, each must be granted.
 */
export function isForwarded({ context, integrations }: Sent, categories: readonly string[]) {
  const read = consentSchema.safeParse(context.consent)
  const preferences = read.success ? read.data.categoryPreferences : undefined
  const isGranted =
    preferences === undefined || categories.every((category) => preferences[category] === true)
  return isGranted && integrations[DESTINATION] === true
}

const consentSchema = z.object({ categoryPreferences: z.record(z.string(), z.boolean()) })

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const isHash = (text: string) => /^[0-9a-f]{64}$/i.test(text)

/** Every number is taken for one of the United States, unless it begins with 1. */
export function hashedPhone(phone: string, countryCode = '1'): string {
  if (isHash(phone)) return phone
  const digits = phone.replace(/\D/g, '')
  return sha256(`+${digits.startsWith(countryCode) ? digits : countryCode + digits}`)
}

/** Only the first dot of a Gmail address goes. @throws Error for what is no address: the whole conversion is lost */
export function hashedEmail(email: string): string {
  if (isHash(email)) return email
  const address = email.trim().toLowerCase()
  const [local = '', domain] = address.split('@')
  if (!domain) throw new Error('Email provided doesn’t seem to be in a valid format.')
  const isGmail = domain === 'gmail.com' || domain === 'googlemail.com'
  return sha256(`${isGmail ? local.replace('.', '') : local}@${domain}`)
}

/** A fraction goes only in front of Z. */
export const convertTimestamp = (timestamp: string) =>
  timestamp.replace(/T/, ' ').replace(/(\.\d+)?Z/, '+00:00')

const GOOGLE_TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d$/

/** What Google gets, field by field. */
export type Upload = Readonly<Record<string, unknown>>

/** The call as the only subscription that its name triggers maps it. @throws Error where there is not exactly one */
export function uploadOf(call: Sent): Upload {
  const [subscription, second] = subscriptionsOf(call)
  if (!subscription || second) throw new Error(`not one mapping for ${call.event}`)
  const constants = Object.entries(subscription.mapping).filter(
    ([, value]) => typeof value === 'string',
  )
  const mapped = pathsOf(subscription).map(([field, path]) => [field, valueAt(call, path)] as const)
  return Object.fromEntries(
    [...constants, ...mapped]
      .filter(([, value]) => value !== undefined)
      .map(([field, value]) => [field, converted(field, value)]),
  )
}

function converted(field: string, value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (field === 'email_address') return hashedEmail(value)
  if (field === 'phone_number') return hashedPhone(value)
  return field.endsWith('_timestamp') ? convertTimestamp(value) : value
}

const CLICK_IDS = ['gclid', 'gbraid', 'wbraid']
const USER_DATA = ['email_address', 'phone_number']
const STATES = ['ad_user_data_consent_state', 'ad_personalization_consent_state']

/** Why Google refuses the upload; empty where it takes it. */
export function refusalsOf(upload: Upload): string[] {
  const has = (field: string) => upload[field] !== undefined
  const isAdjustment = has('adjustment_type')
  const time = upload[isAdjustment ? 'adjustment_timestamp' : 'conversion_timestamp']
  return [
    ...(typeof time === 'string' && GOOGLE_TIME.test(time) ? [] : ['INVALID_TIME']),
    ...(has('order_id') ? [] : ['ORDER_ID_MISSING']),
    ...(isAdjustment ? adjustmentRefusals(upload, has) : conversionRefusals(upload, has)),
  ]
}

function conversionRefusals(upload: Upload, has: (field: string) => boolean): string[] {
  const clickIds = CLICK_IDS.filter(has).length
  return [
    ...(clickIds > 1 ? ['GBRAID_WBRAID_BOTH_SET'] : []),
    ...(clickIds === 0 && !USER_DATA.some(has) ? ['NO_IDENTIFIER'] : []),
    ...(STATES.every((state) => upload[state] === 'GRANTED') ? [] : ['CONSENT_DENIED']),
    ...(typeof upload['value'] === 'number' ? [] : ['VALUE_MISSING']),
  ]
}

function adjustmentRefusals(upload: Upload, has: (field: string) => boolean): string[] {
  const isRestatement = upload['adjustment_type'] === 'RESTATEMENT'
  return [
    ...([...USER_DATA, 'user_agent', 'first_name'].some(has) ? ['IDENTIFIER_IN_ADJUSTMENT'] : []),
    ...(has('gclid') ? ['ORDER_ID_AND_GCLID'] : []),
    ...(isRestatement === has('restatement_value') ? [] : ['RESTATEMENT_VALUE']),
  ]
}
