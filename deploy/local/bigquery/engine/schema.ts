// Checks a table schema, and what tables.patch may change in it: columns are added or relaxed, never dropped or retyped.

import { invalid, notImplemented } from '../values/errors.ts'
import type { FieldSchema, TableSchema } from '../values/resources.ts'
import { canonicalType, isKnownType } from '../values/types.ts'

const COLUMN_NAME = /^[\p{L}\p{N}\p{M}_\- ]{1,300}$/u
const reservedPrefix =
  /^(_TABLE_|_FILE_|_PARTITION|_ROW_TIMESTAMP|__ROOT__|_COLIDENTIFIER|_CHANGE_)/i
const MODES = ['NULLABLE', 'REQUIRED', 'REPEATED']
// A type's parameters change what it accepts, so storing them unheeded would be a guess.
const TYPE_PARAMETERS = [
  'maxLength',
  'precision',
  'scale',
  'timestampPrecision',
  'rangeElementType',
]

/** The schema with canonical type names and explicit modes; throws 400 `invalid` or 501 by name. */
export const checkSchema = (schema: TableSchema | undefined): TableSchema => ({
  ...schema,
  fields: checkFields(schema?.fields ?? [], ''),
})

function checkFields(fields: readonly FieldSchema[], parent: string): FieldSchema[] {
  const seen = new Set<string>()
  return fields.map((field) => {
    const path = `${parent}${field.name}`
    if (!COLUMN_NAME.test(field.name ?? '') || reservedPrefix.test(field.name))
      throw invalid(`Invalid field name "${path}".`)
    if (seen.has(field.name.toLowerCase())) throw invalid(`Field ${path} already exists in schema`)
    seen.add(field.name.toLowerCase())
    return checkField(field, path)
  })
}

function checkField(field: FieldSchema, path: string): FieldSchema {
  const type = canonicalType(field.type)
  const mode = (field.mode ?? 'NULLABLE').toUpperCase()
  if (!isKnownType(type)) throw notImplemented(`the type ${field.type} of field ${path}`)
  if (!MODES.includes(mode)) throw invalid(`Invalid value for mode: ${field.mode} of field ${path}`)
  const parameter = TYPE_PARAMETERS.find((name) => name in field)
  if (parameter) throw notImplemented(`${parameter} of field ${path}`)
  if (type === 'RECORD' && !field.fields?.length)
    throw invalid(`Field ${path} is type RECORD but has no schema`)
  const fields = field.fields && { fields: checkFields(field.fields, `${path}.`) }
  return { ...field, type, mode, ...fields }
}

export type SchemaChange = {
  /** The new schema in the order of the columns in DuckDB: those that were there, then the added ones. */
  readonly schema: TableSchema
  readonly added: readonly FieldSchema[]
  readonly relaxed: readonly FieldSchema[]
  readonly defaulted: readonly FieldSchema[]
}

/**
 * What leads from `before` to `after`. Throws as BigQuery does ("Provided Schema does not match
 * Table …") on a dropped, retyped or tightened column; changes inside a RECORD are refused by name.
 */
export function schemaChange(before: TableSchema, after: TableSchema, table: string): SchemaChange {
  const mismatch = (why: string) => invalid(`Provided Schema does not match Table ${table}. ${why}`)
  const next = new Map(after.fields.map((field) => [field.name.toLowerCase(), field]))
  const known = new Set(before.fields.map((field) => field.name.toLowerCase()))
  const added = after.fields.filter((field) => !known.has(field.name.toLowerCase()))
  for (const field of added)
    if (field.mode === 'REQUIRED')
      throw mismatch(`Cannot add required fields to an existing schema. (field: ${field.name})`)

  const relaxed = before.fields.filter((field) => {
    const { name, type, mode } = field
    const then = next.get(name.toLowerCase())
    if (!then) throw mismatch(`Field ${name} is missing in new schema`)
    if (then.type !== type)
      throw mismatch(`Field ${name} has changed type from ${type} to ${then.type}`)
    if (shapeOf(then) !== shapeOf(field))
      throw notImplemented(`changing the fields of RECORD ${name}`)
    if (then.mode === mode) return false
    if (mode === 'REQUIRED' && then.mode === 'NULLABLE') return true
    throw mismatch(`Field ${name} has changed mode from ${mode} to ${then.mode}`)
  })
  const present = before.fields.map((field) => next.get(field.name.toLowerCase()) ?? field)
  const schema = { fields: [...present, ...added] }
  return { schema, added, relaxed, defaulted: changedDefaults(before, next) }
}

const shapeOf = (field: FieldSchema): string =>
  JSON.stringify(field.fields?.map((f) => [f.name, f.type, f.mode, shapeOf(f)]) ?? [])

const changedDefaults = (before: TableSchema, next: ReadonlyMap<string, FieldSchema>) =>
  before.fields.flatMap((field) => {
    const then = next.get(field.name.toLowerCase())
    return then && then.defaultValueExpression !== field.defaultValueExpression ? [then] : []
  })
