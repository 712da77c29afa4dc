// How a function of GoogleSQL is written in DuckDB's SQL.

import type { SqlType } from '../../analyzer/types.ts'
import type { Expression } from '../tree.ts'

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

/** The rule of several functions or types. */
export const each = (names: string, rule: Rule): Rules =>
  Object.fromEntries(names.split(' ').map((name) => [name, rule]))

/** The text of a literal argument, undefined for any other. */
export function literalText(node: Expression | undefined): string | undefined {
  return node?.node === 'literal' ? node.value.value.string_value : undefined
}
