// BigQuery's column types: what each is in DuckDB, and how a JSON value of a streamed row becomes a DuckDB value.

import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  type DuckDBValue,
  INTERVAL,
  LIST,
  STRUCT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  VARCHAR,
} from '@duckdb/node-api'
import { parseInterval } from './intervals.ts'
import { quoteName } from './names.ts'
import { parseBytes, parseFloat64, parseInteger, parseNumeric } from './numbers.ts'
import type { FieldSchema } from './resources.ts'
import { parseDate, parseDatetime, parseTime, parseTimestamp } from './times.ts'

type ColumnType = {
  /** The type of a DuckDB column, and of the values that `parse` makes for it. */
  readonly column: string
  readonly value: DuckDBType
  /** The value without loss, or undefined if BigQuery calls it invalid. */
  readonly parse: (value: unknown) => DuckDBValue | undefined
  /** BigQuery's message for an invalid value. */
  readonly complaint: (value: unknown) => string
}

const aliases: Readonly<Record<string, string>> = {
  INT64: 'INTEGER',
  FLOAT64: 'FLOAT',
  BOOL: 'BOOLEAN',
  STRUCT: 'RECORD',
  DECIMAL: 'NUMERIC',
}

/** The other names that SQL has for INT64. */
export const INTEGER_ALIASES = ['INT', 'INTEGER', 'SMALLINT', 'BIGINT', 'TINYINT', 'BYTEINT']

function shown(value: unknown) {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 128 ? `${text.slice(0, 128)}…` : text
}

const cannotConvert = (to: string) => (value: unknown) =>
  `Cannot convert value to ${to} (bad value): ${shown(value)}`

// From a parser of texts that gives `parsed`, one of JSON values that gives DuckDB's.
const fromText =
  <T>(parse: (text: string) => T | undefined, make: (parsed: T) => DuckDBValue) =>
  (value: unknown) => {
    const parsed = typeof value === 'string' ? parse(value) : undefined
    return parsed === undefined ? undefined : make(parsed)
  }

function parseBoolean(value: unknown) {
  if (typeof value === 'boolean') return value
  if (typeof value !== 'string' || !/^(true|false)$/i.test(value)) return undefined
  return value.toLowerCase() === 'true'
}

function parseJson(text: string) {
  try {
    JSON.parse(text)
    return text
  } catch {
    return undefined
  }
}

const timestampFormat =
  'Required format is YYYY-MM-DD HH:MM[:SS[.SSSSSS]] or YYYY/MM/DD HH:MM[:SS[.SSSSSS]]'

const columnTypes: Readonly<Record<string, ColumnType>> = {
  STRING: {
    column: 'VARCHAR',
    value: VARCHAR,
    parse: (value) => (typeof value === 'string' ? value : undefined),
    complaint: cannotConvert('string'),
  },
  BYTES: {
    column: 'BLOB',
    value: BLOB,
    parse: fromText(parseBytes, (bytes) => new DuckDBBlobValue(bytes)),
    complaint: (value) => `Could not decode base64 string to bytes. Value: ${shown(value)}`,
  },
  INTEGER: {
    column: 'BIGINT',
    value: BIGINT,
    parse: parseInteger,
    complaint: cannotConvert('integer'),
  },
  FLOAT: {
    column: 'DOUBLE',
    value: DOUBLE,
    parse: parseFloat64,
    complaint: cannotConvert('floating point'),
  },
  NUMERIC: {
    column: 'DECIMAL(38,9)',
    value: DECIMAL(38, 9),
    parse: (value) => {
      const billionths = parseNumeric(value)
      return billionths === undefined ? undefined : new DuckDBDecimalValue(billionths, 38, 9)
    },
    complaint: (value) => `Invalid NUMERIC value: ${shown(value)}`,
  },
  BOOLEAN: {
    column: 'BOOLEAN',
    value: BOOLEAN,
    parse: parseBoolean,
    complaint: cannotConvert('boolean'),
  },
  TIMESTAMP: {
    column: 'TIMESTAMPTZ',
    value: TIMESTAMPTZ,
    parse: (value) => {
      const micros = parseTimestamp(value)
      return micros === undefined ? undefined : new DuckDBTimestampTZValue(micros)
    },
    complaint: (value) => `Could not parse '${shown(value)}' as a timestamp. ${timestampFormat}`,
  },
  DATE: {
    column: 'DATE',
    value: DATE,
    parse: fromText(parseDate, (days) => new DuckDBDateValue(days)),
    complaint: (value) => `Invalid date: '${shown(value)}'`,
  },
  TIME: {
    column: 'TIME',
    value: TIME,
    parse: fromText(parseTime, (micros) => new DuckDBTimeValue(BigInt(micros))),
    complaint: (value) => `Invalid time string "${shown(value)}"`,
  },
  DATETIME: {
    column: 'TIMESTAMP',
    value: TIMESTAMP,
    parse: fromText(parseDatetime, (micros) => new DuckDBTimestampValue(micros)),
    complaint: (value) => `Invalid datetime string "${shown(value)}"`,
  },
  INTERVAL: {
    column: 'INTERVAL',
    value: INTERVAL,
    parse: (value) => (typeof value === 'string' ? parseInterval(value) : undefined),
    complaint: (value) => `Invalid INTERVAL value '${shown(value)}'`,
  },
  JSON: {
    column: 'JSON',
    value: VARCHAR,
    parse: fromText(parseJson, (text) => text),
    complaint: (value) => `Invalid JSON value: ${shown(value)}`,
  },
}

/** The type's name in the REST API: `INT64` is `INTEGER`, `STRUCT` is `RECORD` and so on. */
export function canonicalType(type: string | undefined) {
  const upper = String(type).toUpperCase()
  return aliases[upper] ?? upper
}

/** Whether a canonical type name can be a column here. */
export const isKnownType = (type: string) => type === 'RECORD' || type in columnTypes

/** A scalar type's parser and complaint; a RECORD has none. */
export function columnType(type: string): ColumnType {
  const found = columnTypes[type]
  if (!found) throw new Error(`no scalar type ${type}`)
  return found
}

/** The DuckDB column type of a field, with its mode, as SQL. */
export function columnSql(field: FieldSchema): string {
  const single =
    field.type === 'RECORD' ? structSql(field.fields ?? []) : columnType(field.type).column
  return field.mode === 'REPEATED' ? `${single}[]` : single
}

const structSql = (fields: readonly FieldSchema[]) =>
  `STRUCT(${fields.map((field) => `${quoteName(field.name)} ${columnSql(field)}`).join(', ')})`

/** The DuckDB type of a field's parsed values, with its mode. */
export function valueType(field: FieldSchema): DuckDBType {
  const single =
    field.type === 'RECORD' ? structType(field.fields ?? []) : columnType(field.type).value
  return field.mode === 'REPEATED' ? LIST(single) : single
}

const structType = (fields: readonly FieldSchema[]) =>
  STRUCT(Object.fromEntries(fields.map((field) => [field.name, valueType(field)])))
