// What FORMAT writes for %t, which is a text for people, and for %T, which is a literal of the type.

import type { SqlType } from '../../analyzer/types.ts'
import { notImplemented } from '../../values/errors.ts'
import { converted } from '../casts.ts'
import { elementOf, fieldsOf, kindOf } from '../types.ts'

export type TextForm = 't' | 'T'

/** The SQL of the text, which is NULL as a text where the value is. `depth` keeps the names of nested lambdas apart. */
export function valueText(value: string, type: SqlType, form: TextForm, depth = 0): string {
  return `coalesce(${textOf(value, type, form, depth)}, 'NULL')`
}

function textOf(value: string, type: SqlType, form: TextForm, depth: number): string {
  const kind = kindOf(type)
  if (kind === 'ARRAY') return arrayText(value, elementOf(type), form, depth)
  if (kind === 'STRUCT') return structText(value, type, form, depth)
  const template = SCALARS[form][kind]
  return template === undefined
    ? castText(value, type, form)
    : template.replaceAll('$1', () => value)
}

function castText(value: string, type: SqlType, form: TextForm) {
  const kind = kindOf(type)
  const [before, after] = AS_CAST[kind] ?? []
  if (before === undefined) throw notImplemented(`FORMAT of %${form} with ${kind}`)
  const text = converted(value, type, STRING)
  return form === 't' || after === undefined ? text : `('${before}' || ${text} || '${after}')`
}

function arrayText(value: string, element: SqlType, form: TextForm, depth: number) {
  const name = `e${depth}`
  const texts = `list_transform(${value}, lambda ${name}: ${valueText(name, element, form, depth + 1)})`
  return `('[' || array_to_string(${texts}, ', ') || ']')`
}

function structText(value: string, type: SqlType, form: TextForm, depth: number) {
  const texts = fieldsOf(type).map((field, i) =>
    valueText(`struct_extract_at(${value}, ${i + 1})`, field.type, form, depth),
  )
  const name = form === 'T' && texts.length === 1 ? 'STRUCT' : ''
  return `CASE WHEN ${value} IS NOT NULL THEN '${name}(' || ${texts.join(` || ', ' || `)} || ')' END`
}

const STRING = { type_kind: 'TYPE_STRING' }

/** Types that are written as a cast to STRING writes them, and what is around it in a literal, if anything. */
const AS_CAST: Readonly<Record<string, readonly [before: string, after?: string]>> = {
  INT64: [''],
  BOOL: [''],
  NUMERIC: ['NUMERIC "', '"'],
  DATE: ['DATE "', '"'],
  DATETIME: ['DATETIME "', '"'],
  TIMESTAMP: ['TIMESTAMP "', '"'],
  TIME: ['TIME "', '"'],
  INTERVAL: ['INTERVAL "', '" YEAR TO SECOND'],
}

const SCALARS: Readonly<Record<TextForm, Readonly<Record<string, string>>>> = {
  t: {
    STRING: '$1',
    BYTES: 'gs_bytes_text($1)',
    DOUBLE: 'gs_double_literal($1)',
    JSON: 'CAST($1 AS VARCHAR)',
  },
  T: {
    STRING: 'gs_quoted($1)',
    BYTES: 'gs_bytes_literal($1)',
    DOUBLE: `CASE WHEN isfinite($1) THEN gs_double_literal($1) ELSE 'CAST("' || gs_double_text($1) || '" AS FLOAT64)' END`,
    JSON: `('JSON ' || gs_quoted(CAST($1 AS VARCHAR)))`,
  },
}
