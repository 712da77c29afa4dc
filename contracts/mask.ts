// Masks personal data in what partners sent, by the name of a field and by the form of a text.

import { isUtf8 } from 'node:buffer'
import { isPersonal } from './event/personal-data.ts'
import { maskContacts } from './mask-contacts.ts'

/** The form of every masked value. A value of this form must never be used as data. */
export const MASK = /\(masked [a-z-]+\)/

/** Everything that is nested deeper is masked, so that the recursion cannot overflow the stack. */
const MAX_SHOWN_DEPTH = 64

/** JSON within a string of JSON is parsed down to this level; a deeper string is masked as a whole. */
const MAX_JSON_IN_TEXT = 3

/** The length of the longest e-mail address. A text is read this far beyond its cut, so that no part of an address remains. */
const MAX_ADDRESS = 320

type Place = {
  /** The name of the field that has the value; empty at the top. */
  readonly field: string
  /** The levels of nesting that are still shown. */
  readonly depth: number
  /** The levels of JSON within strings that are still parsed. */
  readonly textDepth: number
  /** The characters of JSON that are still needed; shared by all members of one value. */
  readonly wanted: { characters: number }
}

/**
 * A JSON value without personal data: the values of personal fields, addresses and telephone numbers within strings, readable
 * text in base64, and all of these in JSON within a string are masked. Names of fields are kept. Pure, and linear in the size of
 * `value`.
 * @param characters cuts the value before it is masked: only this many first characters of the JSON text of the result are
 *   complete
 */
export function maskPersonal(value: unknown, characters = Number.POSITIVE_INFINITY): unknown {
  return masked(value, {
    field: '',
    depth: MAX_SHOWN_DEPTH,
    textDepth: MAX_JSON_IN_TEXT,
    wanted: { characters },
  })
}

/** For example `(masked string)`: only the type of the value is shown. An absent value stays absent. */
export function mask(value: unknown): unknown {
  return value === null || value === undefined ? value : maskOf(value)
}

const maskOf = (value: unknown) => `(masked ${kindOf(value)})`

function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value
  if (Array.isArray(value)) return 'array'
  return 'isLosslessNumber' in value && !isPlain(value) ? 'number' : 'object'
}

/** The first `characters` of a text, without personal data. Linear in `characters`, however long the text is. */
export function maskedStart(text: string, characters: number): string {
  return textAt(text, { ...TOP, wanted: { characters } })
    .slice(0, characters)
    .toWellFormed()
}

const TOP = { field: '', depth: MAX_SHOWN_DEPTH, textDepth: MAX_JSON_IN_TEXT }

/** Shorter base64 has no more than a word in it. */
const MIN_BASE64 = 16

/** Reads a character a few times at most, however long the text is. */
const BASE64 = /[A-Za-z0-9+/_-]{16,}={0,2}/g

/** Text without e-mail addresses, telephone numbers in international form, and base64 of text. Linear. */
export function maskText(text: string): string {
  return maskContacts(text.length < MIN_BASE64 ? text : text.replace(BASE64, maskBase64))
}

/** Whether base64 decodes to text. Random letters and digits, such as an id, hardly ever do. */
function maskBase64(word: string): string {
  const bytes = Buffer.from(word, 'base64')
  const text = bytes.toString('utf8')
  return opensJson(text) || isReadable(bytes, text) ? '(masked text)' : word
}

/** True for bytes without control characters that are mostly ASCII. The last character may be incomplete, where the base64 was cut. */
function isReadable(bytes: Buffer, text: string): boolean {
  const isText = [0, 1, 2, 3].some((cut) => isUtf8(bytes.subarray(0, bytes.length - cut)))
  if (!isText || /\p{Cc}/u.test(text.replace(/[\t\n\r]/g, ''))) return false
  return bytes.length - text.length < bytes.length / 4
}

const QUOTES = 2

function masked(value: unknown, place: Place): unknown {
  const { wanted } = place
  if (typeof value === 'string') {
    const text = textAt(value, place)
    wanted.characters -= text.length + QUOTES
    return text
  }
  wanted.characters -= 1
  if (typeof value !== 'object' || value === null) return value
  if (place.depth === 0) return mask(value)
  const inner = { ...place, depth: place.depth - 1 }
  if (Array.isArray(value)) return maskedArray(value, inner)
  return isPlain(value) ? maskedObject(value, inner) : value
}

