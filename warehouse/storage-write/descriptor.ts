// A table's columns as the protocol-buffer schema that rows are sent with.

import type { protos } from '@google-cloud/bigquery-storage'
import type { ColumnType, Table } from '#contracts'
import { fieldNumber } from './row-encoder.ts'

export type Descriptor = protos.google.protobuf.IDescriptorProto

const FIELD_TYPES = {
  STRING: 'TYPE_STRING',
  BYTES: 'TYPE_BYTES',
  INTEGER: 'TYPE_INT64',
  /** Decimal text: the binary form has no way through JavaScript's numbers. */
  NUMERIC: 'TYPE_STRING',
  BOOLEAN: 'TYPE_BOOL',
  /** Microseconds since the epoch. */
  TIMESTAMP: 'TYPE_INT64',
  JSON: 'TYPE_STRING',
} as const satisfies Record<ColumnType, string>

/**
 * What BigQuery reads rows of `createRowEncoder(table)` by: proto2, one field a column under the column's name.
 * A required column is an optional field too, since a required one makes the whole request unreadable where it
 * is missing, instead of the one row.
 */
export function toDescriptor(table: Table): Descriptor {
  return {
    name: 'Row',
    field: table.columns.map(({ name, type, mode }, position) => ({
      name,
      number: fieldNumber(position),
      label: mode === 'REPEATED' ? 'LABEL_REPEATED' : 'LABEL_OPTIONAL',
      type: FIELD_TYPES[type],
    })),
  }
}
