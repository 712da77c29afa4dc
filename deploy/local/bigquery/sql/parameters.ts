// Query parameters: each is checked as a streamed value of its type would be, and bound to DuckDB by name.

import { type DuckDBValue, listValue, structValue } from '@duckdb/node-api'
import { invalid, notImplemented } from '../values/errors.ts'
import type {
  FieldSchema,
  ParameterType,
  ParameterValue,
  QueryParameter,
} from '../values/resources.ts'
import { canonicalType, columnType, isKnownType, valueType } from '../values/types.ts'

/**
 * The values to bind for the names of parameters, in lower case; the n-th `?` is `p<n>`. Throws 400
 * `invalid` for a bad value, and 501 for a type that no column can have here.
 */
export function bindParameters(sent: readonly QueryParameter[], names: readonly string[]) {
  const used = sent.flatMap((parameter, i) => {
    const name = (parameter.name || `p${i + 1}`).toLowerCase()
    return names.includes(name) ? [[name, typed(parameter, name)] as const] : []
  })
  return {
    values: Object.fromEntries(used.map(([name, { value }]) => [name, value])),
    types: Object.fromEntries(used.map(([name, { type }]) => [name, type])),
  }
}

/** The parameter as a field: an ARRAY is REPEATED, a STRUCT a RECORD. Throws 501 with the name of another type. */
export function parameterField(parameterType: ParameterType, name: string): FieldSchema {
  const { type, arrayType, structTypes = [] } = parameterType
  const canonical = canonicalType(type)
  if (canonical === 'ARRAY') return arrayField(arrayType, name)
  if (!isKnownType(canonical))
    throw notImplemented(`query parameters of type ${canonical} (${name})`)
  if (canonical !== 'RECORD') return { name, type: canonical }
  if (structTypes.length === 0) throw notImplemented('a STRUCT without fields')
  const fields = structTypes.map((field) => parameterField(field.type, field.name ?? ''))
  refuseUnnamed(fields, name)
  return { name, type: canonical, fields }
}

// A STRUCT's values are sent by the names of its fields.
function refuseUnnamed(fields: readonly FieldSchema[], name: string) {
  const names = new Set(fields.map((field) => field.name.toLowerCase()))
  if (names.has('') || names.size < fields.length)
    throw invalid(`The fields of the STRUCT in query parameter ${name} need names of their own.`)
}

function arrayField(element: ParameterType | undefined, name: string): FieldSchema {
  if (!element) throw invalid(`Query parameter ${name} is an ARRAY without an arrayType.`)
  const field = parameterField(element, name)
  if (field.mode === 'REPEATED')
    throw invalid(`Query parameter ${name} is an array of arrays, which BigQuery does not have.`)
  return { ...field, mode: 'REPEATED' }
}

function typed({ parameterType, parameterValue }: QueryParameter, name: string) {
  const field = parameterField(parameterType, name)
  return { value: valueOf(field, parameterValue, name), type: valueType(field) }
}

function valueOf(field: FieldSchema, sent: ParameterValue, path: string): DuckDBValue {
  if (field.mode === 'REPEATED') {
    const element = { ...field, mode: 'NULLABLE' }
    return listValue((sent.arrayValues ?? []).map((each) => valueOf(element, each, path)))
  }
  if (field.type === 'RECORD') return recordOf(field.fields ?? [], sent, path)
  return scalarOf(field.type, sent.value, path)
}

function recordOf(fields: readonly FieldSchema[], { structValues }: ParameterValue, path: string) {
  if (!structValues) return null
  const sent = new Map(
    Object.entries(structValues).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const values = fields.map((field) => {
    const value = sent.get(field.name.toLowerCase()) ?? {}
    return [field.name, valueOf(field, value, `${path}.${field.name}`)]
  })
  return structValue(Object.fromEntries(values))
}

function scalarOf(type: string, sent: unknown, path: string): DuckDBValue {
  if (sent === undefined || sent === null) return null
  const { parse, complaint } = columnType(type)
  const value = parse(sent)
  if (value === undefined)
    throw invalid(`Invalid value for query parameter ${path}: ${complaint(sent)}`)
  return value
}
