// Query parameters: each is checked as a streamed value of its type would be, and bound to DuckDB by name.

import { type DuckDBType, type DuckDBValue, LIST, listValue } from '@duckdb/node-api'
import { invalid, invalidQuery, notImplemented } from '../values/errors.ts'
import type { QueryParameter } from '../values/resources.ts'
import { canonicalType, columnType, isKnownType } from '../values/types.ts'

export type Parameters = {
  /** The SQL that stands for `@name`, or for the n-th `?` as `p<n>`; 400 if it was not sent. */
  reference(name: string): string
  /** What to bind, by name: the parameters that were referred to. */
  bound(): { values: Record<string, DuckDBValue>; types: Record<string, DuckDBType> }
}

/** Parses the parameters; throws 400 `invalid` for a bad value and 501 for STRUCT and RANGE. */
export function createParameters(sent: readonly QueryParameter[] = []): Parameters {
  const parameters = new Map(
    sent.map((parameter, i) => {
      const name = (parameter.name || `p${i + 1}`).toLowerCase()
      return [name, typed(parameter, name)]
    }),
  )
  const used = new Map<string, ReturnType<typeof typed>>()
  return {
    reference: (name) => {
      const found = parameters.get(name.toLowerCase())
      if (!found) throw invalidQuery(`Query parameter '${name}' not found`)
      used.set(name.toLowerCase(), found)
      return `${found.macro}($${name.toLowerCase()})`
    },
    bound: () => ({
      values: Object.fromEntries([...used].map(([name, { value }]) => [name, value])),
      types: Object.fromEntries([...used].map(([name, { type }]) => [name, type])),
    }),
  }
}

function typed({ parameterType, parameterValue }: QueryParameter, name: string) {
  const isArray = parameterType.type === 'ARRAY'
  const type = canonicalType(isArray ? parameterType.arrayType?.type : parameterType.type)
  const macro = `bqx_param_${type.toLowerCase()}`
  if (!isKnownType(type) || type === 'RECORD' || (isArray && type === 'JSON'))
    throw notImplemented(`query parameters of type ${parameterType.type} ${type} (${name})`)
  const { value: duckdb } = columnType(type)
  if (!isArray) return { value: parsed(type, parameterValue.value, name), type: duckdb, macro }
  const elements = (parameterValue.arrayValues ?? []).map(({ value }) => parsed(type, value, name))
  return { value: listValue(elements), type: LIST(duckdb), macro: `${macro}_array` }
}

function parsed(type: string, sent: unknown, name: string): DuckDBValue {
  if (sent === undefined || sent === null) return null
  const { parse, complaint } = columnType(type)
  const value = parse(sent)
  if (value === undefined)
    throw invalid(`Invalid value for query parameter ${name}: ${complaint(sent)}`)
  return value
}
