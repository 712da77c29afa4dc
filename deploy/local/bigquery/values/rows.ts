// Checks streamed rows against a table's schema, field by field, and gathers the good ones column by column.

import { type DuckDBValue, listValue, structValue } from '@duckdb/node-api'
import { createPartitionCheck } from './partition-range.ts'
import { type FieldSchema, isObject, type Table } from './resources.ts'
import { columnType } from './types.ts'

export type RowError = {
  readonly reason: string
  readonly location: string
  readonly debugInfo: string
  readonly message: string
}

/** One row's cells in schema order; `undefined` is a field that was not sent, which gets its default. */
export type RowCells = readonly (DuckDBValue | undefined)[]

export type CheckedRow = { readonly cells: RowCells } | { readonly errors: readonly RowError[] }

/** Makes the check for one request; `now` decides what the partitioning column may hold. */
export function createRowCheck(
  table: Table,
  ignoreUnknownValues: boolean,
  now: Date,
): (json: unknown) => CheckedRow {
  const checkRecord = recordCheck(table.schema.fields, '', ignoreUnknownValues)
  const partitionError = createPartitionCheck(table, now)
  return (json) => {
    const errors: RowError[] = []
    if (!isObject(json)) return { errors: [rowError('', 'Missing or malformed row: json')] }
    const cells = checkRecord(json, errors)
    const outside = partitionError(cells)
    if (outside) errors.push(rowError(outside.column, outside.message))
    return errors.length > 0 ? { errors } : { cells }
  }
}

/** A row error of BigQuery's commonest reason, `invalid`. */
export const rowError = (location: string, message: string): RowError => ({
  reason: 'invalid',
  location,
  debugInfo: '',
  message,
})

type Check = (value: unknown, errors: RowError[]) => DuckDBValue

function recordCheck(fields: readonly FieldSchema[], parent: string, ignoreUnknown: boolean) {
  const checks = fields.map((field) => fieldCheck(field, parent, ignoreUnknown))
  // Column names are case-insensitive in BigQuery.
  const positions = new Map(fields.map((field, i) => [field.name.toLowerCase(), i]))
  const positionOf = (name: string) => positions.get(name) ?? positions.get(name.toLowerCase())

  return (record: Record<string, unknown>, errors: RowError[]): RowCells => {
    const cells: (DuckDBValue | undefined)[] = fields.map(() => undefined)
    for (const [name, value] of Object.entries(record)) {
      const i = positionOf(name)
      if (i !== undefined) cells[i] = checks[i]?.(value, errors)
      else if (!ignoreUnknown)
        errors.push(rowError(`${parent}${name}`, `no such field: ${parent}${name}.`))
    }
    for (const [i, field] of fields.entries())
      if (cells[i] === undefined && isMissing(field)) {
        const path = `${parent}${field.name}`
        errors.push(rowError(path, `Missing required field: ${path}.`))
      }
    return cells
  }
}

const isMissing = (field: FieldSchema) =>
  field.mode === 'REQUIRED' && field.defaultValueExpression === undefined

function fieldCheck(field: FieldSchema, parent: string, ignoreUnknown: boolean): Check {
  const path = `${parent}${field.name}`
  const check =
    field.type === 'RECORD' ? structCheck(field, path, ignoreUnknown) : scalarCheck(field, path)
  if (field.mode === 'REPEATED') return repeatedCheck(check, path)
  return (value, errors) => {
    if (value === null && field.mode === 'REQUIRED')
      return reject(errors, path, `Missing required field: ${path}.`)
    if (Array.isArray(value))
      return reject(errors, path, `Array specified for non-repeated field: ${path}.`)
    return value === null ? null : check(value, errors)
  }
}

const repeatedCheck =
  (check: Check, path: string): Check =>
  (value, errors) => {
    if (!Array.isArray(value))
      return reject(errors, path, `Repeated field must be a JSON array: ${path}.`)
    const nullElement = `Only optional fields can be set to NULL. Field: ${path}; Value: NULL`
    const elements = value.map((element) =>
      element === null ? reject(errors, path, nullElement) : check(element, errors),
    )
    return listValue(elements)
  }

function scalarCheck(field: FieldSchema, path: string): Check {
  const { parse, complaint } = columnType(field.type)
  return (value, errors) => {
    if (isObject(value)) return reject(errors, path, `This field: ${path} is not a record.`)
    return parse(value) ?? reject(errors, path, complaint(value))
  }
}

function structCheck(field: FieldSchema, path: string, ignoreUnknown: boolean): Check {
  const fields = field.fields ?? []
  const check = recordCheck(fields, `${path}.`, ignoreUnknown)
  return (value, errors) => {
    if (!isObject(value)) return reject(errors, path, `This field: ${path} is a record.`)
    const cells = check(value, errors)
    const filled = fields.map((inner, i) => [
      inner.name,
      cells[i] ?? (inner.mode === 'REPEATED' ? listValue([]) : null),
    ])
    return structValue(Object.fromEntries(filled))
  }
}

function reject(errors: RowError[], path: string, message: string) {
  errors.push(rowError(path, message))
  return null
}
