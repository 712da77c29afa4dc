// Bytes to a JSON object that is safe to read: exact numbers, no duplicate or prototype keys, bounded depth.

import { isUtf8 } from 'node:buffer'
import { isSafeNumber, LosslessNumber, parse } from 'lossless-json'
import { MAX_DEPTH, MAX_MESSAGE_BYTES } from './limits.ts'

export type JsonReason =
  | 'empty'
  | 'too_large'
  | 'not_utf8'
  | 'not_json'
  | 'not_an_object'
  | 'nested_too_deep'
  | 'duplicate_key'
  | 'forbidden_key'
  | 'not_unicode'

export type JsonObject = Readonly<Record<string, unknown>>

export type JsonReading =
  | { readonly ok: true; readonly object: JsonObject }
  | { readonly ok: false; readonly reason: JsonReason }

/** Keys that reach an object's prototype in code less careful than ours. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

const utf8 = new TextDecoder('utf-8')

/**
 * Reads one JSON object. Numbers that a double would change stay exact as `LosslessNumber`.
 * Never throws: whatever the bytes are, the answer is an object or the first rule they break.
 */
export function readJsonObject(data: Uint8Array): JsonReading {
  if (data.length === 0) return { ok: false, reason: 'empty' }
  if (data.length > MAX_MESSAGE_BYTES) return { ok: false, reason: 'too_large' }
  if (!isUtf8(data)) return { ok: false, reason: 'not_utf8' }
  const text = utf8.decode(data)
  if (text.trim() === '') return { ok: false, reason: 'empty' }
  const shape = outline(text)
  if (shape.depth > MAX_DEPTH) return { ok: false, reason: 'nested_too_deep' }
  return readText(text, shape.keys)
}

/**
 * JSON text of a value read by `readJsonObject`. A number no double holds is written as a string of its
 * digits: BigQuery refuses a JSON number that does not survive the round trip, and no extra field may fail a row.
 */
export function writeJson(value: unknown): string {
  return JSON.stringify(value, digitsOfExact) ?? 'null'
}

const digitsOfExact = (_key: string, value: unknown) =>
  value instanceof LosslessNumber ? value.value : value

/** The digits of a number read by `readJsonObject`, or null where the value is not a number. */
export function numeral(value: unknown): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : null
  return value instanceof LosslessNumber ? value.value : null
}

function readText(text: string, keysInText: number): JsonReading {
  let value: unknown
  let duplicate = false
  const onDuplicateKey = (): undefined => {
    duplicate = true
  }
  try {
    value = parse(text, null, { parseNumber: exactNumber, onDuplicateKey })
  } catch {
    return { ok: false, reason: 'not_json' }
  }
  if (!isObject(value)) return { ok: false, reason: 'not_an_object' }
  const contents = inspect(value)
  if (contents.fault) return { ok: false, reason: contents.fault }
  // The parser lets a repeated key with an equal value pass: the count of keys tells.
  if (duplicate || contents.keys !== keysInText) return { ok: false, reason: 'duplicate_key' }
  return { ok: true, object: value }
}

function exactNumber(text: string): number | LosslessNumber {
  return isSafeNumber(text) ? Number.parseFloat(text) : new LosslessNumber(text)
}

function isObject(value: unknown): value is JsonObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof LosslessNumber)
  )
}

/** Depth and number of keys of JSON text, read without building anything, so that depth can be refused first. */
function outline(text: string): { depth: number; keys: number } {
  let depth = 0
  let deepest = 0
  let keys = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '"') at = endOfString(text, at)
    else if (character === ':') keys++
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth)
    else if (character === '}' || character === ']') depth--
  }
  return { depth: deepest, keys }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at
  }
  return text.length
}

type Contents = { readonly keys: number; readonly fault: JsonReason | null }

function inspect(value: unknown): Contents {
  if (typeof value === 'string') return { keys: 0, fault: unicodeFault(value) }
  if (Array.isArray(value)) return sum(value.map(inspect))
  if (!isObject(value)) return { keys: 0, fault: null }
  const entries = Object.entries(value)
  const names = entries.map(([key]) => ({ keys: 1, fault: keyFault(key) }))
  return sum([...names, ...entries.map(([, inner]) => inspect(inner))])
}

function sum(parts: readonly Contents[]): Contents {
  return parts.reduce(
    (total, part) => ({ keys: total.keys + part.keys, fault: total.fault ?? part.fault }),
    { keys: 0, fault: null },
  )
}

function keyFault(key: string): JsonReason | null {
  return FORBIDDEN_KEYS.has(key) ? 'forbidden_key' : unicodeFault(key)
}

/** A lone surrogate (`"\ud800"`) has no UTF-8 form: it would arrive in BigQuery as something else. */
function unicodeFault(text: string): JsonReason | null {
  return text.isWellFormed() ? null : 'not_unicode'
}
