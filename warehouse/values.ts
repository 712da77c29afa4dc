// The values of a row without the wrapper classes of Google's BigQuery client. Nothing else knows those classes.

/** Timestamps, dates and times are text; NUMERIC is decimal text with all its digits; BYTES is a Buffer. */
export type PlainValue =
  | string
  | number
  | boolean
  | null
  | Buffer
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue }

export type PlainRow = Readonly<Record<string, PlainValue>>

export const plainRow = (row: Readonly<Record<string, unknown>>): PlainRow =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainValue(value)]))

export function plainValue(value: unknown): PlainValue {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') return value.toString()
  if (Buffer.isBuffer(value)) return value
  if (Array.isArray(value)) return value.map(plainValue)
  if (typeof value === 'object') return isWrapper(value) ? unwrap(value) : plainRow({ ...value })
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : null
}

/** A STRUCT has fields of any name; only the classes of the client have a prototype of their own. */
const isWrapper = (value: object) => Object.getPrototypeOf(value) !== Object.prototype

/** A RANGE holds two values; a NUMERIC is a number of the library big.js; every other class holds its text. */
function unwrap(value: object): PlainValue {
  if ('value' in value) return plainValue(value.value)
  if ('toFixed' in value && typeof value.toFixed === 'function') return String(value.toFixed())
  return plainRow({ ...value })
}
