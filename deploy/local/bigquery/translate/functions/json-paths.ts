// JSONPath as GoogleSQL has it: checked, and written for DuckDB.

import { invalidQuery, notImplemented } from '../../values/errors.ts'
import { quoteLiteral } from '../../values/names.ts'
import type { Expression } from '../tree.ts'
import { literalText } from './rule.ts'

const STEP =
  /^(?:\.([\p{L}\p{N}_-]+)|\."((?:[^"\\]|\\.)*)"|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\])/u

/** The path of a call as a literal of DuckDB; 400 for a path that is none, 501 for one that varies. */
export function pathSql(node: Expression | undefined, sql: string | undefined): string {
  if (node === undefined) return `'$'`
  const path = literalText(node)
  if (path !== undefined) return quoteLiteral(`$${stepsOf(path)}`)
  if (node.node !== 'parameter' || sql === undefined) throw notImplemented('a JSONPath that varies')
  return sql
}

function stepsOf(path: string) {
  if (!path.startsWith('$')) throw invalidQuery(`JSONPath must start with '$'`)
  let rest = path.slice(1)
  let steps = ''
  while (rest !== '') {
    const [whole = '', plain, dotted, index, single, double] = STEP.exec(rest) ?? []
    if (whole === '') throw invalidQuery(`Invalid token in JSONPath at: ${rest}`)
    steps += index === undefined ? keyStep(plain ?? dotted ?? single ?? double ?? '') : `[${index}]`
    rest = rest.slice(whole.length)
  }
  return steps
}

/** The step to a key of an object. */
export const keyStep = (key: string) => `."${key.replaceAll('"', '\\"')}"`
