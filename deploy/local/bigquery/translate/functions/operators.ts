// Operators and conditionals.

import type { SqlType } from '../../analyzer/types.ts'
import { notImplemented } from '../../values/errors.ts'
import { fieldsOf, kindOf, typeSql } from '../types.ts'
import { difference } from './intervals.ts'
import { type Call, each, type Rules } from './rule.ts'

const joined =
  (operator: string) =>
  ({ args }: Call) =>
    `(${args.join(` ${operator} `)})`

const isDouble = ({ nodes: [node] }: Call) => node !== undefined && kindOf(node.type) === 'DOUBLE'

/** Whether two values are equal: NULL where a field of a STRUCT is, and false for NaN. */
function equal(a: string, b: string, type: SqlType): string {
  const kind = kindOf(type)
  if (kind === 'DOUBLE')
    return `CASE WHEN isnan(${a}) OR isnan(${b}) THEN FALSE ELSE ${a} = ${b} END`
  if (kind !== 'STRUCT') return `(${a} = ${b})`
  const fields = fieldsOf(type).map((field, i) =>
    equal(`struct_extract_at(${a}, ${i + 1})`, `struct_extract_at(${b}, ${i + 1})`, field.type),
  )
  return `(${fields.join(' AND ')})`
}

const typeOf = ({ nodes: [node] }: Call) => {
  if (!node) throw new Error('an operator has no operand')
  return node.type
}

// DuckDB holds NaN equal to itself and greater than all numbers.
const compared = (operator: string) => (call: Call) => {
  const [a, b] = call.args
  const compare = `(${a} ${operator} ${b})`
  if (!isDouble(call)) return compare
  return `CASE WHEN isnan(${a}) OR isnan(${b}) THEN FALSE ELSE ${compare} END`
}

const likeAny =
  (operator: 'AND' | 'OR', not = '') =>
  ({ args: [value, ...patterns] }: Call) =>
    `(${patterns.map((pattern) => `${value} ${not}LIKE ${pattern} ESCAPE '\\'`).join(` ${operator} `)})`

// Two points in time differ by an INTERVAL; `otherwise` takes something else from one.
const subtracted =
  (otherwise: (call: Call) => string) =>
  (call: Call): string => {
    const [a = '', b = ''] = call.args
    const template = difference[kindOf(typeOf(call))]
    if (kindOf(call.type) !== 'INTERVAL' || template === undefined) return otherwise(call)
    return template.replaceAll('$1', () => a).replaceAll('$2', () => b)
  }

