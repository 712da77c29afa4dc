// Parses a message as an event: it is accepted with its identity, or rejected with every rule it breaks.

import { LosslessNumber } from 'lossless-json'
import type { EventType, Message, Violation } from '../batch.ts'
import { POISON_EXPECTED } from '../dead-letter/vocabulary.ts'
import { MAX_AGE_DAYS, MAX_FUTURE_MINUTES } from '../limits.ts'
import { PARTNER_ATTRIBUTE, UNKNOWN_PARTNER } from '../names.ts'
import { POISON } from '../poison.ts'
import { diagnoseJson } from './diagnose-json.ts'
import { contentHash, derivedEventId } from './identity.ts'
import {
  decodeText,
  exactNumber,
  holdsNumbers,
  isObject,
  type JsonObject,
  type JsonReason,
  readJsonObject,
  valueAt,
} from './json.ts'
import {
  additionalProperties,
  anyId,
  type CancellationFields,
  eventSchema,
  type ParsedEvent,
  schemaWithoutType,
} from './schema.ts'
import { toUtcMicros } from './timestamp.ts'
import { isBlank } from './trim.ts'
import { HAS_PLACE, jsonViolations, violationAt, wholeViolation } from './violations.ts'

/** An event that keeps the contract, under the names its staging row has. */
export type CarEvent = {
  readonly type: EventType
  readonly event_id: string
  readonly partner_id: string
  readonly order_id: string
  readonly customer_id: string
  readonly car_model: string
  /** Exact decimal text. On a cancellation what was cancelled of the order, where the partner says it. */
  readonly amount: string | null
  /** True for the cancellation of a part of an order, false for that of a whole one; null on a purchase. */
  readonly partial: boolean | null
  /** Why the order was cancelled; null on a purchase. */
  readonly reason: string | null
  readonly currency: string | null
  /** RFC 3339, UTC, microseconds. */
  readonly timestamp: string
  readonly email: string | null
  readonly phone: string | null
  readonly gclid: string | null
  readonly gbraid: string | null
  readonly wbraid: string | null
  readonly consent: Readonly<Record<string, boolean>> | null
  readonly vehicle_vin: string | null
  readonly vehicle_make: string | null
  readonly vehicle_model: string | null
  readonly vehicle_year: number | null
  readonly schema_version: string | null
  /** JSON text of the fields the contract does not name. */
  readonly additional_properties: string | null
  /** Stands for the contents of the fields the contract names; see `contentHash`. */
  readonly content_hash: string
}

/** As much of the identity of a rejected message as could be read. */
export type PartialIdentity = {
  readonly partnerId: string
  readonly type: EventType | null
  readonly eventId: string | null
  readonly orderId: string | null
}

export type ParseResult =
  | { readonly accepted: true; readonly event: CarEvent }
  | {
      readonly accepted: false
      readonly violations: readonly Violation[]
      readonly identity: PartialIdentity
    }

/** The rules a rejected message breaks, each once. */
export function reasonsOf({ violations }: { readonly violations: readonly Violation[] }): string[] {
  return [...new Set(violations.map(({ reason }) => reason))]
}

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/**
 * Validates one message by contract v1. Pure: the rules of time compare with its publish time, or with the time of its redrive,
 * so that a retry or a redelivery hours later has the same result.
 *
 * @param message as received from Pub/Sub, whatever its bytes are
 * @returns the event, or every rule that the message breaks; never throws
 */
export function readEvent(message: Message): ParseResult {
  if (message.part) return reject(message, {}, [wholeViolation('too_large', message)])
  const json = readJsonObject(message.data)
  if (!json.ok) return rejectJson(message, json.reason)
  const fields = withPartner(json.object, message)
  const parsed = eventSchema.safeParse(fields)
  if (parsed.success && timeViolation(parsed.data.timestamp, message) === null)
    return { accepted: true, event: toCarEvent(parsed.data) }
  return reject(message, fields, fieldViolations(message, fields))
}

/** Bytes that are no acceptable JSON: what can be read of them is held to the rules for fields as well. */
function rejectJson(message: Message, reason: JsonReason): ParseResult {
  if (!HAS_PLACE.has(reason)) return reject(message, {}, [wholeViolation(reason, message)])
  const text = decodeText(message.data)
  const diagnosis = diagnoseJson(text, exactNumber)
  const violations = jsonViolations(reason, message, { text, diagnosis })
  if (!isObject(diagnosis.value)) return reject(message, {}, violations)
  const fields = withPartner(diagnosis.value, message)
  return reject(message, fields, [...violations, ...fieldViolations(message, fields)])
}

/** Every rule for fields that the event breaks, each with the value as it was sent. */
function fieldViolations(message: Message, fields: JsonObject): Violation[] {
  const issues = [...issuesOf(fields), ...timeIssues(message, fields)]
  if (issues.length === 0) return []
  const isPlain = issues.every(({ path }) => !holdsNumbers(valueAt(fields, path)))
  const sent = isPlain ? fields : asSent(message, fields)
  return issues.map(({ message: reason, path }) =>
    violationAt(reason, path.join('.'), valueAt(sent, path)),
  )
}

