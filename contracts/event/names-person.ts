// Decides whether a message is about a person: by the customer id that can be read in it, or else by the words in its bytes.

import { LosslessNumber } from 'lossless-json'
import { diagnoseJson } from './diagnose-json.ts'
import { decodeText, exactNumber, isObject } from './json.ts'
import { trimmed } from './trim.ts'

/**
 * - named: the message has the customer id
 * - mentioned: no customer id can be read, and the message has a word, or the order, of the person
 * - another: the message has the id of another customer
 * - none: nothing of it says that it is about the person
 */
export type Relation = 'named' | 'mentioned' | 'another' | 'none'

/** What a person is known by. */
export type Known = {
  readonly customerId: string
  /** E-mail addresses, telephone numbers and vehicle numbers, as they were sent. */
  readonly identifiers: readonly string[]
  readonly orders: ReadonlySet<string>
}

export type Candidate = {
  readonly data: Uint8Array | null
  readonly attributes: Readonly<Record<string, string>>
  readonly orderId: string | null
}

/** Pure, and linear in the length of the message. */
export function relationTo(known: Known, { data, attributes, orderId }: Candidate): Relation {
  const bytes = Buffer.from(data ?? [])
  const customer = customerIn(bytes)
  if (customer !== null) return customer === known.customerId ? 'named' : 'another'
  if (orderId !== null && known.orders.has(orderId)) return 'mentioned'
  const words = [known.customerId, ...known.identifiers]
  const attributeBytes = Buffer.from(JSON.stringify(attributes))
  const isMentioned = words.some((word) => hasWord(bytes, word) || hasWord(attributeBytes, word))
  return isMentioned ? 'mentioned' : 'none'
}

/** Null where the bytes are no JSON object, or it has no customer id that can be read. */
function customerIn(bytes: Buffer): string | null {
  const { value } = diagnoseJson(decodeText(bytes), exactNumber)
  const id = isObject(value) ? value['customer_id'] : undefined
  const isId = typeof id === 'string' || typeof id === 'number' || id instanceof LosslessNumber
  return isId ? trimmed(String(id)) || null : null
}

type Written = { readonly bytes: Buffer; readonly width: 1 | 2 }

/** The bytes of a word as senders write it: UTF-8, escaped as JSON, escaped to ASCII, or UTF-16. */
export function writings(word: string): Written[] {
  const json = JSON.stringify(word).slice(1, -1)
  const texts = new Set([word, json, escaped(json, (hex) => hex), escaped(json, upper)])
  const wide = Buffer.from(word, 'utf16le')
  return [
    ...[...texts].map((text) => ({ bytes: Buffer.from(text), width: 1 as const })),
    { bytes: wide, width: 2 },
    { bytes: Buffer.from(wide).swap16(), width: 2 },
  ]
}

const upper = (hex: string) => hex.toUpperCase()

const escaped = (text: string, style: (hex: string) => string) =>
  text.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${style(unit.charCodeAt(0).toString(16).padStart(4, '0'))}`,
  )

/** True where the bytes have the word, in whatever way it is written, and not as a part of a longer one. */
export const hasWord = (bytes: Buffer, word: string) =>
  writings(word).some((written) => hasWriting(bytes, written))

/** A word stands alone: `C101` is not in `C1011`. */
function hasWriting(bytes: Buffer, { bytes: word, width }: Written): boolean {
  for (let at = bytes.indexOf(word); at >= 0; at = bytes.indexOf(word, at + 1))
    if (!isWithin(bytes, at, word.length, width)) return true
  return false
}

function isWithin(bytes: Buffer, at: number, length: number, width: 1 | 2): boolean {
  const before = bytes.toString('latin1', Math.max(0, at - width), at)
  const after = bytes.toString('latin1', at + length, at + length + width)
  return /[A-Za-z0-9]/.test(before) || /[A-Za-z0-9]/.test(after)
}
