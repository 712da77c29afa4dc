// What partners sent, as people read it: JSON as JSON, whatever its carrier; masked for whoever may not see personal data.

import {
  fromCarried,
  isPersonal,
  MAX_MESSAGE_BYTES,
  type Message,
  mask,
  maskPersonal,
  toCarried,
} from '#contracts'
import { readJsonObject } from '#contracts/event/json'

/** Whether the caller sees personal data, or masks in its place. */
export type Access = 'masked' | 'personal'

/** A message of a batch. */
export function showMessage({ data, ...message }: Message, access: Access): unknown {
  const rest = access === 'personal' ? message : maskPersonal(message)
  return { ...Object(rest), data: showData(data, access) }
}

type Letter = { readonly events: readonly Event[] }
type Event = { readonly data: Carried | null; readonly faults: readonly CarriedViolation[] }
type Carried = { readonly text: string } | { readonly base64: string }
type CarriedViolation = { readonly path: string; readonly received?: unknown }

/** @returns undefined where `value` is not the input of a `deadLetter` workflow */
export function showDeadLetter(value: unknown, access: Access): unknown {
  if (!isLetter(value)) return undefined
  const shown = { ...value, events: value.events.map((event) => showEvent(event, access)) }
  return access === 'personal' ? shown : maskPersonal(shown)
}

// By hand, and no further than the first that is wrong: zod would list all of a million.
const isLetter = (value: unknown): value is Letter =>
  isRecord(value) && Array.isArray(value['events']) && value['events'].every(isEvent)

const isEvent = (value: unknown): value is Event =>
  isRecord(value) &&
  isCarried(value['data']) &&
  Array.isArray(value['faults']) &&
  value['faults'].every(isViolation)

const isCarried = (value: unknown): value is Carried | null =>
  value === null ||
  (isRecord(value) && (typeof value['text'] === 'string' || typeof value['base64'] === 'string'))

const isViolation = (value: unknown): value is CarriedViolation =>
  isRecord(value) && typeof value['path'] === 'string'

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What is wrong comes first, what came last: an event may be pages long. */
function showEvent({ faults, data, ...rest }: Event, access: Access) {
  return {
    faults: faults.map((violation) => showViolation(violation, access)),
    ...rest,
    data: data && showData(fromCarried(data), access),
  }
}

function showViolation(violation: CarriedViolation, access: Access): CarriedViolation {
  const isHidden = access === 'masked' && isPersonal(violation.path)
  return isHidden ? { ...violation, received: mask(violation.received) } : violation
}

/** An object as an object with exact numbers; anything else as the text or the base64 it is. */
function showData(data: Uint8Array, access: Access): unknown {
  const reading = readJsonObject(data)
  if (access === 'masked') return maskPersonal(reading.ok ? reading.object : loosely(data))
  if (reading.ok) return reading.object
  return toCarried(data)
}

/** JSON that the contract does not take, repeated keys for one; of what cannot be parsed, only how large it is. */
function loosely(data: Uint8Array): unknown {
  if (data.length > MAX_MESSAGE_BYTES) return `(masked text) ${data.length} bytes`
  try {
    const value: unknown = JSON.parse(Buffer.from(data).toString('utf8'))
    if (typeof value === 'object') return value
  } catch {
    // It is not JSON: no field of it can be told from another.
  }
  return `(masked text) ${data.length} bytes that are not a JSON object`
}
