// Rows in protocol-buffer bytes, one field a column, written by hand: no reflection, no JSON in between.

import protobuf from 'protobufjs/minimal.js'
import type { Column, ColumnType, Table } from '#contracts'
import type { Row, Value } from '../warehouse.ts'
import { toMicros } from './timestamp.ts'

/** The value of this column can never be written. */
export class UnencodableValueError extends Error {
  override readonly name = 'UnencodableValueError'
  readonly column: string
  constructor(column: string) {
    super(`${column} has no value that its column takes`)
    this.column = column
  }
}

/** @throws UnencodableValueError where a value is not of its column's type, or a required one is missing */
export type EncodeRow = (columns: Row['columns']) => Uint8Array

type Writer = protobuf.Writer
/** Writes the value behind its tag; false where the value is not of the type. */
type WriteValue = (writer: Writer, tag: number, value: Value) => boolean

const VARINT = 0
const LENGTH_DELIMITED = 2

/** @throws Error from the encoder where a row names a column the table does not have: its value would be lost */
export function createRowEncoder(table: Table): EncodeRow {
  const fields = table.columns.map(toField)
  const names = new Set(table.columns.map(({ name }) => name))
  const writer = protobuf.Writer.create()
  return (columns) => {
    writer.reset()
    for (const name in columns)
      if (!names.has(name) && columns[name] !== null)
        throw new Error(`${table.name} has no column ${name}`)
    for (const { name, tag, isRequired, write } of fields) {
      const value = columns[name] ?? null
      const isFit = value === null ? !isRequired : write(writer, tag, value)
      if (!isFit) throw new UnencodableValueError(name)
    }
    return writer.finish()
  }
}

function toField({ name, type, mode }: Column, position: number) {
  const wireType = type === 'INTEGER' || type === 'TIMESTAMP' ? VARINT : LENGTH_DELIMITED
  return {
    name,
    tag: (fieldNumber(position) << 3) | wireType,
    isRequired: mode === 'REQUIRED',
    write: mode === 'REPEATED' ? writeTexts : WRITERS[type],
  }
}

/** The field of the column at `position` in the table's definition. */
export const fieldNumber = (position: number): number => position + 1

const writeText: WriteValue = (writer, tag, value) => {
  if (typeof value !== 'string') return false
  // BigQuery refuses a whole request for one lone surrogate, and a partner's broken id may have one.
  writer.uint32(tag).string(value.toWellFormed())
  return true
}

const writeTexts: WriteValue = (writer, tag, value) => {
  if (!Array.isArray(value)) return false
  return value.every((text) => writeText(writer, tag, text))
}

const writeBytes: WriteValue = (writer, tag, value) => {
  if (!(value instanceof Uint8Array)) return false
  writer.uint32(tag).bytes(value)
  return true
}

const writeInteger: WriteValue = (writer, tag, value) => {
  if (!Number.isSafeInteger(value) || typeof value !== 'number') return false
  writer.uint32(tag).int64(value)
  return true
}

const writeTimestamp: WriteValue = (writer, tag, value) => {
  const micros = typeof value === 'string' ? toMicros(value) : null
  if (micros === null) return false
  writer.uint32(tag).int64(micros)
  return true
}

const WRITERS: Readonly<Record<ColumnType, WriteValue>> = {
  STRING: writeText,
  BYTES: writeBytes,
  INTEGER: writeInteger,
  NUMERIC: writeText,
  TIMESTAMP: writeTimestamp,
  JSON: writeText,
}
