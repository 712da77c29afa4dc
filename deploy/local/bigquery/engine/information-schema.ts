// What <dataset>.INFORMATION_SCHEMA tells of tables; translate/macros.sql makes rows of it.

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

const columnsOf = (names: string, types: Readonly<Record<string, string>> = {}): FieldSchema[] =>
  names.split(' ').map((name) => ({ name, type: types[name] ?? 'STRING', mode: 'NULLABLE' }))

/** The columns of INFORMATION_SCHEMA's views, by name. */
export const INFORMATION_TABLES: Readonly<Record<string, readonly FieldSchema[]>> = {
  TABLES: columnsOf('table_catalog table_schema table_name table_type creation_time', {
    creation_time: 'TIMESTAMP',
  }),
  COLUMNS: columnsOf(
    'table_catalog table_schema table_name column_name ordinal_position is_nullable data_type is_partitioning_column column_default',
    { ordinal_position: 'INTEGER' },
  ),
}
