// What ALTER TABLE makes of the columns of a table.

import type { Alteration } from '../translate/ddl.ts'
import type { FieldSchema } from '../values/resources.ts'

/**
 * The fields after all alterations, in their order. The analyzer has refused a column that is added twice or is not
 * there, unless IF [NOT] EXISTS makes nothing of it.
 */
export const alteredFields = (
  fields: readonly FieldSchema[],
  alterations: readonly Alteration[],
): readonly FieldSchema[] => alterations.reduce(alter, fields)

function alter(fields: readonly FieldSchema[], change: Alteration): readonly FieldSchema[] {
  if (change.kind === 'OPTIONS') return fields
  const name = change.kind === 'ADD_COLUMN' ? change.field.name : change.name
  const isNamed = (field: FieldSchema) => field.name.toLowerCase() === name.toLowerCase()
  if (change.kind === 'ADD_COLUMN') return fields.some(isNamed) ? fields : [...fields, change.field]
  return fields.map((field) => (isNamed(field) ? { ...field, ...change.changes } : field))
}
