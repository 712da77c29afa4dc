// How a function of GoogleSQL is written in DuckDB's SQL.

import type { SqlType } from '../../analyzer/types.ts'
import { notImplemented } from '../../values/errors.ts'
import type { Expression } from '../tree.ts'
import { typeSql } from '../types.ts'

export type Call = {
  readonly name: string
  /** The SQL of the arguments. */
  readonly args: readonly string[]
  readonly nodes: readonly Expression[]
  readonly type: SqlType
}

/** A template, where `$1` is the first argument, `$*` all of them and `$T` the result's type; or a function. */
export type Rule = string | ((call: Call) => string)

/** By the function's name, or its name and the type of its first argument: `date_trunc:DATE`. */
export type Rules = Readonly<Record<string, Rule>>

/** A rule with the arguments of a call: `$1` is the first, `$*` all of them, `$T` the type of the result. */
export function ruleSql(rule: Rule, call: Call): string {
  if (typeof rule !== 'string') return rule(call)
  const { args, type } = call
  return rule.replaceAll(/\$(\d|\*|T)/g, (_, which: string) => {
    if (which === '*') return args.join(', ')
    if (which === 'T') return typeSql(type)
    const argument = args[Number(which) - 1]
    if (argument === undefined)
      throw notImplemented(`a call with ${args.length} arguments of ${rule}`)
    return argument
  })
}

/** The rule of several functions or types. */
export const each = (names: string, rule: Rule): Rules =>
  Object.fromEntries(names.split(' ').map((name) => [name, rule]))

/** The text of a literal argument, undefined for any other. */
export function literalText(node: Expression | undefined): string | undefined {
  return node?.node === 'literal' ? node.value.value.string_value : undefined
}
