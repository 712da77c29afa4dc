// Contract v1 in zod: the fields of a purchase and a cancellation, one reason code for every rule.

import { z } from 'zod'
import { MAX_TEXT } from '../limits.ts'
import { CURRENCIES } from './currencies.ts'
import { numeral, writeJson } from './json.ts'
import { toMoney } from './money.ts'
import { toUtcMicros } from './timestamp.ts'

/** A click id, a free-text reason or an e-mail address may be longer than an id. */
const MAX_LONG_TEXT = 1024

type Issue = { readonly input?: unknown }

const isAbsent = (issue: Issue) => issue.input === undefined || issue.input === null

const text = (field: string, max = MAX_TEXT) =>
  z
    .string({ error: (issue) => (isAbsent(issue) ? `${field}_missing` : `${field}_not_a_string`) })
    .max(max, { error: `${field}_too_long`, abort: true })
    .regex(/\S/, `${field}_empty`)

/** The schema of an id, for the ids of a rejected event. */
export const anyId = text('id')

/** A partner's `null` means the same as an absent field. */
const optional = <T extends z.ZodType>(schema: T) => schema.nullish()

const amount = z
  .unknown()
  .meta({ type: 'number', exclusiveMinimum: 0, description: 'At most nine decimals.' })
  .transform((value, context) => {
    const money = value === undefined || value === null ? null : toMoney(numeral(value) ?? '')
    if (money?.ok) return money.decimal
    context.addIssue({ code: 'custom', message: money?.reason ?? 'amount_missing', input: value })
    return z.NEVER
  })

const timestamp = text('timestamp')
  .meta({ format: 'date-time', description: 'RFC 3339 with any offset.' })
  .transform((value, context) => {
    const micros = toUtcMicros(value)
    if (micros !== null) return micros
    context.addIssue({ code: 'custom', message: 'timestamp_malformed', input: value })
    return z.NEVER
  })

const currency = z
  .string('currency_not_a_string')
  .refine((code) => CURRENCIES.has(code), 'currency_unknown')

/** At most this many invalid categories are named: an object has room for a hundred thousand. */
const MAX_CONSENT_VIOLATIONS = 10

/** Written by hand, since zod would make an issue for every invalid category. */
const consent = z
  .unknown()
  .meta({
    type: 'object',
    propertyNames: { type: 'string', maxLength: MAX_TEXT },
    additionalProperties: { type: 'boolean' },
  })
  .transform((value, context) => {
    if (!isConsent(value)) {
      context.addIssue({ code: 'custom', message: 'consent_not_an_object', input: value })
      return z.NEVER
    }
    for (const { category, message } of consentViolations(value))
      context.addIssue({ code: 'custom', message, path: [category] })
    return value
  })

const isConsent = (value: unknown): value is Record<string, boolean> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && numeral(value) === null

function consentViolations(categories: Readonly<Record<string, unknown>>) {
  const violations: { readonly category: string; readonly message: string }[] = []
  for (const category in categories) {
    if (violations.length === MAX_CONSENT_VIOLATIONS) break
    if (isTooLong(category)) violations.push({ category, message: 'consent_key_too_long' })
    else if (typeof categories[category] !== 'boolean')
      violations.push({ category, message: 'consent_not_a_boolean' })
  }
  return violations
}

const shortKey = z.string().max(MAX_TEXT)

const isTooLong = (key: string) => key.length > MAX_TEXT && !shortKey.safeParse(key).success

const vehicleObject = z.looseObject(
  {
    vin: optional(text('vehicle_vin')),
    make: optional(text('vehicle_make')),
    model: optional(text('vehicle_model')),
    year: optional(
      z
        .number({ error: 'vehicle_year_not_an_integer' })
        .int('vehicle_year_not_an_integer')
        .min(1886, 'vehicle_year_out_of_range')
        .max(2100, 'vehicle_year_out_of_range'),
    ),
  },
  { error: 'vehicle_not_an_object' },
)

/** A number with its exact digits is an object here, and must not be accepted as an object. */
const vehicle = z.preprocess((value) => numeral(value) ?? value, vehicleObject)

const versionText = z
  .string()
  .max(MAX_TEXT, { error: 'schema_version_malformed', abort: true })
  .regex(/\S/, 'schema_version_malformed')

const schemaVersion = z
  .union([versionText, z.int()], { error: 'schema_version_malformed' })
  .transform(String)

const common = {
  order_id: text('order_id'),
  customer_id: text('customer_id'),
  car_model: text('car_model'),
  timestamp,
  event_id: optional(text('event_id')),
  partner_id: optional(text('partner_id')),
  currency: optional(currency),
  email: optional(text('email', MAX_LONG_TEXT)),
  phone: optional(text('phone')),
  gclid: optional(text('gclid', MAX_LONG_TEXT)),
  gbraid: optional(text('gbraid', MAX_LONG_TEXT)),
  wbraid: optional(text('wbraid', MAX_LONG_TEXT)),
  consent: optional(consent),
  vehicle: optional(vehicle),
  schema_version: optional(schemaVersion),
}

export const purchaseSchema = z
  .looseObject({ type: z.literal('purchase'), amount, ...common })
  .meta({ title: 'purchase' })

export const cancellationSchema = z
  .looseObject({
    type: z.literal('cancellation'),
    reason: text('reason', MAX_LONG_TEXT),
    ...common,
  })
  .meta({ title: 'cancellation' })

/** An event by contract v1. The message of every issue is a reason code of `contracts/reasons.ts`. */
export const eventSchema = z.discriminatedUnion('type', [purchaseSchema, cancellationSchema], {
  error: (issue) => typeViolation(issue.input),
})

export type ParsedEvent = z.output<typeof eventSchema>

const KNOWN = {
  purchase: new Set(Object.keys(purchaseSchema.shape)),
  cancellation: new Set(Object.keys(cancellationSchema.shape)),
}
const KNOWN_OF_VEHICLE = new Set(Object.keys(vehicleObject.shape))

/** Every field that the contract does not name, as JSON text; null where there is none. */
export function additionalProperties(event: ParsedEvent): string | null {
  const unknown = without(event, KNOWN[event.type])
  const ofVehicle = event.vehicle ? without(event.vehicle, KNOWN_OF_VEHICLE) : {}
  if (Object.keys(ofVehicle).length > 0) unknown['vehicle'] = ofVehicle
  return Object.keys(unknown).length > 0 ? writeJson(unknown) : null
}

function without(fields: Record<string, unknown>, known: ReadonlySet<string>) {
  const others: Record<string, unknown> = {}
  for (const name of Object.keys(fields)) if (!known.has(name)) others[name] = fields[name]
  return others
}

function typeViolation(input: unknown): string {
  const type = typeof input === 'object' && input !== null ? Reflect.get(input, 'type') : undefined
  if (type === undefined || type === null) return 'type_missing'
  return typeof type === 'string' ? 'type_unknown' : 'type_not_a_string'
}
