// The columns of BigQuery tables, and how they are written down.

export type ColumnType =
  | 'STRING'
  | 'BYTES'
  | 'INTEGER'
  | 'NUMERIC'
  | 'BOOLEAN'
  | 'TIMESTAMP'
  | 'JSON'

/** A column in the words of BigQuery's REST API (`TableFieldSchema`). */
export type Column = {
  readonly name: string
  readonly type: ColumnType
  readonly mode: 'REQUIRED' | 'NULLABLE' | 'REPEATED'
  readonly description: string
  readonly defaultValueExpression?: string
}

export const required = (name: string, type: ColumnType, description: string): Column => ({
  name,
  type,
  mode: 'REQUIRED',
  description,
})
export const nullable = (name: string, type: ColumnType, description: string): Column => ({
  name,
  type,
  mode: 'NULLABLE',
  description,
})
export const repeated = (name: string, type: ColumnType, description: string): Column => ({
  name,
  type,
  mode: 'REPEATED',
  description,
})

export const ingestedAt: Column = {
  ...nullable('ingested_at', 'TIMESTAMP', 'When BigQuery took the row.'),
  defaultValueExpression: 'CURRENT_TIMESTAMP()',
}
