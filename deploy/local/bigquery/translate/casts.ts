// CAST and SAFE_CAST, by the types that they lead from and to.

import type { SqlType } from '../analyzer/types.ts'
import { notImplemented } from '../values/errors.ts'
import { quoteName } from '../values/names.ts'
import { castWithFormat } from './functions/cast-formats.ts'
import { withoutErrors } from './functions/safe.ts'
import type { Translator } from './translator.ts'
import type { Cast } from './tree.ts'
import { elementOf, fieldsOf, kindOf, typeSql } from './types.ts'

/** The SQL of a cast; 501 with the types of one that is not supported. */
export function castSql(cast: Cast, translator: Translator): string {
  const value = translator.expression(cast.expr)
  const zone = cast.time_zone && translator.expression(cast.time_zone)
  if (zone) throw notImplemented('CAST with AT TIME ZONE')
  const castOf = ([sql = value]: readonly string[]) =>
    cast.format
      ? castWithFormat(sql, cast.format, cast.expr.type, cast.type)
      : converted(sql, cast.expr.type, cast.type)
  return cast.return_null_on_error
    ? withoutErrors({ args: [value], nodes: [cast.expr] }, castOf)
    : castOf([value])
}

/** The value of one type as another, as GoogleSQL converts it. */
export function converted(value: string, from: SqlType, to: SqlType): string {
  const [source, target] = [kindOf(from), kindOf(to)]
  if (source === 'STRUCT' && target === 'STRUCT') return convertedStruct(value, from, to)
  if (source === 'ARRAY' && target === 'ARRAY') {
    const inner = converted('e', elementOf(from), elementOf(to))
    return inner === 'e' ? value : `list_transform(${value}, lambda e: ${inner})`
  }
  if (source === target) return value
  const template = CASTS[`${source} ${target}`]
  if (template === undefined) throw notImplemented(`CAST of ${source} to ${target}`)
  return template.replaceAll('$1', () => value)
}

function convertedStruct(value: string, from: SqlType, to: SqlType) {
  const sources = fieldsOf(from)
  const fields = fieldsOf(to).map(({ name, type }, i) => {
    const source = sources[i]
    if (!source) throw new Error(`the field ${name} has no source`)
    const inner = converted(`struct_extract_at(${value}, ${i + 1})`, source.type, type)
    return `${quoteName(name)} := ${inner}`
  })
  return `CASE WHEN ${value} IS NOT NULL THEN struct_pack(${fields.join(', ')}) END`
}

const CASTS: Readonly<Record<string, string>> = {
  'INT64 DOUBLE': 'CAST($1 AS DOUBLE)',
  'INT64 NUMERIC': `CAST($1 AS ${typeSql({ type_kind: 'TYPE_NUMERIC' })})`,
  'INT64 STRING': 'CAST($1 AS VARCHAR)',
  'INT64 BOOL': '($1 <> 0)',
  'DOUBLE INT64': 'gs_double_to_int($1)',
  'DOUBLE NUMERIC': 'gs_double_to_numeric($1)',
  'DOUBLE STRING': 'gs_double_text($1)',
  'NUMERIC INT64': 'gs_numeric_to_int($1)',
  'NUMERIC DOUBLE': 'CAST($1 AS DOUBLE)',
  'NUMERIC STRING': 'gs_numeric_text($1)',
  'BOOL INT64': 'CAST($1 AS BIGINT)',
  'BOOL STRING': 'CAST($1 AS VARCHAR)',
  'STRING INT64': 'gs_text_to_int($1)',
  'STRING DOUBLE': 'gs_text_to_double($1)',
  'STRING NUMERIC': 'gs_text_to_numeric($1)',
  'STRING BOOL': 'gs_text_to_bool($1)',
  'STRING BYTES': 'encode($1)',
  'STRING DATE': 'gs_text_to_date($1)',
  'STRING TIMESTAMP': 'gs_text_to_timestamp($1)',
  'STRING DATETIME': 'gs_text_to_datetime($1)',
  'STRING TIME': 'gs_text_to_time($1)',
  'BYTES STRING': 'gs_decode($1)',
  'DATE STRING': 'CAST($1 AS VARCHAR)',
  'DATE DATETIME': 'CAST($1 AS TIMESTAMP)',
  'DATE TIMESTAMP': `(CAST($1 AS TIMESTAMP) AT TIME ZONE 'UTC')`,
  'TIMESTAMP STRING': 'gs_timestamp_text($1)',
  'TIMESTAMP DATE': `CAST($1 AT TIME ZONE 'UTC' AS DATE)`,
  'TIMESTAMP DATETIME': `($1 AT TIME ZONE 'UTC')`,
  'TIMESTAMP TIME': `CAST($1 AT TIME ZONE 'UTC' AS TIME)`,
  'DATETIME STRING': 'gs_datetime_text($1)',
  'DATETIME DATE': 'CAST($1 AS DATE)',
  'DATETIME TIME': 'CAST($1 AS TIME)',
  'DATETIME TIMESTAMP': `($1 AT TIME ZONE 'UTC')`,
  'TIME STRING': 'gs_time_text($1)',
  'INTERVAL STRING': 'gs_interval_text($1)',
  'STRING INTERVAL': 'gs_text_to_interval($1)',
}
