// What is told of a broken rule: where it is, what the contract expects there, and what the message has there, masked and cut.

import { stringify } from 'lossless-json'
import type { Message, Violation } from '../batch.ts'
import { maskedStart, maskPersonal } from '../mask.ts'
import { REASONS } from '../reasons.ts'
import type { Diagnosis, JsonFaultReason } from './diagnose-json.ts'
import { type JsonReason, numeral } from './json.ts'
import { isPersonal } from './personal-data.ts'
import { KNOWN_FIELDS } from './schema.ts'

const MAX_SHOWN = 80

/** A key of a partner's object stands in the path, and may be as long as the message. */
const MAX_PATH = 256

/** @param value as it was sent: a number is a `LosslessNumber` with its own digits */
export function violationAt(reason: string, path: string, value: unknown): Violation {
  return violation(reason, path, isPersonal(path) ? kind(value) : shown(value))
}

/** A violation by the message as a whole, which has no path. */
export function wholeViolation(reason: string, message: Message): Violation {
  return violation(reason, '', sizeOf(message))
}

/** The place where text stops being JSON. */
export function brokenJson(message: Message, text: string, at: number): Violation {
  const before = at > 0 ? ` after ${excerpt(text.slice(Math.max(0, at - EXCERPT), at))}` : ''
  const found = at < text.length ? excerpt(text.slice(at, at + EXCERPT)) : 'the end of the message'
  const received = `${sizeOf(message)}, broken at ${placeOf(text, at)}${before} by ${found}`
  return violation('not_json', '', received)
}

const FOUND: Readonly<Record<JsonFaultReason, string>> = {
  nested_too_deep: 'a value that is nested deeper',
  duplicate_key: 'this key again',
  forbidden_key: 'this key',
  not_unicode: 'half a surrogate pair',
}

/** The reasons that are about a place in the text. */
export const HAS_PLACE: ReadonlySet<JsonReason> = new Set([
  'not_json',
  'nested_too_deep',
  'duplicate_key',
  'forbidden_key',
  'not_unicode',
])

/** What is wrong with text that is JSON: each key or value, or the text as a whole where it breaks before that. */
export function jsonViolations(
  reason: JsonReason,
  message: Message,
  { text, diagnosis }: { readonly text: string; readonly diagnosis: Diagnosis },
): Violation[] {
  const { breaksAt, faults } = diagnosis
  if (reason === 'not_json' && breaksAt !== null) return [brokenJson(message, text, breaksAt)]
  const told = breaksAt === null ? faults : faults.filter((fault) => fault.reason === reason)
  if (told.length === 0) return [wholeViolation(reason, message)]
  return told.map((fault) =>
    violation(fault.reason, fault.path, `${FOUND[fault.reason]}, at ${placeOf(text, fault.at)}`),
  )
}

function violation(reason: string, path: string, received: string): Violation {
  return {
    reason,
    path: maskedStart(path, MAX_PATH),
    expected: REASONS[reason] ?? reason,
    received,
  }
}

const sizeOf = ({ data, part }: Message) =>
  part
    ? `a message that had to be cut into ${part.of} parts`
    : `a message of ${data.length.toLocaleString('en')} bytes`

/** Lines and characters are counted from 1, as editors do. */
export function placeOf(text: string, at: number): string {
  const before = text.slice(0, at)
  const line = before.split('\n').length
  return `line ${line}, column ${at - before.lastIndexOf('\n')}`
}

/** Characters on each side of a place. */
const EXCERPT = 24

/** Words that tell of no person. */
const PLAIN_WORDS: ReadonlySet<string> = new Set([
  ...KNOWN_FIELDS,
  ...'purchase cancellation true false null undefined NaN Infinity None True False'.split(' '),
])

/** Broken JSON cannot be masked field by field: of its words, only those of the contract and of JSON are shown. */
function excerpt(text: string): string {
  return text
    .replace(/[\p{L}\p{M}\p{N}_]+/gu, (word) => (PLAIN_WORDS.has(word) ? word : '…'))
    .replace(/\s+/g, ' ')
    .trim()
    .toWellFormed()
}

/** Cut before it is masked: a partner may send a megabyte, and a person reads its beginning. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = stringify(maskPersonal(value, MAX_SHOWN)) ?? 'null'
  return text.slice(0, MAX_SHOWN).toWellFormed()
}

function kind(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  const type = numeral(value) === null ? typeof value : 'number'
  return `${Array.isArray(value) ? 'an array' : `a value of type ${type}`} (personal, not shown)`
}
