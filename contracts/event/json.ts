// Parses bytes as a JSON object that is safe to use: exact numbers, no duplicate or prototype keys, limited depth.

import { isUtf8 } from 'node:buffer'
import { isSafeNumber, LosslessNumber, parse } from 'lossless-json'
import { MAX_DEPTH, MAX_MESSAGE_BYTES } from '../limits.ts'

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

export type JsonParseResult =
  | { readonly ok: true; readonly object: JsonObject }
  | { readonly ok: false; readonly reason: JsonReason }

/** Keys by which careless code would reach the prototype of an object. */
export const FORBIDDEN_KEYS: ReadonlySet<string> = new Set([
  '__proto__',
  'constructor',
  'prototype',
])

const utf8 = new TextDecoder('utf-8')

/**
 * Parses one JSON object. Numbers that a double would change are kept exact as `LosslessNumber`.
 * Never throws: the result is the object, or the first rule that the bytes break.
 */
export function readJsonObject(data: Uint8Array): JsonParseResult {
  if (data.length === 0) return { ok: false, reason: 'empty' }
  if (data.length > MAX_MESSAGE_BYTES) return { ok: false, reason: 'too_large' }
  if (!isUtf8(data)) return { ok: false, reason: 'not_utf8' }
  const text = decodeText(data)
  if (text.trim() === '') return { ok: false, reason: 'empty' }
  const shape = outline(text)
  if (shape.depth > MAX_DEPTH) return { ok: false, reason: 'nested_too_deep' }
  return readText(text, shape)
}

/** The text of bytes that are UTF-8, without a byte-order mark at its beginning. */
export const decodeText = (data: Uint8Array): string => utf8.decode(data)

/**
 * JSON text of a value read by `readJsonObject`. A number that a double cannot represent is written as
 * a string of its digits, because BigQuery refuses such a JSON number, and no additional field may make a row fail.
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

/** The value at a path inside another, or undefined where there is none. */
export function valueAt(value: unknown, [key, ...rest]: readonly PropertyKey[]): unknown {
  if (key === undefined || typeof value !== 'object' || value === null) return value
  return valueAt(Reflect.get(value, key), rest)
}

/** True for a number, and for what may have numbers inside. */
export const holdsNumbers = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'object' && value !== null)

function readText(text: string, shape: Outline): JsonParseResult {
  const value = parseFast(text)
  if (value === MALFORMED) return { ok: false, reason: 'not_json' }
  if (!isObject(value)) return { ok: false, reason: 'not_an_object' }
  // Text that is UTF-8 can have a lone surrogate only as an escape.
  const contents = { keys: 0, mayHaveSurrogates: text.includes('\\u') }
  const violation = inspect(value, contents)
  if (violation) return { ok: false, reason: violation }
  // The parser accepts repeated keys; they are found by the number of keys.
  if (contents.keys !== shape.keys) return { ok: false, reason: 'duplicate_key' }
  return shape.isExact ? { ok: true, object: value } : readExact(text)
}

/** @param text an object without repeated keys: for each repeated key, the exact parser would compare all values it has parsed so far */
function readExact(text: string): JsonParseResult {
  const value = parseExact(text)
  return isObject(value) ? { ok: true, object: value } : { ok: false, reason: 'not_json' }
}

const MALFORMED = Symbol('malformed')

/** Uses `JSON.parse`, which is three times as fast and may change numbers that a double cannot represent. */
function parseFast(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return MALFORMED
  }
}

function parseExact(text: string): unknown {
  try {
    return parse(text, null, { parseNumber: exactNumber })
  } catch {
    return MALFORMED
  }
}

/** A number, or its digits where a double would change them. */
export function exactNumber(text: string): number | LosslessNumber {
  return isSafeNumber(text) ? Number.parseFloat(text) : new LosslessNumber(text)
}

/** An object of JSON: no array, and no exact number. */
export function isObject(value: unknown): value is JsonObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof LosslessNumber)
  )
}

type Outline = {
  readonly depth: number
  readonly keys: number
  /** True where a double can represent every number exactly as it is written. */
  readonly isExact: boolean
}

const QUOTE = 34
const MINUS = 45
const ZERO = 48
const NINE = 57
const COLON = 58
const OPEN_BRACKET = 91
const BACKSLASH = 92
const CLOSE_BRACKET = 93
const OPEN_BRACE = 123
const CLOSE_BRACE = 125

/** Depth, number of keys and kind of numbers of JSON text, found without parsing it, so that too much depth is refused first. */
function outline(text: string): Outline {
  let [depth, deepest, keys] = [0, 0, 0]
  let isExact = true
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = endOfString(text, at)
    else if (code === COLON) keys++
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) deepest = Math.max(deepest, ++depth)
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--
    else if (isNumeral(code)) {
      const end = endOfNumeral(text, at)
      isExact &&= isSafeNumber(text.slice(at, end))
      at = end - 1
    }
  }
  return { depth: deepest, keys, isExact }
}

/** Index of the quote that ends the string which begins at `start`, or the length of the text. */
export function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === BACKSLASH) at++
    else if (code === QUOTE) return at
  }
  return text.length
}

const isNumeral = (code: number) => (code >= ZERO && code <= NINE) || code === MINUS

const NUMERAL = /[-+.0-9eE]+/y

function endOfNumeral(text: string, start: number): number {
  NUMERAL.lastIndex = start
  NUMERAL.test(text)
  return NUMERAL.lastIndex
}

type Contents = { keys: number; readonly mayHaveSurrogates: boolean }

/** The first rule that a key or a string breaks; also counts the keys. */
function inspect(value: unknown, contents: Contents): JsonReason | null {
  if (typeof value === 'string') return unicodeFault(value, contents)
  if (typeof value !== 'object' || value === null) return null
  if (value instanceof LosslessNumber) return null
  if (Array.isArray(value)) {
    for (const inner of value) {
      const violation = inspect(inner, contents)
      if (violation) return violation
    }
    return null
  }
  for (const key in value) {
    contents.keys++
    if (FORBIDDEN_KEYS.has(key)) return 'forbidden_key'
    const violation = unicodeFault(key, contents) ?? inspect(Reflect.get(value, key), contents)
    if (violation) return violation
  }
  return null
}

/** A lone surrogate (`"\ud800"`) has no UTF-8 form, so that BigQuery would receive another text. */
function unicodeFault(text: string, { mayHaveSurrogates }: Contents): JsonReason | null {
  return !mayHaveSurrogates || text.isWellFormed() ? null : 'not_unicode'
}
