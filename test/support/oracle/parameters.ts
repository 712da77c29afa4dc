// The query parameters of our own statements, for the REST API and for the reference.

import { arrayOf, type SqlType } from '../../../deploy/local/bigquery/analyzer/types.ts'
import type { Params } from '../../../warehouse/read.ts'
import type { Parameter } from './reference.ts'
import { fieldProto } from './to-proto.ts'

type Value = Params[string]

/** `queryParameters` of jobs.query. */
export const restParameters = (params: Params) =>
  Object.entries(params).map(([name, value]) => ({
    name,
    parameterType: Array.isArray(value)
      ? { type: 'ARRAY', arrayType: { type: 'STRING' } }
      : { type: restType(value) },
    parameterValue: Array.isArray(value)
      ? { arrayValues: value.map((each: string) => ({ value: each })) }
      : { value: textOf(value) },
  }))

/** The parameters of the reference. */
export const referenceParameters = (params: Params): readonly Parameter[] =>
  Object.entries(params).map(([name, value]) => {
    const type = restType(value)
    const mode = Array.isArray(value) ? 'REPEATED' : 'NULLABLE'
    const proto = Array.isArray(value) ? value : textOf(value)
    return { name, type: sqlTypeFor(value), value: fieldProto({ name, type, mode }, proto) }
  })

const textOf = (value: Value) => (value instanceof Date ? value.toISOString() : String(value))

function restType(value: Value) {
  if (value instanceof Date) return 'TIMESTAMP'
  if (typeof value !== 'number') return 'STRING'
  return Number.isInteger(value) ? 'INTEGER' : 'FLOAT'
}

const kinds: Readonly<Record<string, string>> = { INTEGER: 'TYPE_INT64', FLOAT: 'TYPE_DOUBLE' }

function sqlTypeFor(value: Value): SqlType {
  const type = restType(value)
  const single = { type_kind: kinds[type] ?? `TYPE_${type}` }
  return Array.isArray(value) ? arrayOf(single) : single
}
