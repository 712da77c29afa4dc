// Functions that change a JSON value at paths: each path is a step of its own.

import { invalidQuery, notImplemented } from '../../values/errors.ts'
import { quoteLiteral } from '../../values/names.ts'
import { elementOf, kindOf } from '../types.ts'
import { pathSteps } from './json-paths.ts'
import type { Call, Rule, Rules } from './rule.ts'
import { toJson } from './to-json.ts'

type Argument = { readonly sql: string; readonly node: Call['nodes'][number] }

const argumentsOf = ({ args, nodes }: Call): Argument[] =>
  nodes.flatMap((node, i) => {
    const sql = args[i]
    return sql === undefined ? [] : [{ sql, node }]
  })

const stepsSql = ({ node }: Argument) => quoteLiteral(JSON.stringify(pathSteps(node)))

const jsonOf = ({ sql, node }: Argument) => toJson(sql, node.type, 'value')

/** Pairs of a path and a value, between the JSON value and the switch at the end. */
function pairsOf(call: Call): readonly (readonly [path: Argument, value: Argument])[] {
  const rest = argumentsOf(call).slice(1, -1)
  return rest.flatMap((path, i) => {
    const value = rest[i + 1]
    return i % 2 === 0 && value !== undefined ? [[path, value] as const] : []
  })
}

const set: Rule = (call) => {
  const makes = call.args.at(-1)
  return pairsOf(call).reduce(
    (json, [path, value]) => `gs_json_set(${json}, ${stepsSql(path)}, ${jsonOf(value)}, ${makes})`,
    call.args[0] ?? '',
  )
}

const remove: Rule = (call) =>
  argumentsOf(call)
    .slice(1)
    .reduce((json, path) => {
      if (pathSteps(path.node).length === 0) throw invalidQuery(`The JSONPath cannot be '$'`)
      return `gs_json_remove(${json}, ${stepsSql(path)})`
    }, call.args[0] ?? '')

/** An ARRAY is appended, or inserted, element by element where the switch says so. */
function valuesSql(value: Argument, each: string | undefined) {
  const whole = `CAST([${jsonOf(value)}] AS VARCHAR[])`
  if (kindOf(value.node.type) !== 'ARRAY') return whole
  const items = `list_transform(${value.sql}, lambda i: ${toJson('i', elementOf(value.node.type), 'value', 1)})`
  return `CASE WHEN ${each} THEN coalesce(CAST(${items} AS VARCHAR[]), []) ELSE ${whole} END`
}

const changeArray =
  (macro: string): Rule =>
  (call) => {
    const each = call.args.at(-1)
    return pairsOf(call).reduce(
      (json, [path, value]) => `${macro}(${json}, ${stepsSql(path)}, ${valuesSql(value, each)})`,
      call.args[0] ?? '',
    )
  }

const stripNulls: Rule = (call) => {
  const [json, path, ofArrays, empties] = argumentsOf(call)
  if (!json || !path || !ofArrays || !empties)
    throw notImplemented('JSON_STRIP_NULLS without its switches')
  return `gs_json_strip(${json.sql}, ${stepsSql(path)}, ${ofArrays.sql}, ${empties.sql})`
}

export const JSON_CHANGES: Rules = {
  json_set: set,
  json_remove: remove,
  json_array_append: changeArray('gs_json_append'),
  json_array_insert: changeArray('gs_json_insert'),
  json_strip_nulls: stripNulls,
}
