// JSONPath as GoogleSQL has it: checked, and written for DuckDB.

import { invalidQuery, notImplemented } from '../../values/errors.ts'
import type { JsonSteps } from '../../values/json-changes.ts'
import { quoteLiteral } from '../../values/names.ts'
import type { Expression } from '../tree.ts'
import { literalText } from './rule.ts'

/** How a path quotes a key: the functions JSON_EXTRACT… as `$['a']`, all others as `$."a"`. */
export type PathDialect = 'extract' | 'standard'

const STEPS: Readonly<Record<PathDialect, RegExp>> = {
  extract: /^(?:\.([\p{L}\p{N}_-]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\])/u,
  standard: /^(?:\.([\p{L}\p{N}_-]+)|\[(\d+)\]|\."((?:[^"\\]|\\.)*)")/u,
}

/** The path of a call as a literal of DuckDB; 400 for a path that is none, 501 for one that varies. */
export function pathSql(
  node: Expression | undefined,
  sql: string | undefined,
  dialect: PathDialect,
): string {
  if (node === undefined) return `'$'`
  const path = literalText(node)
  if (path !== undefined) return quoteLiteral(`$${stepsOf(path, dialect).map(stepSql).join('')}`)
  if (node.node !== 'parameter' || sql === undefined) throw notImplemented('a JSONPath that varies')
  return sql
}

/** The steps of a literal path; 400 for a path that is none, 501 for one that varies. */
export function pathSteps(node: Expression | undefined): JsonSteps {
  const path = literalText(node)
  if (path === undefined) throw notImplemented('a JSONPath that varies')
  return stepsOf(path, 'standard')
}

function stepsOf(path: string, dialect: PathDialect): JsonSteps {
  if (!path.startsWith('$')) throw invalidQuery(`JSONPath must start with '$'`)
  let rest = path.slice(1)
  const steps: (string | number)[] = []
  while (rest !== '') {
    const [whole = '', plain, index, quoted] = STEPS[dialect].exec(rest) ?? []
    if (whole === '') throw invalidQuery(`Invalid token in JSONPath at: ${rest}`)
    steps.push(index === undefined ? (plain ?? quoted ?? '') : Number(index))
    rest = rest.slice(whole.length)
  }
  return steps
}

const stepSql = (step: string | number) =>
  typeof step === 'number' ? `[${step}]` : `."${step.replaceAll('"', '\\"')}"`
