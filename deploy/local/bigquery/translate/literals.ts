// Writes GoogleSQL's values into DuckDB's SQL.

import type { SqlType } from '../analyzer/types.ts'
import { notImplemented } from '../values/errors.ts'
import { quoteLiteral, quoteName } from '../values/names.ts'
import { elementOf, fieldsOf, kindOf, typeSql } from './types.ts'
import type { Value } from './value-tree.ts'

type Write = (value: Value, type: SqlType) => string | undefined

/** A typed literal; an absent value is NULL. */
export function literalSql(type: SqlType, value: Value): string {
  const write = WRITERS[kindOf(type)]
  if (!write) throw notImplemented(`a literal of type ${kindOf(type)}`)
  const text = write(value, type)
  return text === undefined ? `CAST(NULL AS ${typeSql(type)})` : text
}

const of = <T>(value: T | undefined, write: (value: T) => string) =>
  value === undefined ? undefined : write(value)

const WRITERS: Readonly<Record<string, Write>> = {
  INT64: ({ int64_value: value }) => of(value, (digits) => `CAST(${digits} AS BIGINT)`),
  BOOL: ({ bool_value: value }) => of(value, (is) => (is ? 'TRUE' : 'FALSE')),
  DOUBLE: ({ double_value: value }) => of(value, (number) => `CAST('${number}' AS DOUBLE)`),
  STRING: ({ string_value: value }) => of(value, quoteLiteral),
  BYTES: ({ bytes_value: value }) =>
    of(value, (bytes) => `unhex('${Buffer.from(bytes).toString('hex')}')`),
  DATE: ({ date_value: value }) => of(value, (days) => `DATE '${isoDate(days)}'`),
  TIMESTAMP: ({ timestamp_value: value }) =>
    of(value, ({ seconds = '0', nanos = 0 }) => {
      const micros = BigInt(seconds) * 1_000_000n + BigInt(Math.trunc(nanos / 1000))
      return `make_timestamptz(CAST(${micros} AS BIGINT))`
    }),
  DATETIME: ({ datetime_value: value }) =>
    of(value, ({ bit_field_datetime_seconds: bits = '0', nanos = 0 }) => {
      const { time, days } = datetimeOf(BigInt(bits))
      return `CAST('${days} ${time}${fraction(nanos)}' AS TIMESTAMP)`
    }),
  TIME: ({ time_value: value }) =>
    of(value, (bits) => {
      const nanos = Number(BigInt(bits) & 0x3fffffffn)
      return `CAST('${clock(BigInt(bits) >> 30n)}${fraction(nanos)}' AS TIME)`
    }),
  NUMERIC: ({ numeric_value: value }) =>
    of(value, (bytes) => `CAST('${billionths(bytes)}' AS DECIMAL(38, 9))`),
  JSON: ({ json_value: value }) => of(value, (json) => `CAST(${quoteLiteral(json)} AS JSON)`),
  INTERVAL: ({ interval_value: value }) => of(value, intervalSql),
  ENUM: ({ enum_value: value }) => of(value, (number) => `'${number}'`),
  ARRAY: ({ array_value: value }, type) =>
    of(value, ({ element }) => {
      const elements = element.map((each) => literalSql(elementOf(type), each))
      return `CAST([${elements.join(', ')}] AS ${typeSql(type)})`
    }),
  STRUCT: ({ struct_value: value }, type) =>
    of(value, ({ field }) => {
      const fields = fieldsOf(type).map(
        ({ name, type: each }, i) => `${quoteName(name)} := ${literalSql(each, field[i] ?? {})}`,
      )
      return `struct_pack(${fields.join(', ')})`
    }),
}

const MS_PER_DAY = 86_400_000

function isoDate(days: number) {
  const date = new Date(days * MS_PER_DAY)
  return `${pad(date.getUTCFullYear(), 4)}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`
}

// Year, month, day, hour, minute and second, packed from the highest bits to the lowest.
function datetimeOf(bits: bigint) {
  const date = [26n, 22n, 17n].map((shift, i) => (bits >> shift) & (i === 0 ? 0x3fffn : 0x1fn))
  const [year, month, day] = [date[0] ?? 0n, (date[1] ?? 0n) & 0xfn, date[2] ?? 0n]
  return { days: `${pad(year, 4)}-${pad(month)}-${pad(day)}`, time: clock(bits & 0x1ffffn) }
}

const clock = (bits: bigint) =>
  `${pad((bits >> 12n) & 0x1fn)}:${pad((bits >> 6n) & 0x3fn)}:${pad(bits & 0x3fn)}`

const fraction = (nanos: number) => `.${pad(Math.trunc(nanos / 1000), 6)}`

const pad = (value: number | bigint, width = 2) => String(value).padStart(width, '0')

// NUMERIC is sent as billionths: a signed integer of any length, the lowest byte first.
function billionths(bytes: Uint8Array) {
  const value = signed(bytes)
  const digits = String(value < 0n ? -value : value).padStart(10, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`
}

function signed(bytes: Uint8Array) {
  const magnitude = bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n)
  return BigInt.asIntN(bytes.length * 8, magnitude)
}

// Microseconds, days, and months above thirteen bits of nanoseconds, with a sign bit of their own.
function intervalSql(bytes: Uint8Array) {
  const micros = signed(bytes.slice(0, 8))
  const days = signed(bytes.slice(8, 12))
  const packed = BigInt.asUintN(32, signed(bytes.slice(12, 16)))
  const months = ((packed & 0x3fffe000n) >> 13n) * (packed >> 31n === 1n ? -1n : 1n)
  return `(to_months(CAST(${months} AS INTEGER)) + to_days(CAST(${days} AS INTEGER)) + to_microseconds(CAST(${micros} AS BIGINT)))`
}
