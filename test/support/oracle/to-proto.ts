// Writes the values of rows, as the REST API takes them, as values of GoogleSQL's messages.

import { z } from 'zod'
import type { FieldSchema } from '../../../deploy/local/bigquery/values/resources.ts'

/** A row for tabledata.insertAll: DATE, DATETIME, TIME and NUMERIC as texts, TIMESTAMP as ISO 8601 with `Z`. */
export type TableRow = Readonly<Record<string, unknown>>

/** A ValueProto as a plain object; NULL has no property. */
export type ValueProto = Readonly<Record<string, unknown>>

/** The cells of a row in the order of the fields. */
export const rowProto = (fields: readonly FieldSchema[], row: TableRow) => ({
  cell: fields.map((field) => fieldProto(field, row[field.name])),
})

/** The value of one field. */
export function fieldProto(field: FieldSchema, value: unknown): ValueProto {
  if (field.mode !== 'REPEATED') return singleProto(field, value)
  const elements = Array.isArray(value) ? value : []
  return { array_value: { element: elements.map((each) => singleProto(field, each)) } }
}

function singleProto({ type, fields = [] }: FieldSchema, value: unknown): ValueProto {
  if (value === null || value === undefined) return {}
  if (type === 'RECORD') {
    const struct = new Map(Object.entries(value))
    return { struct_value: { field: fields.map((f) => fieldProto(f, struct.get(f.name))) } }
  }
  const write = writers[type]
  if (!write) throw new Error(`The reference cannot be given a ${type}.`)
  return write(z.coerce.string().parse(value))
}

const writers: Readonly<Record<string, (text: string) => ValueProto>> = {
  STRING: (text) => ({ string_value: text }),
  JSON: (text) => ({ json_value: text }),
  BYTES: (text) => ({ bytes_value: Buffer.from(text, 'base64') }),
  INTEGER: (text) => ({ int64_value: text }),
  FLOAT: (text) => ({ double_value: Number(text) }),
  BOOLEAN: (text) => ({ bool_value: text === 'true' }),
  NUMERIC: (text) => ({ numeric_value: numericBytes(text) }),
  DATE: (text) => ({ date_value: Date.parse(`${text}T00:00Z`) / msPerDay }),
  TIME: (text) => ({ time_value: String((clockBits(text) << 30n) | nanosOf(text)) }),
  DATETIME: (text) => ({
    datetime_value: {
      bit_field_datetime_seconds: String(datetimeBits(text)),
      nanos: Number(nanosOf(text)),
    },
  }),
  TIMESTAMP: (text) => ({
    timestamp_value: { seconds: Math.floor(Date.parse(text) / 1000), nanos: Number(nanosOf(text)) },
  }),
}

const msPerDay = 86_400_000

// Hour, minute and second in 5, 6 and 6 bits.
function clockBits(text: string) {
  const [hour = 0, minute = 0, second = 0] = text.split(/[:.]/).map(Number)
  return (BigInt(hour) << 12n) | (BigInt(minute) << 6n) | BigInt(second)
}

// Year, month and day in 14, 4 and 5 bits before the time of the day.
function datetimeBits(text: string) {
  const [date = '', clock = ''] = text.split(/[T ]/)
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number)
  return (BigInt(year) << 26n) | (BigInt(month) << 22n) | (BigInt(day) << 17n) | clockBits(clock)
}

function nanosOf(text: string) {
  const [, fraction = ''] = /\.(\d+)/.exec(text) ?? []
  return BigInt(fraction.padEnd(9, '0'))
}

// Billionths in two's complement, the lowest byte first, in the fewest bytes that hold the sign.
function numericBytes(text: string) {
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  let rest = BigInt(`${sign}${whole}${fraction.padEnd(9, '0')}`)
  const bytes: number[] = []
  do {
    bytes.push(Number(rest & 0xffn))
    rest >>= 8n
  } while (!isSignOf(rest, bytes.at(-1) ?? 0))
  return Uint8Array.from(bytes)
}

const isSignOf = (rest: bigint, highest: number) => rest === (highest < 0x80 ? 0n : -1n)
