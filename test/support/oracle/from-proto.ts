// Reads values of GoogleSQL's messages into the cells of a row as the REST API answers it.

import { z } from 'zod'
import type { SqlType } from '../../../deploy/local/bigquery/analyzer/types.ts'

/** A cell of the REST API: `v` is a text, null, a row for a STRUCT and a list of cells for an ARRAY. */
export type Cell = { readonly v: unknown }

/** BigQuery refuses a result that the reference gives: an ARRAY with a NULL in it. */
export class NullElementError extends Error {
  override readonly name = 'NullElementError'
}

const integer = z.union([z.string(), z.number()]).transform(BigInt)

const datetime = z.object({
  bit_field_datetime_seconds: integer,
  nanos: integer.default(0n),
})
const timestamp = z.object({ seconds: integer.default(0n), nanos: integer.default(0n) })

const proto = z.looseObject({})
type Proto = z.infer<typeof proto>

const array = z.object({ element: z.array(proto).default([]) })
const struct = z.object({ field: z.array(proto).default([]) })

/** The cell of a value of this type; TIMESTAMP in microseconds, as `useInt64Timestamp` asks for. */
export function cellOf(type: SqlType, value: Proto): Cell {
  const element = type.array_type?.element_type
  if (element) return { v: elementsOf(element, value) }
  const [content] = Object.values(value)
  if (content === undefined) return { v: null }
  const fields = type.struct_type?.field
  if (!fields) return { v: textOf(type.type_kind, content) }
  const values = struct.parse(content).field
  return { v: { f: fields.map(({ field_type }, i) => cellOf(field_type, values[i] ?? {})) } }
}

function elementsOf(element: SqlType, value: Proto) {
  const [content] = Object.values(value)
  if (content === undefined) return []
  const cells = array.parse(content).element.map((each) => cellOf(element, each))
  if (cells.some(({ v }) => v === null))
    throw new NullElementError('Array cannot have a null element')
  return cells
}

function textOf(kind: string, content: unknown) {
  const read = readers[kind]
  return read ? read(content) : String(content)
}

const bytes = z.instanceof(Uint8Array)

const readers: Readonly<Record<string, (content: unknown) => string>> = {
  TYPE_BYTES: (content) => Buffer.from(bytes.parse(content)).toString('base64'),
  TYPE_NUMERIC: (content) => numericText(bytes.parse(content)),
  TYPE_INTERVAL: (content) => intervalText(bytes.parse(content)),
  TYPE_DATE: (content) => new Date(Number(content) * 86_400_000).toISOString().slice(0, 10),
  TYPE_TIME: (content) => {
    const bits = integer.parse(content)
    return clockText(bits >> 30n, bits & 0x3fffffffn)
  },
  TYPE_DATETIME: (content) => {
    const { bit_field_datetime_seconds: bits, nanos } = datetime.parse(content)
    const date = [pad(bits >> 26n, 4), pad((bits >> 22n) & 15n), pad((bits >> 17n) & 31n)].join('-')
    return `${date}T${clockText(bits & 0x1ffffn, nanos)}`
  },
  TYPE_TIMESTAMP: (content) => {
    const { seconds, nanos } = timestamp.parse(content)
    return String(seconds * 1_000_000n + nanos / 1000n)
  },
}

const pad = (part: bigint, digits = 2) => String(part).padStart(digits, '0')

function clockText(bits: bigint, nanos: bigint) {
  const clock = [bits >> 12n, (bits >> 6n) & 63n, bits & 63n].map((part) => pad(part)).join(':')
  return nanos ? `${clock}.${trimZeros(pad(nanos / 1000n, 6))}` : clock
}

// Microseconds, days, and months above thirteen bits of nanoseconds, with a sign bit of their own.
function intervalText(littleEndian: Uint8Array) {
  const part = Buffer.from(littleEndian)
  const [micros, days, packed] = [
    part.readBigInt64LE(0),
    part.readInt32LE(8),
    part.readUInt32LE(12),
  ]
  const months = Number((BigInt(packed) & 0x3fffe000n) >> 13n)
  const seconds = (micros < 0n ? -micros : micros) / 1_000_000n
  const fraction = pad((micros < 0n ? -micros : micros) % 1_000_000n, 6)
  const shown = fraction.endsWith('000') ? fraction.slice(0, 3) : fraction
  const date = `${packed >>> 31 && months ? '-' : ''}${Math.floor(months / 12)}-${months % 12} ${days}`
  const clock = `${seconds / 3600n}:${(seconds / 60n) % 60n}:${seconds % 60n}`
  return `${date} ${micros < 0n ? '-' : ''}${clock}${Number(fraction) ? `.${shown}` : ''}`
}

function numericText(littleEndian: Uint8Array) {
  const hex = Buffer.from(littleEndian.toReversed()).toString('hex')
  const billionths = BigInt.asIntN(littleEndian.length * 8, BigInt(`0x${hex || '0'}`))
  const digits = pad(billionths < 0n ? -billionths : billionths, 10)
  const fraction = trimZeros(digits.slice(-9))
  return `${billionths < 0n ? '-' : ''}${digits.slice(0, -9)}${fraction && `.${fraction}`}`
}

function trimZeros(fraction: string) {
  let end = fraction.length
  while (fraction[end - 1] === '0') end--
  return fraction.slice(0, end)
}
