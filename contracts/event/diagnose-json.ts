// Reads JSON text slowly, to say where it breaks and which of its keys are not acceptable. Only rejected messages need it.

import { MAX_DEPTH } from '../limits.ts'
import { endOfString, FORBIDDEN_KEYS } from './json.ts'

/** In the order in which they are told. */
const REASONS = ['nested_too_deep', 'duplicate_key', 'forbidden_key', 'not_unicode'] as const

/** Why JSON that can be parsed is not acceptable. */
export type JsonFaultReason = (typeof REASONS)[number]

export type JsonFault = {
  readonly reason: JsonFaultReason
  /** Of the key or value, with dots. */
  readonly path: string
  /** Index in the text. */
  readonly at: number
}

export type Diagnosis = {
  /** The value, with the last one of a repeated key; undefined where the text is not JSON. */
  readonly value: unknown
  /** Index of the first character that JSON does not allow; the length of the text where it ends too early; null where it is JSON. */
  readonly breaksAt: number | null
  /** At most `MAX_FAULTS` for each reason. */
  readonly faults: readonly JsonFault[]
}

/** A hundred thousand keys may be repeated; a person needs a few of them. */
const MAX_FAULTS = 10

/**
 * Linear in the length of `text`, and of any depth. Never throws.
 * @param toNumber makes the value of a number, from its digits as they are written
 */
export function diagnoseJson(text: string, toNumber: (digits: string) => unknown): Diagnosis {
  const cursor: Cursor = { text, at: 0, frames: [], faults: [], root: undefined, toNumber }
  const isJson = readText(cursor)
  return {
    value: isJson ? cursor.root : undefined,
    breaksAt: isJson ? null : cursor.at,
    faults: REASONS.flatMap((reason) => cursor.faults.filter((fault) => fault.reason === reason)),
  }
}

type Frame = {
  readonly holder: unknown[] | Record<string, unknown>
  /** Of the value that is read now; unused in an array. */
  key: string
}

type Cursor = {
  readonly text: string
  at: number
  readonly frames: Frame[]
  readonly faults: JsonFault[]
  root: unknown
  readonly toNumber: (digits: string) => unknown
}

const QUOTE = 0x22
const SPACE = 0x20
const BACKSLASH = 0x5c

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /true|false|null/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y

/** Moves past what `pattern` matches here, and returns it; null where it matches nothing. */
function take(cursor: Cursor, pattern: RegExp): string | null {
  pattern.lastIndex = cursor.at
  const found = pattern.exec(cursor.text)?.[0] ?? null
  cursor.at += found?.length ?? 0
  return found
}

const SPACES = ' \t\n\r'

/** Without an expression: it is called several times for each value. */
function skipSpace(cursor: Cursor): void {
  while (cursor.at < cursor.text.length && SPACES.includes(cursor.text.charAt(cursor.at)))
    cursor.at++
}

function takeCharacter(cursor: Cursor, character: string): boolean {
  skipSpace(cursor)
  if (cursor.text[cursor.at] !== character) return false
  cursor.at++
  return true
}

/** False where the text is not JSON: the cursor then is where it breaks. */
function readText(cursor: Cursor): boolean {
  do {
    const read = readMember(cursor)
    if (read === 'broken') return false
    if (read === 'whole' && !endMember(cursor)) return false
  } while (cursor.frames.length > 0)
  skipSpace(cursor)
  return cursor.at === cursor.text.length
}

/** Moves to the next member, past the ends of the objects and arrays that end here. */
function endMember(cursor: Cursor): boolean {
  while (cursor.frames.length > 0 && !takeCharacter(cursor, ',')) if (!close(cursor)) return false
  return true
}

/** Ends the object or array that is read now, where its closing bracket is next. */
function close(cursor: Cursor): boolean {
  const frame = cursor.frames.at(-1)
  if (!frame || !takeCharacter(cursor, Array.isArray(frame.holder) ? ']' : '}')) return false
  cursor.frames.pop()
  return true
}

/** `begun`: an object or array that has members, which are to be read next. */
type Read = 'whole' | 'begun' | 'broken'

/** A value, with its key where it is in an object. */
function readMember(cursor: Cursor): Read {
  const frame = cursor.frames.at(-1)
  if (frame && !Array.isArray(frame.holder) && !readKey(cursor, frame, frame.holder))
    return 'broken'
  skipSpace(cursor)
  const character = cursor.text[cursor.at]
  if (character === '{') return open(cursor, {})
  if (character === '[') return open(cursor, [])
  return character === '"' ? readStringValue(cursor) : readPlain(cursor)
}

