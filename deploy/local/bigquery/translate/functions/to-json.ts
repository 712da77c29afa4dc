// A value of any type as JSON.

import type { SqlType } from '../../analyzer/types.ts'
import { notImplemented } from '../../values/errors.ts'
import { quoteLiteral } from '../../values/names.ts'
import { elementOf, fieldsOf, kindOf } from '../types.ts'

// A value of the JSON type has its keys in order and every number as one, or, with stringify_wide_numbers, numbers that
// a float may not hold as texts. So has a text, whose keys are as they stand in the STRUCT.
export type Form = 'value' | 'wide value' | 'text'

/** A value as JSON, by its type. `depth` keeps the names of nested lambdas apart. */
export function toJson(value: string, type: SqlType, form: Form, depth = 0): string {
  const kind = kindOf(type)
  if (kind === 'ARRAY') {
    const inner = toJson(`e${depth}`, elementOf(type), form, depth + 1)
    return `coalesce(to_json(list_transform(${value}, lambda e${depth}: ${inner})), CAST('null' AS JSON))`
  }
  if (kind === 'STRUCT') {
    const items = fieldsOf(type).map((field, i) => {
      const json = toJson(`struct_extract_at(${value}, ${i + 1})`, field.type, form, depth)
      return { key: field.name, sql: `${quoteLiteral(field.name)}, ${json}` }
    })
    const ordered = form !== 'text' ? items.toSorted((a, b) => (a.key < b.key ? -1 : 1)) : items
    const fields = ordered.map(({ sql }) => sql)
    return `CASE WHEN ${value} IS NULL THEN CAST('null' AS JSON) ELSE json_object(${fields.join(', ')}) END`
  }
  if (form === 'wide value' && kind === 'NUMERIC')
    throw notImplemented('TO_JSON of NUMERIC with stringify_wide_numbers')
  const template = FORMS[form][kind] ?? SCALARS[kind]
  if (template === undefined) throw notImplemented(`${kind} as JSON`)
  return `coalesce(${template.replaceAll('$1', () => value)}, CAST('null' AS JSON))`
}

const SCALARS: Readonly<Record<string, string>> = {
  INT64: 'gs_int_json($1)',
  DOUBLE: 'gs_double_json($1)',
  NUMERIC: 'gs_numeric_json($1)',
  BOOL: 'to_json($1)',
  STRING: 'to_json($1)',
  BYTES: 'to_json(to_base64($1))',
  DATE: 'to_json(CAST($1 AS VARCHAR))',
  TIMESTAMP: `to_json(gs_iso_text($1 AT TIME ZONE 'UTC') || 'Z')`,
  DATETIME: 'to_json(gs_iso_text($1))',
  TIME: 'to_json(gs_time_text($1))',
  JSON: '$1',
}

const FORMS: Readonly<Record<Form, Readonly<Record<string, string>>>> = {
  value: {
    INT64: 'to_json($1)',
    DOUBLE: 'gs_float_json($1)',
    NUMERIC: 'gs_numeric_value_json($1)',
  },
  'wide value': { DOUBLE: 'gs_float_json($1)' },
  text: {},
}
