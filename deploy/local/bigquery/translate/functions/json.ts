// JSON: values of the JSON type, and texts that hold JSON.

import { notImplemented } from '../../values/errors.ts'
import { kindOf } from '../types.ts'
import { JSON_CHANGES } from './json-changes.ts'
import { type PathDialect, pathSql } from './json-paths.ts'
import { type Call, each, type Rule, type Rules } from './rule.ts'
import { toJson } from './to-json.ts'

// A text that is no JSON has no values; a JSON value always is.
function source({ args: [json = ''], nodes: [node] }: Call) {
  return node && kindOf(node.type) === 'JSON' ? json : `gs_valid_json(${json})`
}

const isText = ({ nodes: [node] }: Call) => node !== undefined && kindOf(node.type) === 'STRING'

const dialectOf = ({ name }: Call): PathDialect =>
  name.startsWith('json_extract') ? 'extract' : 'standard'

const read =
  (macro: string): Rule =>
  (call) => {
    const {
      args: [, path],
      nodes: [, node],
    } = call
    return `${macro}(${source(call)}, ${pathSql(node, path, dialectOf(call))})`
  }

const query: Rule = (call) => {
  const sql = `json_extract(${source(call)}, ${pathSql(call.nodes[1], call.args[1], dialectOf(call))})`
  // Of a text, a JSON null is NULL.
  return isText(call) ? `nullif(CAST(${sql} AS VARCHAR), 'null')` : sql
}

const queryArray: Rule = (call) => {
  const sql = `gs_json_query_array(${source(call)}, ${pathSql(call.nodes[1], call.args[1], dialectOf(call))})`
  return isText(call) ? `list_transform(${sql}, lambda e: CAST(e AS VARCHAR))` : sql
}

const toJsonValue: Rule = (call) => {
  const [value = '', wide = 'FALSE'] = call.args
  if (wide !== 'TRUE' && wide !== 'FALSE')
    throw notImplemented('TO_JSON with a varying stringify_wide_numbers')
  return toJson(value, typeOf(call, 0), wide === 'TRUE' ? 'wide value' : 'value')
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
  ...JSON_CHANGES,
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
  to_json: toJsonValue,
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
