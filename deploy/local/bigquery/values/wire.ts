// Puts DuckDB's values into BigQuery's wire form: rows of `{f: [{v}]}`.

import {
  DuckDBBlobValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBValue,
} from '@duckdb/node-api'
import { intervalText } from './intervals.ts'
import type { FieldSchema } from './resources.ts'

/** How a TIMESTAMP is written: `INT64` microseconds, or BigQuery's default, seconds with a fraction. */
export type TimestampFormat = 'INT64' | 'FLOAT64' | 'ISO8601_STRING'

type ToWire = (value: DuckDBValue) => unknown

/** Makes the conversion of one row with these columns. */
export function rowToWire(fields: readonly FieldSchema[], timestamps: TimestampFormat) {
  const converters = fields.map((field) => toWire(field, timestamps))
  return (row: readonly DuckDBValue[]) => ({
    f: converters.map((convert, i) => ({ v: convert(row[i] ?? null) })),
  })
}

function toWire(field: FieldSchema, timestamps: TimestampFormat): ToWire {
  const single =
    field.type === 'RECORD' ? structToWire(field, timestamps) : scalarToWire(timestamps)
  const nullable: ToWire = (value) => (value === null ? null : single(value))
  if (field.mode !== 'REPEATED') return nullable
  // BigQuery has no NULL arrays in results: they are empty.
  return (list) =>
    list instanceof DuckDBListValue ? list.items.map((value) => ({ v: nullable(value) })) : []
}

function structToWire({ fields = [] }: FieldSchema, timestamps: TimestampFormat): ToWire {
  const row = rowToWire(fields, timestamps)
  return (struct) =>
    struct instanceof DuckDBStructValue ? row(Object.values(struct.entries)) : null
}

const scalarToWire =
  (timestamps: TimestampFormat): ToWire =>
  (value) => {
    if (value instanceof DuckDBTimestampTZValue) return timestampText(value.micros, timestamps)
    if (value instanceof DuckDBDecimalValue) return numericText(value)
    if (value instanceof DuckDBIntervalValue) return intervalText(value)
    if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64')
    if (value instanceof DuckDBTimestampValue) return withoutZeros(String(value).replace(' ', 'T'))
    return value instanceof DuckDBTimeValue ? withoutZeros(String(value)) : String(value)
  }

function timestampText(micros: bigint, format: TimestampFormat) {
  if (format === 'INT64') return String(micros)
  const within = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const seconds = (micros - within) / 1_000_000n
  const fraction = String(within).padStart(6, '0')
  if (format === 'ISO8601_STRING')
    return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${fraction}Z`
  return micros < 0n ? String(Number(micros) / 1e6) : `${seconds}.${fraction}`
}

// NUMERIC has nine decimals; DuckDB's products of two have more and are rounded half away from zero.
function numericText({ value, scale }: DuckDBDecimalValue) {
  const sign = value < 0n ? '-' : ''
  const magnitude = value < 0n ? -value : value
  const excess = 10n ** BigInt(Math.max(scale - 9, 0))
  const digits = (magnitude + excess / 2n) / excess
  const places = Math.min(scale, 9)
  const padded = String(digits).padStart(places + 1, '0')
  const whole = padded.slice(0, padded.length - places)
  // oxlint-disable-next-line regexp/no-super-linear-move -- nine digits at most
  const fraction = padded.slice(padded.length - places).replace(/0+$/, '')
  return fraction ? `${sign}${whole}.${fraction}` : digits === 0n ? '0' : `${sign}${whole}`
}

// oxlint-disable-next-line regexp/no-super-linear-backtracking -- a time of DuckDB has six digits behind its point
const withoutZeros = (text: string) => text.replace(/\.0+$/, '').replace(/(\.\d*?)0+$/, '$1')
