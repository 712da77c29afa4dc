// Puts DuckDB's types and values into BigQuery's wire form: a schema, and rows of `{f: [{v}]}`.

import {
  DuckDBBlobValue,
  DuckDBDecimalValue,
  DuckDBListType,
  DuckDBListValue,
  DuckDBStructType,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api'
import { notImplemented } from './errors.ts'
import type { FieldSchema } from './resources.ts'

/** How a TIMESTAMP is written: `INT64` microseconds, or BigQuery's default, seconds with a fraction. */
export type TimestampFormat = 'INT64' | 'FLOAT64' | 'ISO8601_STRING'

const scalarTypes: ReadonlyMap<DuckDBTypeId, string> = new Map([
  [DuckDBTypeId.BOOLEAN, 'BOOLEAN'],
  [DuckDBTypeId.TINYINT, 'INTEGER'],
  [DuckDBTypeId.SMALLINT, 'INTEGER'],
  [DuckDBTypeId.INTEGER, 'INTEGER'],
  [DuckDBTypeId.BIGINT, 'INTEGER'],
  [DuckDBTypeId.UTINYINT, 'INTEGER'],
  [DuckDBTypeId.USMALLINT, 'INTEGER'],
  [DuckDBTypeId.UINTEGER, 'INTEGER'],
  [DuckDBTypeId.UBIGINT, 'INTEGER'],
  // DuckDB's SUM of integers.
  [DuckDBTypeId.HUGEINT, 'INTEGER'],
  // An untyped NULL is an INT64 in GoogleSQL.
  [DuckDBTypeId.SQLNULL, 'INTEGER'],
  [DuckDBTypeId.FLOAT, 'FLOAT'],
  [DuckDBTypeId.DOUBLE, 'FLOAT'],
  [DuckDBTypeId.DECIMAL, 'NUMERIC'],
  [DuckDBTypeId.VARCHAR, 'STRING'],
  [DuckDBTypeId.BLOB, 'BYTES'],
  [DuckDBTypeId.DATE, 'DATE'],
  [DuckDBTypeId.TIME, 'TIME'],
  [DuckDBTypeId.TIMESTAMP, 'DATETIME'],
  [DuckDBTypeId.TIMESTAMP_TZ, 'TIMESTAMP'],
])

/** The field schema of a result column; a type BigQuery does not have is refused by name. */
export function fieldOf(name: string, type: DuckDBType, mode = 'NULLABLE'): FieldSchema {
  if (type instanceof DuckDBListType) return fieldOf(name, type.valueType, 'REPEATED')
  if (type instanceof DuckDBStructType) {
    const fields = type.entryNames.map((entry, i) => fieldOf(entry, structEntry(type, i)))
    return { name, type: 'RECORD', mode, fields }
  }
  if (type.alias === 'JSON') return { name, type: 'JSON', mode }
  const scalar = scalarTypes.get(type.typeId)
  if (!scalar) throw notImplemented(`a result column of DuckDB type ${String(type)} (${name})`)
  return { name, type: scalar, mode }
}

function structEntry(type: DuckDBStructType, i: number) {
  const entry = type.entryTypes[i]
  if (!entry) throw new Error(`struct without entry ${i}`)
  return entry
}

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
