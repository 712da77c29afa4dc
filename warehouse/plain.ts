// Values of Google's BigQuery client in a form that prints.

import { isUtf8 } from 'node:buffer'
import type { Cell, Row } from '../cli/output/tables.ts'

export const plainRow = (row: Readonly<Record<string, unknown>>): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]))

/** The columns whose values are numbers: a NUMERIC has become text, for its digits. */
export const numberColumns = (
  rows: readonly Readonly<Record<string, unknown>>[],
): ReadonlySet<string> =>
  new Set(rows.flatMap((row) => Object.keys(row).filter((name) => isNumber(row[name]))))

const isNumber = (value: unknown) =>
  typeof value === 'number' || typeof value === 'bigint' || isDecimal(value)

/** Timestamps and NUMERIC become their text, with all digits; bytes become text, or base64 where they are none. */
export function plain(value: unknown): Cell {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') return value.toString()
  if (Buffer.isBuffer(value))
    return isUtf8(value) ? value.toString('utf8') : value.toString('base64')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object') return plainObject(value)
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : null
}

function plainObject(value: object): Cell {
  // A timestamp or date of the client holds its text; a NUMERIC is a Big, which writes all its digits.
  if (!isStruct(value) && 'value' in value && typeof value.value === 'string') return value.value
  if (isDecimal(value)) return value.toFixed()
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]))
}

/** A STRUCT has no class of the client, whatever its fields are called. */
function isStruct(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** A NUMERIC of the client. */
function isDecimal(value: unknown): value is { toFixed: () => string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'toFixed' in value &&
    typeof value.toFixed === 'function'
  )
}
