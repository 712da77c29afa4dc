// JSON: values of the JSON type, and texts that hold JSON.

import type { SqlType } from '../../analyzer/types.ts'
import { notImplemented } from '../../values/errors.ts'
import { quoteLiteral } from '../../values/names.ts'
import { elementOf, fieldsOf, kindOf } from '../types.ts'
import { pathSql } from './json-paths.ts'
import { type Call, each, type Rule, type Rules } from './rule.ts'

// A text that is no JSON has no values; a JSON value always is.
function source({ args: [json = ''], nodes: [node] }: Call) {
  return node && kindOf(node.type) === 'JSON' ? json : `gs_valid_json(${json})`
}

const isText = ({ nodes: [node] }: Call) => node !== undefined && kindOf(node.type) === 'STRING'

const read =
  (macro: string): Rule =>
  (call) => {
    const {
      args: [, path],
      nodes: [, node],
    } = call
    return `${macro}(${source(call)}, ${pathSql(node, path)})`
  }

const query: Rule = (call) => {
  const sql = `json_extract(${source(call)}, ${pathSql(call.nodes[1], call.args[1])})`
  return isText(call) ? `CAST(${sql} AS VARCHAR)` : sql
}

const queryArray: Rule = (call) => {
  const sql = `gs_json_query_array(${source(call)}, ${pathSql(call.nodes[1], call.args[1])})`
  return isText(call) ? `CAST(${sql} AS VARCHAR[])` : sql
}

// A value of the JSON type has its keys in order and every number as one; a text has the keys as they
// stand in the STRUCT, and numbers that a float may not hold as texts.
type Form = 'value' | 'text'

/** A value as JSON, by its type. `depth` keeps the names of nested lambdas apart. */
function toJson(value: string, type: SqlType, form: Form, depth = 0): string {
  const kind = kindOf(type)
  if (kind === 'ARRAY') {
    const inner = toJson(`e${depth}`, elementOf(type), form, depth + 1)
    return `coalesce(to_json(list_transform(${value}, lambda e${depth}: ${inner})), CAST('[]' AS JSON))`
  }
  if (kind === 'STRUCT') {
    const items = fieldsOf(type).map((field, i) => {
      const json = toJson(`struct_extract_at(${value}, ${i + 1})`, field.type, form, depth)
      return { key: field.name, sql: `${quoteLiteral(field.name)}, ${json}` }
    })
    const ordered = form === 'value' ? items.toSorted((a, b) => (a.key < b.key ? -1 : 1)) : items
    const fields = ordered.map(({ sql }) => sql)
    return `CASE WHEN ${value} IS NULL THEN CAST('null' AS JSON) ELSE json_object(${fields.join(', ')}) END`
  }
  const template = (form === 'value' && VALUES[kind]) || SCALARS[kind]
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

const VALUES: Readonly<Record<string, string>> = {
  INT64: 'to_json($1)',
  NUMERIC: 'CAST(gs_numeric_text($1) AS JSON)',
}

const toJsonText: Rule = ({ args: [value = '', pretty], nodes: [node] }) => {
  if (!node) throw new Error('TO_JSON_STRING has no argument')
  const json = `CAST(${toJson(value, node.type, 'text')} AS VARCHAR)`
  if (pretty === undefined || pretty === 'FALSE') return json
  if (pretty !== 'TRUE') throw notImplemented('TO_JSON_STRING with a varying second argument')
  return `gs_pretty_json(${json})`
}

const typeOf = ({ nodes }: Call, i: number) => {
  const node = nodes[i]
  if (!node) throw new Error('an argument is missing')
  return node.type
}

export const JSON_FUNCTIONS: Rules = {
  ...each('json_value json_extract_scalar', read('gs_json_value')),
  ...each('json_query json_extract', query),
  ...each('json_query_array json_extract_array', queryArray),
  ...each('json_value_array json_extract_string_array', read('gs_json_value_array')),
  '$subscript:JSON': ({ args: [json, key], nodes: [, node] }) =>
    node && kindOf(node.type) === 'INT64'
      ? `gs_json_item(${json}, ${key})`
      : `gs_json_field(${json}, ${key})`,
  json_type: 'gs_json_type($1)',
  parse_json: 'gs_parse_json($1)',
  to_json: (call) => toJson(call.args[0] ?? '', typeOf(call, 0), 'value'),
  to_json_string: toJsonText,
  json_object: (call) => {
    const [first] = call.nodes
    if (first && kindOf(first.type) === 'ARRAY') throw notImplemented('JSON_OBJECT of arrays')
    const items = call.args.map((arg, i) =>
      i % 2 === 0 ? arg : toJson(arg, typeOf(call, i), 'value'),
    )
    return items.length === 0 ? `CAST('{}' AS JSON)` : `json_object(${items.join(', ')})`
  },
  json_array: (call) => {
    const items = call.args.map((arg, i) => toJson(arg, typeOf(call, i), 'value'))
    return items.length === 0 ? `CAST('[]' AS JSON)` : `json_array(${items.join(', ')})`
  },
  json_keys: ({ args: [json], nodes }) => {
    if (nodes.length > 1) throw notImplemented('JSON_KEYS with a depth')
    return `json_keys(${json})`
  },
  'lax_string:JSON': 'gs_lax_text($1)',
  'lax_int64:JSON': 'gs_lax_int($1)',
  'lax_float64:JSON': 'gs_lax_double($1)',
  'lax_double:JSON': 'gs_lax_double($1)',
  'lax_bool:JSON': 'gs_lax_bool($1)',
  'string:JSON': 'gs_json_string($1)',
  'int64:JSON': 'gs_json_int($1)',
  'float64:JSON': 'gs_json_double($1)',
  'double:JSON': 'gs_json_double($1)',
  'bool:JSON': 'gs_json_bool($1)',
}