function maskedArray(values: readonly unknown[], place: Place): unknown[] {
  const shown: unknown[] = []
  for (const value of values) {
    if (place.wanted.characters <= 0) break
    shown.push(masked(value, place))
  }
  return shown
}

function maskedObject(object: object, place: Place): object {
  const entries: [string, unknown][] = []
  const isOfPerson = namesPersonal(object)
  for (const [name, value] of Object.entries(object)) {
    if (place.wanted.characters <= 0) break
    const shownName = textAt(name, place)
    place.wanted.characters -= shownName.length + QUOTES
    const isHidden =
      isPersonal(place.field === '' ? name : `${place.field}.${name}`) ||
      (isOfPerson && VALUES.has(name.toLowerCase()))
    entries.push([shownName, isHidden ? mask(value) : masked(value, { ...place, field: name })])
  }
  return Object.fromEntries(entries)
}

const NAMES = ['key', 'name', 'field', 'id', 'label', 'attribute', 'property', 'code']
const VALUES: ReadonlySet<string> = new Set(
  'value values val v content data text string stringvalue answer'.split(' '),
)

/** True for a field that is written as an object: `{"key": "first_name", "value": "Jane"}`. */
const namesPersonal = (object: object) =>
  NAMES.some((name) => {
    const value: unknown = Object.hasOwn(object, name) ? Reflect.get(object, name) : null
    return typeof value === 'string' && isPersonal(value.slice(0, MAX_NAME))
  })

const MAX_NAME = 64

/** As much of the text as is needed, masked. Text that may be JSON and cannot be parsed is masked as a whole. */
function textAt(text: string, place: Place): string {
  const window = text.slice(0, place.wanted.characters + MAX_ADDRESS)
  const isCut = window.length < text.length
  if (opensJson(window)) return isCut ? maskOf(text) : maskJson(text, place)
  if (HOLDS_OBJECT.test(window) || assignsPersonal(window)) return maskOf(text)
  return isCut ? `${maskText(withoutTail(window))} (masked rest)`.trimStart() : maskText(text)
}

/** JSON in the middle of a text, escaped JSON, or JSON with the quotation marks of another language. */
const HOLDS_OBJECT = /\{[\s\\]*["']/

/** A name and the sign between it and its value, in a form, a query, YAML or XML. Begins at no character within a word. */
const ASSIGNMENT = /(?<![\p{L}\p{N}_.-])(\p{L}[\p{L}\p{N}_.-]{0,63})["'\\]{0,4} ?[=:>]/gu

/** A text with more of them counts as personal without further checks. */
const MAX_ASSIGNMENTS = 1_000

/** True for `vorname=Jane&tax_id=7`, `Name: Jane` and `<name>Jane</name>`, where nothing says where the value ends. */
function assignsPersonal(text: string): boolean {
  if (!/[=:>]/.test(text)) return false
  let assignments = 0
  for (const [, name = ''] of text.matchAll(ASSIGNMENT))
    if (isPersonal(name) || ++assignments > MAX_ASSIGNMENTS) return true
  return false
}

/** True for a text that begins like an object or a list. */
function opensJson(text: string): boolean {
  const start = text.trimStart()
  return start.startsWith('{') || /^\[\s*[[{"]/.test(start)
}

/** Text that cannot be parsed cannot be masked field by field and is masked as a whole. */
function maskJson(text: string, place: Place): string {
  if (place.textDepth === 0) return maskOf(text)
  try {
    const value: unknown = JSON.parse(text)
    // Only the beginning of the text may be shown, but masking needs all of it.
    const wanted = { characters: Number.POSITIVE_INFINITY }
    return JSON.stringify(masked(value, { ...place, textDepth: place.textDepth - 1, wanted }))
  } catch {
    return maskOf(text)
  }
}

/** Removes the word at the end, which the cut may have divided, and what may be the beginning of a telephone number. */
function withoutTail(text: string): string {
  let end = text.length
  while (end > 0 && !/[\s"'<>,;:()]/.test(text.charAt(end - 1))) end--
  while (end > 0 && /[\d ().\-/+]/.test(text.charAt(end - 1))) end--
  return text.slice(0, end)
}

/** False for an exact number and for other objects of a class. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
