// Function calls: each is looked up by its name and the type of its first argument.

import { notImplemented } from '../values/errors.ts'
import { ARRAY_FUNCTIONS } from './functions/arrays.ts'
import { BYTES_FUNCTIONS } from './functions/bytes.ts'
import { INTERVAL_FUNCTIONS } from './functions/intervals.ts'
import { JSON_FUNCTIONS } from './functions/json.ts'
import { NUMBER_FUNCTIONS } from './functions/numbers.ts'
import { OPERATORS } from './functions/operators.ts'
import { type Call, type Rules, ruleSql } from './functions/rule.ts'
import { withoutErrors } from './functions/safe.ts'
import { STRING_FUNCTIONS } from './functions/strings.ts'
import { TIME_FUNCTIONS } from './functions/times.ts'
import type { Translator } from './translator.ts'
import type { Expression, FunctionCall } from './tree.ts'
import { kindOf } from './types.ts'

const FUNCTIONS: Rules = {
  ...OPERATORS,
  ...NUMBER_FUNCTIONS,
  ...STRING_FUNCTIONS,
  ...BYTES_FUNCTIONS,
  ...TIME_FUNCTIONS,
  ...ARRAY_FUNCTIONS,
  ...JSON_FUNCTIONS,
  ...INTERVAL_FUNCTIONS,
}

/** The SQL of a call; 501 with the function's name if it is not supported. */
export function callSql(call: FunctionCall, translator: Translator): string {
  const name = nameOf(call.function.name)
  if (call.generic_argument_list.length > 0) throw unsupported(name, call.argument_list)
  const made = callOf(call, translator)
  const sqlOf = (args: Call['args']) => {
    const sql = ruled(FUNCTIONS, name, { ...made, args })
    if (sql === undefined) throw unsupported(name, call.argument_list)
    return sql
  }
  return call.error_mode === 'SAFE_ERROR_MODE' ? withoutErrors(made, sqlOf) : sqlOf(made.args)
}

/** Without the group that it belongs to: `ZetaSQL:date_trunc` is `date_trunc`. */
export const nameOf = (name: string) => name.slice(name.indexOf(':') + 1).toLowerCase()

const unsupported = (name: string, args: readonly Expression[]) =>
  notImplemented(
    `the function ${name.replace('$', '').toUpperCase()} of ${args.map(({ type }) => kindOf(type)).join(', ') || 'nothing'}`,
  )

const callOf = (call: FunctionCall, translator: Translator): Call => ({
  name: nameOf(call.function.name),
  args: call.argument_list.map((argument) => translator.expression(argument)),
  nodes: call.argument_list,
  type: call.type,
})

function ruled(rules: Rules, name: string, call: Call) {
  const [first] = call.nodes
  const rule = (first && rules[`${name}:${kindOf(first.type)}`]) ?? rules[name]
  return rule === undefined ? undefined : ruleSql(rule, call)
}
