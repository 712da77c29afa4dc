// Breaks a good event in every way the contract names: one kind of fault for each reason code.

import { MAX_DEPTH, MAX_MESSAGE_BYTES, REASONS } from '#contracts'
import type { PartnerEvent } from './valid-events.ts'

type Break = (event: PartnerEvent) => Buffer

const TOO_LONG = 'x'.repeat(1_100)

const json = (event: unknown) => Buffer.from(JSON.stringify(event))
const purchase = (event: PartnerEvent): PartnerEvent => ({
  ...event,
  type: 'purchase',
  amount: 25_000,
})
const cancellation = (event: PartnerEvent): PartnerEvent => ({
  ...event,
  type: 'cancellation',
  reason: 'payment_failed',
})

const withField =
  (name: string, value: unknown, shape: (event: PartnerEvent) => PartnerEvent = purchase): Break =>
  (event) =>
    json({ ...shape(event), [name]: value })

const withText =
  (insert: string): Break =>
  (event) =>
    Buffer.from(JSON.stringify(purchase(event)).replace(/}$/, `,${insert}}`))

const missing = (name: string) => withField(name, undefined, shapeFor(name))
const shapeFor = (name: string) => (name === 'reason' ? cancellation : purchase)

const FORM: Readonly<Record<string, Break>> = {
  empty: () => Buffer.alloc(0),
  too_large: (event) => json({ ...purchase(event), note: 'x'.repeat(MAX_MESSAGE_BYTES) }),
  not_utf8: (event) => Buffer.concat([json(purchase(event)), Buffer.from([0xff, 0xfe])]),
  not_json: (event) => Buffer.from(JSON.stringify(purchase(event)).slice(0, -1)),
  not_an_object: (event) => json([purchase(event)]),
  nested_too_deep: withText(`"deep":${'['.repeat(MAX_DEPTH + 1)}${']'.repeat(MAX_DEPTH + 1)}`),
  duplicate_key: withText('"order_id":"ORD-2"'),
  forbidden_key: withText('"__proto__":{"isAdmin":true}'),
  not_unicode: withText('"note":"\\ud800"'),
}

const FIELDS: Readonly<Record<string, Break>> = {
  type_unknown: withField('type', 'test_drive', (event) => event),
  type_not_a_string: withField('type', 7, (event) => event),
  amount_not_a_number: withField('amount', 'abc'),
  amount_not_positive: withField('amount', -1),
  amount_too_many_decimals: withField('amount', 1.0000000001),
  amount_too_large: withField('amount', 1e30),
  timestamp_malformed: withField('timestamp', '01/11/2025 19:32'),
  timestamp_in_future: withField('timestamp', '2999-01-01T00:00:00Z'),
  timestamp_too_old: withField('timestamp', '2001-01-01T00:00:00Z'),
  currency_unknown: withField('currency', 'XQQ'),
  consent_not_an_object: withField('consent', 'yes'),
  consent_key_too_long: withField('consent', { [TOO_LONG]: true }),
  consent_not_a_boolean: withField('consent', { ad_user_data: 'yes' }),
  partial_not_a_boolean: withField('partial', 'yes', cancellation),
  vehicle_not_an_object: withField('vehicle', 'Golf'),
  vehicle_year_not_an_integer: withField('vehicle', { year: '2024' }),
  vehicle_year_out_of_range: withField('vehicle', { year: 1492 }),
  schema_version_malformed: withField('schema_version', 1.5),
}

/** Reasons of the form `<field>_<fault>` that every text field shares. */
const TEXT_FAULTS: Readonly<Record<string, unknown>> = {
  not_a_string: 42,
  empty: ' ',
  too_long: TOO_LONG,
}

/** Every reason of the contract with a way to earn it. */
export const BREAKS: ReadonlyMap<string, Break> = new Map(
  Object.keys(REASONS).map((reason) => [reason, breakFor(reason)]),
)

function breakFor(reason: string): Break {
  const own = FORM[reason] ?? FIELDS[reason]
  if (own) return own
  const absent = /^(.+)_missing$/.exec(reason)?.[1]
  if (absent) return missing(absent)
  const [, field = '', fault = ''] = /^(.+?)_(not_a_string|empty|too_long)$/.exec(reason) ?? []
  const value = TEXT_FAULTS[fault]
  const inVehicle = /^vehicle_(.+)$/.exec(field)?.[1]
  return inVehicle
    ? withField('vehicle', { [inVehicle]: value })
    : withField(field, value, shapeFor(field))
}
