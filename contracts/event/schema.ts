// Contract v1 in zod: the fields of a purchase and a cancellation, one reason code for every rule.

import { z } from 'zod'
import { MAX_TEXT } from '../limits.ts'
import { CURRENCIES } from './currencies.ts'
import { numeral, writeJson } from './json.ts'
import { toMoney } from './money.ts'
import { toUtcMicros } from './timestamp.ts'
import { isBlank, trimmed } from './trim.ts'

/** A click id, a free-text reason or an e-mail address may be longer than an id. */
const MAX_LONG_TEXT = 1024

type Issue = { readonly input?: unknown }

const isAbsent = (issue: Issue) => issue.input === undefined || issue.input === null

const string = (field: string) =>
  z.string({
    error: (issue) => (isAbsent(issue) ? `${field}_missing` : `${field}_not_a_string`),
  })

const text = (field: string, max = MAX_TEXT) =>
  string(field)
    .max(max, { error: `${field}_too_long`, abort: true })
    .regex(/\S/, { error: `${field}_empty`, abort: true })
    .refine((value) => !isBlank(value), `${field}_empty`)

/** An id is the same with and without white space around it. */
const id = (field: string) =>
  string(field)
    .overwrite(trimmed)
    .max(MAX_TEXT, { error: `${field}_too_long`, abort: true })
    .regex(/\S/, `${field}_empty`)

/** The schema of an id, for the ids of a rejected event. */
export const anyId = id('id')

/** A partner's `null` means the same as an absent field. */
const optional = <T extends z.ZodType>(schema: T) => schema.nullish()

const emptyIfBlank = (value: string) => (isBlank(value) ? '' : value)

/** A blank text means the same as an absent field: it is read as an empty one. */
const optionalText = (field: string, max = MAX_TEXT, tidy = emptyIfBlank) =>
  optional(string(field).overwrite(tidy).max(max, `${field}_too_long`))

const optionalId = (field: string, max = MAX_TEXT) => optionalText(field, max, trimmed)

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
  .overwrite(emptyIfBlank)
  .refine((code) => code === '' || CURRENCIES.has(code), 'currency_unknown')

/** At most this many invalid categories are named for each rule: an object has room for a hundred thousand. */
const MAX_OF_EACH_RULE = 10

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

type ConsentViolation = { readonly category: string; readonly message: string }

function consentViolations(categories: Readonly<Record<string, unknown>>): ConsentViolation[] {
  const tooLong: ConsentViolation[] = []
  const notBoolean: ConsentViolation[] = []
  for (const category in categories) {
    if (isTooLong(category)) tooLong.push({ category, message: 'consent_key_too_long' })
    else if (typeof categories[category] !== 'boolean')
      notBoolean.push({ category, message: 'consent_not_a_boolean' })
  }
  return [...tooLong.slice(0, MAX_OF_EACH_RULE), ...notBoolean.slice(0, MAX_OF_EACH_RULE)]
}

const shortKey = z.string().max(MAX_TEXT)

const isTooLong = (key: string) => key.length > MAX_TEXT && !shortKey.safeParse(key).success

const vehicleObject = z.looseObject(
  {
    vin: optionalId('vehicle_vin'),
    make: optionalText('vehicle_make'),
    model: optionalText('vehicle_model'),
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

const versionText = z.string().overwrite(trimmed).max(MAX_TEXT, 'schema_version_malformed')

const schemaVersion = z
  .union([versionText, z.int()], { error: 'schema_version_malformed' })
  .transform(String)

const common = {
  order_id: id('order_id'),
  customer_id: id('customer_id'),
  car_model: text('car_model'),
  timestamp,
  event_id: optionalId('event_id'),
  partner_id: optionalId('partner_id'),
  currency: optional(currency),
  email: optionalText('email', MAX_LONG_TEXT),
  phone: optionalText('phone'),
  gclid: optionalId('gclid', MAX_LONG_TEXT),
  gbraid: optionalId('gbraid', MAX_LONG_TEXT),
  wbraid: optionalId('wbraid', MAX_LONG_TEXT),
  consent: optional(consent),
  vehicle: optional(vehicle),
  schema_version: optional(schemaVersion),
}

const ofPurchase = { amount, ...common }

const ofCancellation = {
  reason: text('reason', MAX_LONG_TEXT),
  amount: optional(amount).describe('What was cancelled of the order, where it is a part of it.'),
  partial: optional(z.boolean('partial_not_a_boolean')).describe(
    'True where a part of the order is cancelled, and false where all of it is, whatever the amount.',
  ),
  ...common,
}

export const purchaseSchema = z
  .looseObject({ type: z.literal('purchase'), ...ofPurchase })
  .meta({ title: 'purchase' })

export const cancellationSchema = z
  .looseObject({ type: z.literal('cancellation'), ...ofCancellation })
  .meta({ title: 'cancellation' })

/** An event by contract v1. The message of every issue is a reason code of `contracts/reasons.ts`. */
export const eventSchema = z.discriminatedUnion('type', [purchaseSchema, cancellationSchema], {
  error: (issue) => typeViolation(issue.input),
})

export type ParsedEvent = z.output<typeof eventSchema>
export type CancellationFields = z.output<typeof cancellationSchema>

const KNOWN = {
  purchase: new Set(Object.keys(purchaseSchema.shape)),
  cancellation: new Set(Object.keys(cancellationSchema.shape)),
}
const KNOWN_OF_VEHICLE = new Set(Object.keys(vehicleObject.shape))

/** The names of all fields of the contract. */
export const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  ...KNOWN.purchase,
  ...KNOWN.cancellation,
  ...KNOWN_OF_VEHICLE,
])

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

const WITHOUT_TYPE = {
  purchase: z.looseObject(ofPurchase),
  cancellation: z.looseObject(ofCancellation),
  unclear: z.looseObject({ ...common, amount: optional(amount) }),
}

/** The rules for an event whose type is not one of ours: those of the type it resembles, or else those that both types have. */
export function schemaWithoutType(fields: Readonly<Record<string, unknown>>) {
  return WITHOUT_TYPE[nearestType(fields)]
}

function nearestType({ type, amount: paid, reason }: Readonly<Record<string, unknown>>) {
  const name = typeof type === 'string' ? trimmed(type.slice(0, MAX_TEXT)).toLowerCase() : ''
  if (name.startsWith('purchase')) return 'purchase'
  if (name.startsWith('cancel')) return 'cancellation'
  const [hasAmount, hasReason] = [paid, reason].map((value) => (value ?? null) !== null)
  if (hasAmount === hasReason) return 'unclear'
  return hasAmount ? 'purchase' : 'cancellation'
}
