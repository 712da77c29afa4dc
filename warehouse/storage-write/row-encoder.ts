// Rows in protocol-buffer bytes, one field a column, written by hand: no reflection, no JSON in between.

import { PbfWriter } from 'pbf'
import type { Column, ColumnType, Table } from '#contracts'
import { microsSinceEpoch } from '#contracts/event/timestamp'
import type { Row, Value } from '../warehouse.ts'

/** The value of this column can never be written. */
export class UnencodableValueError extends Error {
  override readonly name = 'UnencodableValueError'
  readonly column: string
  constructor(column: string) {
    super(`${column} has no value that its column takes`)
    this.column = column
  }
}

/** A row has a value for a column that the contracts do not have: it would be lost. */
export class UnknownColumnError extends Error {
  override readonly name = 'UnknownColumnError'
}

/** @throws UnencodableValueError where a value is not of its column's type, or a required one is missing */
export type EncodeRow = (columns: Row['columns']) => Uint8Array

/** Writes the field; false where the value is not of its type. */
type WriteField = (writer: PbfWriter, field: number, value: Value) => boolean

/** Rows share blocks of memory, each in a place of its own: a row costs no allocation, and a block goes with its last row. */
const BLOCK_BYTES = 64 * 1024
/** Most rows fit into what is left of a block; a larger one makes it grow. */
const ROW_BYTES = 2 * 1024

/** @throws UnknownColumnError from the encoder where a row names a column the table does not have */
export function createRowEncoder(table: Table): EncodeRow {
  const fields = new Map(table.columns.map((column, at) => [column.name, toField(column, at)]))
  const required = table.columns.filter(({ mode }) => mode === 'REQUIRED')
  let block = newBlock()
  let end = 0
  return (columns) => {
    if (end > BLOCK_BYTES - ROW_BYTES) [block, end] = [newBlock(), 0]
    // What a refused row has left behind is written over.
    block.pos = end
    for (const { name } of required)
      if ((columns[name] ?? null) === null) throw new UnencodableValueError(name)
    for (const name in columns) {
      const value = columns[name] ?? null
      if (value === null) continue
      const field = fields.get(name)
      if (!field) throw new UnknownColumnError(`${table.name} has no column ${name}`)
      if (!field.write(block, field.number, value)) throw new UnencodableValueError(name)
    }
    const row = block.buf.subarray(end, block.pos)
    end = block.pos
    return row
  }
}

const newBlock = () => new PbfWriter(new Uint8Array(BLOCK_BYTES))

function toField({ type, mode }: Column, position: number) {
  const write = mode === 'REPEATED' ? writeTexts : WRITERS[type]
  return { number: fieldNumber(position), write }
}

/** The field of the column at `position` in the table's definition. */
export const fieldNumber = (position: number): number => position + 1

/** pbf spells characters past U+1FFFF wrongly, and BigQuery refuses a whole request for half a character: Node replaces it. */
const SURROGATE = /[\ud800-\udfff]/

const writeText: WriteField = (writer, field, value) => {
  if (typeof value !== 'string') return false
  if (SURROGATE.test(value)) writer.writeBytesField(field, Buffer.from(value))
  else writer.writeStringField(field, value)
  return true
}

const writeTexts: WriteField = (writer, field, value) => {
  if (!Array.isArray(value)) return false
  return value.every((text) => writeText(writer, field, text))
}

const writeBytes: WriteField = (writer, field, value) => {
  if (!(value instanceof Uint8Array)) return false
  writer.writeBytesField(field, value)
  return true
}

const writeInteger: WriteField = (writer, field, value) => {
  if (!Number.isSafeInteger(value) || typeof value !== 'number') return false
  writer.writeVarintField(field, value)
  return true
}

const writeBoolean: WriteField = (writer, field, value) => {
  if (typeof value !== 'boolean') return false
  writer.writeBooleanField(field, value)
  return true
}

const writeTimestamp: WriteField = (writer, field, value) => {
  const micros = typeof value === 'string' ? microsSinceEpoch(value) : null
  if (micros === null) return false
  writer.writeVarintField(field, micros)
  return true
}

const WRITERS: Readonly<Record<ColumnType, WriteField>> = {
  STRING: writeText,
  BYTES: writeBytes,
  INTEGER: writeInteger,
  NUMERIC: writeText,
  BOOLEAN: writeBoolean,
  TIMESTAMP: writeTimestamp,
  JSON: writeText,
}
