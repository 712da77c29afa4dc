// Finds the columns of a file without a schema from the values of its rows.

import { type FieldSchema, isObject, type Json, type TableSchema } from '../values/resources.ts'
import { columnType } from '../values/types.ts'

/** The columns in the order of their first value; one without any value is a STRING. */
export function detectSchema(rows: readonly Json[]): TableSchema {
  const values = new Map<string, unknown[]>()
  for (const row of rows)
    for (const [name, value] of Object.entries(row)) {
      const own = values.get(name) ?? []
      values.set(name, own)
      if (value !== null) own.push(value)
    }
  return { fields: [...values].map(([name, own]) => fieldOf(name, own)) }
}

function fieldOf(name: string, values: readonly unknown[]): FieldSchema {
  if (values.length > 0 && values.every((value) => Array.isArray(value)))
    return { ...fieldOf(name, values.flat()), mode: 'REPEATED' }
  if (values.length > 0 && values.every(isObject))
    return { name, type: 'RECORD', mode: 'NULLABLE', fields: [...detectSchema(values).fields] }
  return { name, type: scalarType(values), mode: 'NULLABLE' }
}

/** From the narrowest to the widest: a column has the first type that takes each of its values. */
const CANDIDATES = ['BOOLEAN', 'INTEGER', 'FLOAT', 'DATE', 'TIME', 'DATETIME', 'TIMESTAMP']

function scalarType(values: readonly unknown[]): string {
  if (values.length === 0) return 'STRING'
  const fits = (type: string) => values.every((value) => takes(type, value))
  return CANDIDATES.find(fits) ?? 'STRING'
}

/** A number is neither a date nor a moment, although BigQuery reads it as one in a column of that type. */
function takes(type: string, value: unknown): boolean {
  const isNumeric = type === 'INTEGER' || type === 'FLOAT'
  if (typeof value === 'number' && !isNumeric) return false
  if (type === 'TIMESTAMP' && typeof value === 'string' && !/[-/]/.test(value)) return false
  return columnType(type).parse(value) !== undefined
}
