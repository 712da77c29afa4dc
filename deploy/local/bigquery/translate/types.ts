// GoogleSQL's types as DuckDB's.

import type { SqlType } from '../analyzer/types.ts'
import { notImplemented } from '../values/errors.ts'
import { quoteName } from '../values/names.ts'

const SCALARS: Readonly<Record<string, string>> = {
  INT64: 'BIGINT',
  DOUBLE: 'DOUBLE',
  BOOL: 'BOOLEAN',
  STRING: 'VARCHAR',
  BYTES: 'BLOB',
  DATE: 'DATE',
  TIMESTAMP: 'TIMESTAMPTZ',
  DATETIME: 'TIMESTAMP',
  TIME: 'TIME',
  NUMERIC: 'DECIMAL(38, 9)',
  JSON: 'JSON',
  INTERVAL: 'INTERVAL',
  ENUM: 'VARCHAR',
}

// GoogleSQL's own names, where its messages have others.
const NAMES: Readonly<Record<string, string>> = { DOUBLE: 'FLOAT64' }

/** Such as INT64 or ARRAY: the name of the type's kind in GoogleSQL's messages. */
export const kindOf = ({ type_kind: kind }: SqlType) => kind.replace('TYPE_', '')

/** The type of an array's elements. */
export function elementOf(type: SqlType): SqlType {
  if (!type.array_type) throw new Error(`${type.type_kind} has no elements`)
  return type.array_type.element_type
}

export type StructField = { readonly name: string; readonly type: SqlType }

/** The fields of a STRUCT, under the names that they have in DuckDB, which are different and not empty. */
export function fieldsOf(type: SqlType): readonly StructField[] {
  const seen = new Set<string>()
  return (type.struct_type?.field ?? []).map(({ field_name: given, field_type }, i) => {
    const isTaken = given === '' || seen.has(given.toLowerCase())
    const name = isTaken ? `_field_${i + 1}` : given
    seen.add(name.toLowerCase())
    return { name, type: field_type }
  })
}

/** DuckDB's type; 501 with the name of a type that has none. */
export function typeSql(type: SqlType): string {
  const kind = kindOf(type)
  if (kind === 'ARRAY') return `${typeSql(elementOf(type))}[]`
  if (kind === 'STRUCT') {
    const fields = fieldsOf(type).map((field) => `${quoteName(field.name)} ${typeSql(field.type)}`)
    if (fields.length === 0) throw notImplemented('a STRUCT without fields')
    return `STRUCT(${fields.join(', ')})`
  }
  const scalar = SCALARS[kind]
  if (scalar === undefined) throw notImplemented(`the type ${NAMES[kind] ?? kind}`)
  return scalar
}
