// Every reason for which validation rejects an event, and what the contract expects instead. Imports only limits.

import {
  MAX_AGE_DAYS,
  MAX_DEPTH,
  MAX_FUTURE_MINUTES,
  MAX_MESSAGE_BYTES,
  MAX_TEXT,
} from './limits.ts'

const id = `a non-empty string of at most ${MAX_TEXT} characters`
const longText = 'a non-empty string of at most 1,024 characters'

const optionalId = `a string of at most ${MAX_TEXT} characters`
const optionalLongText = 'a string of at most 1,024 characters'

/** A blank text of an optional field is read as an absent one. */
const optionalText = (field: string, expected: string) => ({
  [`${field}_not_a_string`]: expected,
  [`${field}_too_long`]: expected,
})

const requiredText = (field: string, expected = id) => ({
  [`${field}_missing`]: expected,
  [`${field}_not_a_string`]: expected,
  [`${field}_empty`]: expected,
  [`${field}_too_long`]: expected,
})

const form: Readonly<Record<string, string>> = {
  empty: 'a JSON object',
  too_large: `at most ${MAX_MESSAGE_BYTES.toLocaleString('en')} bytes`,
  not_utf8: 'JSON text in UTF-8',
  not_json: 'JSON text (RFC 8259)',
  not_an_object: 'a JSON object',
  nested_too_deep: `at most ${MAX_DEPTH} levels of nesting`,
  duplicate_key: 'each key once in an object',
  forbidden_key: 'no key named __proto__, constructor or prototype',
  not_unicode: 'text without lone surrogates',
}

const amount = 'a JSON number above zero with at most 29 digits before the point and nine after it'
const year = 'a whole year from 1886 to 2100'
const time = 'an RFC 3339 date-time with an offset, such as 2025-11-01T19:32:00Z'

/** What the contract expects, by reason code. A test checks that every rule of the schema has a code. */
export const REASONS: Readonly<Record<string, string>> = {
  ...form,
  type_missing: '"purchase" or "cancellation"',
  type_not_a_string: '"purchase" or "cancellation"',
  type_unknown: '"purchase" or "cancellation"',
  ...requiredText('order_id'),
  ...requiredText('customer_id'),
  ...requiredText('car_model'),
  ...requiredText('reason', longText),
  amount_missing: amount,
  amount_not_a_number: amount,
  amount_not_positive: amount,
  amount_too_many_decimals: amount,
  amount_too_large: amount,
  partial_not_a_boolean: 'true or false',
  ...requiredText('timestamp', time),
  timestamp_malformed: time,
  timestamp_in_future: `at most ${MAX_FUTURE_MINUTES} minutes after the message was published or redriven`,
  timestamp_too_old: `at most ${MAX_AGE_DAYS} days before the message was published`,
  ...optionalText('event_id', optionalId),
  ...optionalText('partner_id', optionalId),
  currency_not_a_string: 'an ISO 4217 code, such as EUR',
  currency_unknown: 'an ISO 4217 code, such as EUR',
  ...optionalText('email', optionalLongText),
  ...optionalText('phone', optionalId),
  ...optionalText('gclid', optionalLongText),
  ...optionalText('gbraid', optionalLongText),
  ...optionalText('wbraid', optionalLongText),
  consent_not_an_object: 'an object of category names and booleans',
  consent_key_too_long: `category names of at most ${MAX_TEXT} characters`,
  consent_not_a_boolean: 'true or false for each category',
  vehicle_not_an_object: 'an object with vin, make, model and year',
  ...optionalText('vehicle_vin', optionalId),
  ...optionalText('vehicle_make', optionalId),
  ...optionalText('vehicle_model', optionalId),
  vehicle_year_not_an_integer: year,
  vehicle_year_out_of_range: year,
  schema_version_malformed: `a whole number or ${optionalId}`,
}
