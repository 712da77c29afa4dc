// What <dataset>.INFORMATION_SCHEMA.COLUMNS tells of a table; sql/macros.sql makes rows of it.

import type { FieldSchema, Table } from '../values/resources.ts'

// GoogleSQL's names of the types, where the REST API has others.
const sqlNames: Readonly<Record<string, string>> = {
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
}

/** One object per column, in order. */
export const informationColumns = ({ schema, timePartitioning }: Table) =>
  schema.fields.map((field, i) => ({
    name: field.name,
    position: i + 1,
    nullable: field.mode === 'REQUIRED' ? 'NO' : 'YES',
    type: sqlType(field),
    partitioning: timePartitioning?.field === field.name ? 'YES' : 'NO',
    default: field.defaultValueExpression ?? 'NULL',
  }))

function sqlType(field: FieldSchema): string {
  const inner = field.fields?.map((f) => `${f.name} ${sqlType(f)}`).join(', ')
  const single = field.type === 'RECORD' ? `STRUCT<${inner}>` : (sqlNames[field.type] ?? field.type)
  return field.mode === 'REPEATED' ? `ARRAY<${single}>` : single
}
