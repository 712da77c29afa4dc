// Reads one message as an event: accepted with its identity, or rejected with every rule it breaks.
//
// event: one partner message. partner: who published it. accepted / rejected: keeps or breaks the contract.
// event id: the partner's own, or else derived, so that the same event has the same id on every delivery.

import type { EventType, Message, Violation } from '../batch.ts'
import { POISON_EXPECTED } from '../dead-letter/vocabulary.ts'
import { MAX_AGE_DAYS, MAX_FUTURE_MINUTES } from '../limits.ts'
import { maskedStart, maskPersonal } from '../mask.ts'
import { PARTNER_ATTRIBUTE, UNKNOWN_PARTNER } from '../names.ts'
import { REASONS } from '../reasons.ts'
import { POISON } from '../sink-reasons.ts'
import { contentHash, derivedEventId } from './identity.ts'
import { type JsonObject, numeral, readJsonObject, writeJson } from './json.ts'
import { isPersonal } from './personal-data.ts'
import { additionalProperties, anyId, eventSchema, type ParsedEvent } from './schema.ts'

/** An event that keeps the contract, under the names its staging row has. */
export type CarEvent = {
  readonly type: EventType
  readonly event_id: string
  readonly partner_id: string
  readonly order_id: string
  readonly customer_id: string
  readonly car_model: string
  /** Exact decimal text; null on a cancellation. */
  readonly amount: string | null
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

/** As much of a rejected message as could be read: enough to find it again. */
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
 * Holds one message to contract v1. A pure function of the message: the time rules compare with its
 * publish time, so a retry or a redelivery hours later gets the same answer.
 *
 * @param message as received from Pub/Sub, whatever its bytes are
 * @returns the event, or at least one violation; never throws
 */
export function readEvent(message: Message): ParseResult {
  if (message.part) return reject(message, {}, [wholeViolation('too_large', message)])
  const json = readJsonObject(message.data)
  if (!json.ok) return reject(message, {}, [wholeViolation(json.reason, message)])
  const fields = withPartner(json.object, message)
  const parsed = eventSchema.safeParse(fields)
  if (!parsed.success) return reject(message, fields, schemaViolations(parsed.error.issues, fields))
  const outOfTime = timeViolation(parsed.data.timestamp, message.publishTime)
  if (outOfTime)
    return reject(message, fields, [violationAt(outOfTime, 'timestamp', fields['timestamp'])])
  return { accepted: true, event: toCarEvent(parsed.data) }
}

/** The reading of a message that must not be read: its attribute alone says whose it is. */
export function rejectUnread(message: Message, reason: string): ParseResult {
  const expected = reason === POISON ? POISON_EXPECTED : reason
  return reject(message, {}, [{ ...wholeViolation(reason, message), expected }])
}

/** The event's own partner id, or else the message attribute's. */
function withPartner(fields: JsonObject, message: Message): JsonObject {
  const attribute = message.attributes[PARTNER_ATTRIBUTE]
  if (attribute === undefined || (fields['partner_id'] ?? null) !== null) return fields
  return { ...fields, partner_id: attribute }
}

function timeViolation(timestamp: string, publishTime: string): string | null {
  const lead = Date.parse(timestamp) - Date.parse(publishTime)
  if (lead > MAX_FUTURE_MINUTES * MINUTE_MS) return 'timestamp_in_future'
  return -lead > MAX_AGE_DAYS * DAY_MS ? 'timestamp_too_old' : null
}

function toCarEvent(parsed: ParsedEvent): CarEvent {
  const fields = {
    type: parsed.type,
    event_id: parsed.event_id ?? null,
    partner_id: parsed.partner_id ?? UNKNOWN_PARTNER,
    order_id: parsed.order_id,
    customer_id: parsed.customer_id,
    car_model: parsed.car_model,
    amount: parsed.type === 'purchase' ? parsed.amount : null,
    reason: parsed.type === 'cancellation' ? parsed.reason : null,
    currency: parsed.currency ?? null,
    timestamp: parsed.timestamp,
    email: parsed.email ?? null,
    phone: parsed.phone ?? null,
    gclid: parsed.gclid ?? null,
    gbraid: parsed.gbraid ?? null,
    wbraid: parsed.wbraid ?? null,
    consent: parsed.consent ?? null,
    vehicle_vin: parsed.vehicle?.vin ?? null,
    vehicle_make: parsed.vehicle?.make ?? null,
    vehicle_model: parsed.vehicle?.model ?? null,
    vehicle_year: parsed.vehicle?.year ?? null,
    schema_version: parsed.schema_version ?? null,
    additional_properties: additionalProperties(parsed),
  }
  const hash = contentHash(fields)
  return { ...fields, event_id: fields.event_id ?? derivedEventId(hash), content_hash: hash }
}

function reject(
  message: Message,
  fields: JsonObject,
  violations: readonly Violation[],
): ParseResult {
  const type = fields['type']
  return {
    accepted: false,
    violations,
    identity: {
      partnerId:
        readableId(fields['partner_id'] ?? message.attributes[PARTNER_ATTRIBUTE]) ??
        UNKNOWN_PARTNER,
      type: type === 'purchase' || type === 'cancellation' ? type : null,
      eventId: readableId(fields['event_id']),
      orderId: readableId(fields['order_id']),
    },
  }
}

function readableId(value: unknown): string | null {
  const id = anyId.safeParse(value)
  return id.success ? id.data : null
}

type SchemaIssue = { readonly message: string; readonly path: readonly PropertyKey[] }

function schemaViolations(issues: readonly SchemaIssue[], fields: JsonObject): Violation[] {
  return issues.map((issue) =>
    violationAt(issue.message, issue.path.join('.'), valueAt(fields, issue.path)),
  )
}

function valueAt(value: unknown, [key, ...rest]: readonly PropertyKey[]): unknown {
  if (key === undefined || typeof value !== 'object' || value === null) return value
  return valueAt(Reflect.get(value, key), rest)
}

const MAX_SHOWN = 80

/** A key of a partner's object stands in the path, and may be as long as the message. */
const MAX_PATH = 256

function violationAt(reason: string, path: string, value: unknown): Violation {
  const received = isPersonal(path) ? kind(value) : shown(value)
  return {
    reason,
    path: maskedStart(path, MAX_PATH),
    expected: REASONS[reason] ?? reason,
    received,
  }
}

/** A violation by the message as a whole, which has no path. */
function wholeViolation(reason: string, { data, part }: Message): Violation {
  const received = part
    ? `a message that had to be cut into ${part.of} parts`
    : `a message of ${data.length.toLocaleString('en')} bytes`
  return { reason, path: '', expected: REASONS[reason] ?? reason, received }
}

/** Cut before it is masked: a partner may send a megabyte, and a person reads its beginning. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  return writeJson(maskPersonal(value, MAX_SHOWN)).slice(0, MAX_SHOWN).toWellFormed()
}

function kind(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  const type = numeral(value) === null ? typeof value : 'number'
  return `${Array.isArray(value) ? 'an array' : `a value of type ${type}`} (personal, not shown)`
}