function readKey(cursor: Cursor, frame: Frame, holder: Record<string, unknown>): boolean {
  skipSpace(cursor)
  const { at } = cursor
  const key = readString(cursor)
  if (key === null) return false
  frame.key = key
  if (Object.hasOwn(holder, key)) addFault(cursor, 'duplicate_key', at)
  if (FORBIDDEN_KEYS.has(key)) addFault(cursor, 'forbidden_key', at)
  if (!key.isWellFormed()) addFault(cursor, 'not_unicode', at)
  return takeCharacter(cursor, ':')
}

function open(cursor: Cursor, holder: Frame['holder']): Read {
  put(cursor, holder)
  if (cursor.frames.length === MAX_DEPTH) {
    addFault(cursor, 'nested_too_deep', cursor.at)
    return skipNested(cursor)
  }
  cursor.frames.push({ holder, key: '' })
  cursor.at++
  return close(cursor) ? 'whole' : 'begun'
}

/** What is nested too deep is passed over: a megabyte of brackets would be a million frames. */
function skipNested(cursor: Cursor): Read {
  const { text } = cursor
  let depth = 0
  for (; cursor.at < text.length; cursor.at++) {
    const character = text.charAt(cursor.at)
    if (character === '"') cursor.at = endOfString(text, cursor.at)
    else if (character === '[' || character === '{') depth++
    else if ((character === ']' || character === '}') && --depth === 0) break
  }
  if (cursor.at < text.length) cursor.at++
  return depth === 0 ? 'whole' : 'broken'
}

function readStringValue(cursor: Cursor): Read {
  const { at } = cursor
  const value = readString(cursor)
  if (value === null) return 'broken'
  if (!value.isWellFormed()) addFault(cursor, 'not_unicode', at)
  put(cursor, value)
  return 'whole'
}

/** Null where there is no string here, or none that ends: the cursor then is at the character that JSON does not allow. */
function readString(cursor: Cursor): string | null {
  const { text, at: start } = cursor
  if (text[start] !== '"') return null
  let hasEscapes = false
  for (cursor.at++; cursor.at < text.length; cursor.at++) {
    const code = text.charCodeAt(cursor.at)
    if (code === QUOTE) {
      const literal = text.slice(start, ++cursor.at)
      return hasEscapes ? JSON.parse(literal) : literal.slice(1, -1)
    }
    if (code < SPACE) return null
    if (code !== BACKSLASH) continue
    hasEscapes = true
    if (take(cursor, ESCAPE) === null) return null
    cursor.at--
  }
  return null
}

const WORDS: Readonly<Record<string, unknown>> = { true: true, false: false, null: null }

function readPlain(cursor: Cursor): Read {
  const digits = take(cursor, NUMBER)
  const word = digits === null ? take(cursor, WORD) : null
  if (digits === null && word === null) return 'broken'
  put(cursor, digits === null ? WORDS[word ?? ''] : cursor.toNumber(digits))
  return 'whole'
}

function put(cursor: Cursor, value: unknown): void {
  const frame = cursor.frames.at(-1)
  if (!frame) cursor.root = value
  else if (Array.isArray(frame.holder)) frame.holder.push(value)
  else if (frame.key === '__proto__') define(frame.holder, frame.key, value)
  else frame.holder[frame.key] = value
}

/** An assignment would change the prototype. It is the slower way. */
function define(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  })
}

/** Of a path, this much is looked at: what is shown of it is shorter. */
const MAX_STEPS = 64
const MAX_STEP = 256

function addFault({ frames, faults }: Cursor, reason: JsonFaultReason, at: number): void {
  if (faults.filter((fault) => fault.reason === reason).length === MAX_FAULTS) return
  const steps = frames.slice(0, MAX_STEPS).map((frame, depth) => {
    if (!Array.isArray(frame.holder)) return frame.key.slice(0, MAX_STEP)
    const isRead = reason === 'nested_too_deep' || depth < frames.length - 1
    // An array that was begun is in its holder already, and a text that is read now is not.
    return String(frame.holder.length - (isRead ? 1 : 0))
  })
  const path = steps.join('.')
  faults.push({ reason, path, at })
}