/** The fields with numbers as they are written: `1.50` and `-0` are not those that a double has. */
function asSent(message: Message, fields: JsonObject): JsonObject {
  const { value } = diagnoseJson(decodeText(message.data), (digits) => new LosslessNumber(digits))
  return isObject(value) ? withPartner(value, message) : fields
}

type Issue = { readonly message: string; readonly path: readonly PropertyKey[] }

/** Without a known type, the rules are those of the nearest one. */
function issuesOf(fields: JsonObject): readonly Issue[] {
  const ofEvent = firstOfEachPath(eventSchema.safeParse(fields).error)
  if (isEventType(fields['type'])) return ofEvent
  return [...ofEvent, ...firstOfEachPath(schemaWithoutType(fields).safeParse(fields).error)]
}

/** zod counts the values of an array as it counts the characters of a text: what is no text is not also too long. */
function firstOfEachPath({ issues }: { readonly issues: readonly Issue[] } = { issues: [] }) {
  const paths = new Set<string>()
  return issues.filter(({ path }) => {
    const key = JSON.stringify(path)
    return !paths.has(key) && paths.add(key)
  })
}

function timeIssues(message: Message, { timestamp }: JsonObject): Issue[] {
  const time = typeof timestamp === 'string' ? toUtcMicros(timestamp) : null
  const reason = time === null ? null : timeViolation(time, message)
  return reason === null ? [] : [{ message: reason, path: ['timestamp'] }]
}

/** The result for a message that must not be parsed: its partner is known by its attribute only. */
export function rejectUnread(message: Message, reason: string): ParseResult {
  const expected = reason === POISON ? POISON_EXPECTED : reason
  return reject(message, {}, [{ ...wholeViolation(reason, message), expected }])
}

/** The event's own partner id, or else the message attribute's. */
function withPartner(fields: JsonObject, message: Message): JsonObject {
  const attribute = message.attributes[PARTNER_ATTRIBUTE]
  if (attribute === undefined || !isAbsent(fields['partner_id'])) return fields
  return { ...fields, partner_id: attribute }
}

const isAbsent = (value: unknown) =>
  value === undefined || value === null || (typeof value === 'string' && isBlank(value))

/** An event that was in the future when it was published no longer is once it is redriven late enough. */
function timeViolation(timestamp: string, { publishTime, redrivenAt }: Message): string | null {
  const time = Date.parse(timestamp)
  const lead = time - Date.parse(redrivenAt ?? publishTime)
  if (lead > MAX_FUTURE_MINUTES * MINUTE_MS) return 'timestamp_in_future'
  return Date.parse(publishTime) - time > MAX_AGE_DAYS * DAY_MS ? 'timestamp_too_old' : null
}

/** An empty text means the same as an absent one. */
function toCarEvent(parsed: ParsedEvent): CarEvent {
  const fields = {
    type: parsed.type,
    event_id: parsed.event_id || null,
    partner_id: parsed.partner_id || UNKNOWN_PARTNER,
    order_id: parsed.order_id,
    customer_id: parsed.customer_id,
    car_model: parsed.car_model,
    amount: parsed.amount ?? null,
    partial: parsed.type === 'cancellation' ? isPartial(parsed) : null,
    reason: parsed.type === 'cancellation' ? parsed.reason : null,
    currency: parsed.currency || null,
    timestamp: parsed.timestamp,
    email: parsed.email || null,
    phone: parsed.phone || null,
    gclid: parsed.gclid || null,
    gbraid: parsed.gbraid || null,
    wbraid: parsed.wbraid || null,
    consent: parsed.consent ?? null,
    vehicle_vin: parsed.vehicle?.vin || null,
    vehicle_make: parsed.vehicle?.make || null,
    vehicle_model: parsed.vehicle?.model || null,
    vehicle_year: parsed.vehicle?.year ?? null,
    schema_version: parsed.schema_version || null,
    additional_properties: additionalProperties(parsed),
  }
  const hash = contentHash(fields)
  return { ...fields, event_id: fields.event_id ?? derivedEventId(hash), content_hash: hash }
}

/** A cancellation with an amount is one of a part, unless the partner says that it is not. */
const isPartial = ({ partial, amount }: Pick<CancellationFields, 'partial' | 'amount'>) =>
  partial ?? (amount ?? null) !== null

function reject(
  message: Message,
  fields: JsonObject,
  violations: readonly Violation[],
): ParseResult {
  const { type, partner_id } = withPartner(fields, message)
  return {
    accepted: false,
    violations,
    identity: {
      partnerId: readableId(partner_id) ?? UNKNOWN_PARTNER,
      type: isEventType(type) ? type : null,
      eventId: readableId(fields['event_id']),
      orderId: readableId(fields['order_id']),
    },
  }
}

const isEventType = (type: unknown): type is EventType =>
  type === 'purchase' || type === 'cancellation'

/** Without lone surrogates, which no table and no search attribute can hold. */
function readableId(value: unknown): string | null {
  const id = anyId.safeParse(value)
  return id.success ? id.data.toWellFormed() : null
}
