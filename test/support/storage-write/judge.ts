// What BigQuery says of a schema and of rows: the rules its documentation gives, held against a table's columns.

import { protos } from '@google-cloud/bigquery-storage'
import { status } from '@grpc/grpc-js'
import type { Column, ColumnType } from '#contracts'
import type { DecodedRow } from './proto-rows.ts'

type Descriptor = protos.google.protobuf.IDescriptorProto

export type Refusal = {
  readonly code: number
  readonly message: string
  readonly details?: protos.google.protobuf.IAny[]
}

const { Label, Type } = protos.google.protobuf.FieldDescriptorProto
const { StorageError } = protos.google.cloud.bigquery.storage.v1

/** An error with the Storage Write API's own word for it, as Google attaches it. */
export function storageError(
  word: keyof typeof StorageError.StorageErrorCode,
  message: string,
  code = status.INVALID_ARGUMENT,
): Refusal {
  const value = StorageError.encode({
    code: StorageError.StorageErrorCode[word],
    errorMessage: message,
  }).finish()
  const type_url = 'type.googleapis.com/google.cloud.bigquery.storage.v1.StorageError'
  return { code, message, details: [{ type_url, value }] }
}

const SENT_AS: Readonly<Record<ColumnType, number>> = {
  STRING: Type.TYPE_STRING,
  BYTES: Type.TYPE_BYTES,
  INTEGER: Type.TYPE_INT64,
  NUMERIC: Type.TYPE_STRING,
  BOOLEAN: Type.TYPE_BOOL,
  TIMESTAMP: Type.TYPE_INT64,
  JSON: Type.TYPE_STRING,
}

/** What is wrong with a schema, or null. */
export function judgeSchema({ field }: Descriptor, columns: readonly Column[]): Refusal | null {
  const byName = new Map(columns.map((column) => [column.name, column]))
  const extra = (field ?? []).map(({ name }) => name ?? '').filter((name) => !byName.has(name))
  if (extra.length > 0)
    return storageError(
      'SCHEMA_MISMATCH_EXTRA_FIELDS',
      `Input schema has more fields than BigQuery schema, extra fields: '${extra.join(',')}'`,
    )
  for (const { name, type, label } of field ?? []) {
    const column = byName.get(name ?? '')
    const isRepeated = label === Label.LABEL_REPEATED
    if (
      column &&
      Number(type) === SENT_AS[column.type] &&
      isRepeated === (column.mode === 'REPEATED')
    )
      continue
    const message = `The proto field mismatched with BigQuery field at Row.${name}, the proto field type ${type}, BigQuery field type ${column?.type}`
    return { code: status.INVALID_ARGUMENT, message }
  }
  return null
}

const NUMERIC = /^-?\d{1,29}(\.\d{1,9})?$/

/** What is wrong with a row, in the words of a row error, or null. */
export function judgeRow(row: DecodedRow, columns: readonly Column[]): string | null {
  for (const { name, type, mode } of columns) {
    const value = row[name]
    if (value === undefined && mode === 'REQUIRED')
      return `Field ${name}: required field is missing in the row`
    if (typeof value !== 'string') continue
    if (type === 'NUMERIC' && !NUMERIC.test(value)) return `Field ${name}: Invalid NUMERIC value`
    if (type === 'JSON' && !isJson(value)) return `Field ${name}: Invalid JSON text`
  }
  return null
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
