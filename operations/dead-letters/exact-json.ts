// JSON that keeps every digit through an edit: numbers are texts with a mark nothing else has, until they are written.

import { randomUUID } from 'node:crypto'
import { isSafeNumber, LosslessNumber, parse, stringify } from 'lossless-json'
import { readJsonObject, writeJson } from '#contracts/event/json'

/** No text of a partner begins so. */
const MARK = `\u0000${randomUUID()}:`

/** @throws SyntaxError where `text` is not JSON */
export function parseExact(text: string): unknown {
  return parse(text, null, { parseNumber: (digits) => `${MARK}${digits}` })
}

/** The text of what `parseExact` gave, changed or not: every number has the digits it was written with. */
export function writeExact(value: unknown): string {
  return stringify(unmarked(value, (digits) => new LosslessNumber(digits))) ?? 'null'
}

/** The same for a JSON column of BigQuery, which takes no number that a double would change: such a one becomes a text. */
export function writeForColumn(value: unknown): string {
  return writeJson(
    unmarked(value, (digits) =>
      isSafeNumber(digits) ? Number.parseFloat(digits) : new LosslessNumber(digits),
    ),
  )
}

/** The object a message holds, or null where the contract does not take it for one: it is edited as a text then. */
export function readEditable(data: Uint8Array): unknown {
  return readJsonObject(data).ok ? parseExact(Buffer.from(data).toString('utf8')) : null
}

function unmarked(value: unknown, toNumber: (digits: string) => unknown): unknown {
  if (typeof value === 'string')
    return value.startsWith(MARK) ? toNumber(value.slice(MARK.length)) : value
  if (Array.isArray(value)) return value.map((inner) => unmarked(inner, toNumber))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, unmarked(inner, toNumber)]),
  )
}