export const OPERATORS: Rules = {
  '$add:INT64': '($1 + $2)',
  '$add:DOUBLE': `gs_finite($1 + $2, $1, $2, '+')`,
  '$add:NUMERIC': '($1 + $2)',
  '$add:DATE': ({ args: [date, other], nodes: [, node] }) =>
    node && kindOf(node.type) === 'INTERVAL'
      ? `gs_datetime(${date} + ${other})`
      : `gs_date(${date} + to_days(CAST(${other} AS INTEGER)))`,
  '$add:DATETIME': 'gs_datetime($1 + $2)',
  '$add:TIMESTAMP': 'gs_timestamp($1 + gs_without_months($2))',
  '$subtract:INT64': '($1 - $2)',
  '$subtract:DOUBLE': `gs_finite($1 - $2, $1, $2, '-')`,
  '$subtract:NUMERIC': '($1 - $2)',
  '$subtract:DATE': subtracted(({ args: [a, b], nodes: [, node] }) =>
    node && kindOf(node.type) === 'INTERVAL'
      ? `gs_datetime(${a} - ${b})`
      : `gs_date(${a} - to_days(CAST(${b} AS INTEGER)))`,
  ),
  '$subtract:DATETIME': subtracted(({ args: [a, b] }) => `gs_datetime(${a} - ${b})`),
  '$subtract:TIMESTAMP': subtracted(
    ({ args: [a, b] }) => `gs_timestamp(${a} - gs_without_months(${b}))`,
  ),
  '$subtract:TIME': subtracted(() => {
    throw notImplemented('subtraction from a TIME')
  }),
  '$multiply:INT64': '($1 * $2)',
  '$multiply:DOUBLE': `gs_finite($1 * $2, $1, $2, '*')`,
  '$multiply:NUMERIC': 'CAST($1 * $2 AS DECIMAL(38, 9))',
  '$divide:DOUBLE': 'gs_divide($1, $2)',
  '$divide:NUMERIC': 'gs_numeric_divide($1, $2)',
  $unary_minus: '(- $1)',
  $bitwise_not: '(~ $1)',
  $bitwise_and: '($1 & $2)',
  $bitwise_or: '($1 | $2)',
  $bitwise_xor: 'xor($1, $2)',
  $bitwise_left_shift: 'gs_shift_left($1, $2)',
  $bitwise_right_shift: 'gs_shift_right($1, $2)',
  $equal: (call) => equal(call.args[0] ?? '', call.args[1] ?? '', typeOf(call)),
  $not_equal: (call) => `(NOT ${equal(call.args[0] ?? '', call.args[1] ?? '', typeOf(call))})`,
  $less: compared('<'),
  $less_or_equal: compared('<='),
  $greater: compared('>'),
  $greater_or_equal: compared('>='),
  $between: ({ args: [value, low, high] }) => `(${value} BETWEEN ${low} AND ${high})`,
  $in: (call) => {
    const [value = '', ...others] = call.args
    const type = typeOf(call)
    if (kindOf(type) !== 'STRUCT' && kindOf(type) !== 'DOUBLE')
      return `(${value} IN (${others.join(', ')}))`
    return `(${others.map((other) => equal(value, other, type)).join(' OR ')})`
  },
  $in_array: 'gs_in_array($1, $2)',
  $is_distinct_from: '($1 IS DISTINCT FROM $2)',
  $is_not_distinct_from: '($1 IS NOT DISTINCT FROM $2)',
  $is_null: '($1 IS NULL)',
  $is_true: '($1 IS TRUE)',
  $is_false: '($1 IS FALSE)',
  $not: '(NOT $1)',
  $and: joined('AND'),
  $or: joined('OR'),
  $like: `($1 LIKE $2 ESCAPE '\\')`,
  $like_any: likeAny('OR'),
  $like_any_array: 'gs_like_any($1, $2)',
  $not_like_any_array: '(NOT gs_like_all($1, $2))',
  $like_all_array: 'gs_like_all($1, $2)',
  $not_like_all_array: '(NOT gs_like_any($1, $2))',
  $like_all: likeAny('AND'),
  $not_like_any: likeAny('OR', 'NOT '),
  $not_like_all: likeAny('AND', 'NOT '),
  $concat_op: '($1 || $2)',
  $case_no_value: ({ args }) => `CASE ${branches(args)} END`,
  $case_with_value: ({ args: [value, ...rest] }) => `CASE ${value} ${branches(rest)} END`,
  if: 'CASE WHEN $1 THEN $2 ELSE $3 END',
  ifnull: 'coalesce($1, $2)',
  nullif: 'nullif($1, $2)',
  coalesce: 'coalesce($*)',
  zeroifnull: 'coalesce($1, 0)',
  nullifzero: 'nullif($1, 0)',
  nulliferror: 'TRY($1)',
  error: 'CAST(gs_raise($1) AS $T)',
  ...each('greatest least', ({ name, args, type }) => {
    const nulls = args.map((arg) => `${arg} IS NULL`).join(' OR ')
    const found = `CAST(${name}(${args.join(', ')}) AS ${typeSql(type)})`
    const isNan = args.map((arg) => `isnan(${arg})`).join(' OR ')
    const value = kindOf(type) === 'DOUBLE' ? `gs_or_nan(${isNan}, ${found})` : found
    return `CASE WHEN ${nulls} THEN NULL ELSE ${value} END`
  }),
}

function branches(args: readonly string[]) {
  const whens = args.flatMap((when, i) => {
    const then = args[i + 1]
    return i % 2 === 0 && then !== undefined ? [`WHEN ${when} THEN ${then}`] : []
  })
  const otherwise = args.length % 2 === 1 ? ` ELSE ${args.at(-1)}` : ''
  return `${whens.join(' ')}${otherwise}`
}
