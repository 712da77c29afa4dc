// Query parameters: each is checked as a streamed value of its type would be, and bound to DuckDB by name.

import { type DuckDBValue, LIST, listValue } from '@duckdb/node-api'
import { invalid, notImplemented } from '../values/errors.ts'
import type { QueryParameter } from '../values/resources.ts'
import { canonicalType, columnType, isKnownType } from '../values/types.ts'

/**
 * The values to bind for the names of parameters, in lower case; the n-th `?` is `p<n>`. Throws 400
 * `invalid` for a bad value, and 501 for STRUCT and RANGE.
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

function typed({ parameterType, parameterValue }: QueryParameter, name: string) {
  const isArray = parameterType.type === 'ARRAY'
  const type = canonicalType(isArray ? parameterType.arrayType?.type : parameterType.type)
  if (!isKnownType(type) || type === 'RECORD' || (isArray && type === 'JSON'))
    throw notImplemented(`query parameters of type ${parameterType.type} ${type} (${name})`)
  const { value: duckdb } = columnType(type)
  if (!isArray) return { value: parsed(type, parameterValue.value, name), type: duckdb }
  const elements = (parameterValue.arrayValues ?? []).map(({ value }) => parsed(type, value, name))
  return { value: listValue(elements), type: LIST(duckdb) }
}

function parsed(type: string, sent: unknown, name: string): DuckDBValue {
  if (sent === undefined || sent === null) return null
  const { parse, complaint } = columnType(type)
  const value = parse(sent)
  if (value === undefined)
    throw invalid(`Invalid value for query parameter ${name}: ${complaint(sent)}`)
  return value
}
