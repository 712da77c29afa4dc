// Hides what is personal in what partners sent, by the name of a field and by what a text looks like.

import { isUtf8 } from 'node:buffer'
import { isPersonal } from './event/personal-data.ts'
import { maskContacts } from './mask-contacts.ts'

/** Every masked value reads so: what reads so may never be taken for data again. */
export const MASK = /\(masked [a-z-]+\)/

/** Past this nesting everything is masked, so that the stack of a recursion is safe. */
const MAX_SHOWN_DEPTH = 64

/** JSON inside a text inside a JSON text is parsed this often; what is deeper is masked as a whole. */
const MAX_JSON_IN_TEXT = 3

/** The longest e-mail address. A text is read this far past its cut, so that no part of an address is left of one. */
const MAX_ADDRESS = 320

type Place = {
  /** The field that holds the value; empty at the top. */
  readonly field: string
  /** Levels of nesting that are still shown. */
  readonly depth: number
  /** Levels of JSON in a text that are still parsed. */
  readonly textDepth: number
  /** Characters of JSON that are still wanted; shared by all places of one value. */
  readonly wanted: { characters: number }
}

/**
 * A JSON value without what is personal in it: values of personal fields, addresses and telephone numbers inside
 * texts, readable text in base64, and the same within JSON that is carried as text. Names of fields stay. Pure, and
 * linear in the size of `value`.
 * @param characters cuts the value before it is masked: the result is right in so many first characters of its JSON
 *   text, and what follows them may be absent
 */
export function maskPersonal(value: unknown, characters = Number.POSITIVE_INFINITY): unknown {
  return masked(value, {
    field: '',
    depth: MAX_SHOWN_DEPTH,
    textDepth: MAX_JSON_IN_TEXT,
    wanted: { characters },
  })
}

/** `(masked string)` and the like: that something was there, and of which kind. Nothing stays nothing. */
export function mask(value: unknown): unknown {
  return value === null || value === undefined ? value : maskOf(value)
}

const maskOf = (value: unknown) => `(masked ${kindOf(value)})`

function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value
  if (Array.isArray(value)) return 'array'
  return 'isLosslessNumber' in value && !isPlain(value) ? 'number' : 'object'
}

/** The first `characters` of a text, without what is personal in it. Linear in `characters`, however long the text is. */
export function maskedStart(text: string, characters: number): string {
  return textAt(text, { ...TOP, wanted: { characters } })
    .slice(0, characters)
    .toWellFormed()
}

const TOP = { field: '', depth: MAX_SHOWN_DEPTH, textDepth: MAX_JSON_IN_TEXT }

/** Less of it holds no more than a word. */
const MIN_BASE64 = 16

/** Looks at a character a few times, however long the text is. */
const BASE64 = /[A-Za-z0-9+/_-]{16,}={0,2}/g

/** Text without e-mail addresses, telephone numbers in international form, and base64 that holds text. Linear. */
export function maskText(text: string): string {
  return maskContacts(text.length < MIN_BASE64 ? text : text.replace(BASE64, maskBase64))
}

/** Random letters and digits, such as an id, are hardly ever text when they are taken for base64. */
function maskBase64(word: string): string {
  const bytes = Buffer.from(word, 'base64')
  const text = bytes.toString('utf8')
  return opensJson(text) || isReadable(bytes, text) ? '(masked text)' : word
}

/** Without control characters, and mostly ASCII. Its last character may be incomplete: the base64 may have been cut. */
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
  for (const [name, value] of Object.entries(object)) {
    if (place.wanted.characters <= 0) break
    const shownName = textAt(name, place)
    place.wanted.characters -= shownName.length + QUOTES
    const isHidden = isPersonal(place.field === '' ? name : `${place.field}.${name}`)
    entries.push([shownName, isHidden ? mask(value) : masked(value, { ...place, field: name })])
  }
  return Object.fromEntries(entries)
}

/** As much of the text as is wanted, masked. What cannot be told apart is masked as a whole. */
function textAt(text: string, place: Place): string {
  const window = text.slice(0, place.wanted.characters + MAX_ADDRESS)
  const isCut = window.length < text.length
  if (opensJson(window)) return isCut ? maskOf(text) : maskJson(text, place)
  if (HOLDS_OBJECT.test(window)) return maskOf(text)
  return isCut ? `${maskText(withoutTail(window))} (masked rest)`.trimStart() : maskText(text)
}

/** JSON in the middle of a text, or escaped, or with the quotes of another language. */
const HOLDS_OBJECT = /\{[\s\\]*["']/

/** An object or a list, as far as its first characters tell. */
function opensJson(text: string): boolean {
  const start = text.trimStart()
  return start.startsWith('{') || /^\[\s*[[{"]/.test(start)
}

/** What cannot be parsed cannot be masked field by field: it is masked as a whole. */
function maskJson(text: string, place: Place): string {
  if (place.textDepth === 0) return maskOf(text)
  try {
    const value: unknown = JSON.parse(text)
    // The text may be part of an excerpt, but its own masks need all of it.
    const wanted = { characters: Number.POSITIVE_INFINITY }
    return JSON.stringify(masked(value, { ...place, textDepth: place.textDepth - 1, wanted }))
  } catch {
    return maskOf(text)
  }
}

/** Without the word at the end, which the cut may have parted, and what may be the beginning of a telephone number. */
function withoutTail(text: string): string {
  let end = text.length
  while (end > 0 && !/[\s"'<>,;:()]/.test(text.charAt(end - 1))) end--
  while (end > 0 && /[\d ().\-/+]/.test(text.charAt(end - 1))) end--
  return text.slice(0, end)
}

/** Not an exact number or another object with a meaning of its own. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
