// Mathematical functions.

import { notImplemented } from '../../values/errors.ts'
import { kindOf } from '../types.ts'
import { type Call, each, type Rules } from './rule.ts'
import { withoutErrors } from './safe.ts'

// NUMERIC keeps its nine decimals, and DuckDB wants to know at once how many to round to.
function rounded({ name, args: [value, places = '0'], nodes: [first, second] }: Call) {
  if (!first || kindOf(first.type) !== 'NUMERIC') return `gs_${name}(${value}, ${places})`
  const digits = second === undefined ? '0' : digitsOf(second)
  return `CAST(${name}(${value}, ${digits}) AS DECIMAL(38, 9))`
}

// By their numbers in GoogleSQL's enum RoundingMode.
const AWAY_FROM_ZERO = 1
const HALF_EVEN = 2
const enumOf = (node: Call['nodes'][number]) =>
  node.node === 'literal' ? node.value.value.enum_value : undefined

// For a number exactly between two integers, twice the rounded half of the number is the even one.
function roundedToEven({ args: [x = ''], nodes: [, second] }: Call) {
  const digits = second === undefined ? 0 : Number(digitsOf(second))
  const half = digits >= 0 ? `0.${'0'.repeat(digits)}5` : `5${'0'.repeat(-digits - 1)}`
  return `CAST(gs_round_half_even(${x}, ${digits}, CAST('${half}' AS DECIMAL(38, 10))) AS DECIMAL(38, 9))`
}

function digitsOf(node: Call['nodes'][number]) {
  const digits = node.node === 'literal' ? node.value.value.int64_value : undefined
  if (digits === undefined) throw notImplemented('rounding NUMERIC to a varying number of digits')
  return String(Math.min(Number(digits), 9))
}

const safely =
  (operator: string): Rules[string] =>
  (call) =>
    withoutErrors(call, ([a, b]) => {
      const sql = `(${a} ${operator} ${b})`
      const [node] = call.nodes
      const kind = node && kindOf(node.type)
      if (kind === 'DOUBLE') return `gs_finite(${sql}, ${a}, ${b}, '${operator}')`
      return kind === 'NUMERIC' ? `CAST(${sql} AS DECIMAL(38, 9))` : sql
    })

const RECIPROCALS: Readonly<Record<string, string>> = {
  cot: 'tan',
  sec: 'cos',
  csc: 'sin',
  coth: 'tanh',
  sech: 'cosh',
  csch: 'sinh',
}

export const NUMBER_FUNCTIONS: Rules = {
  'abs:INT64': 'gs_abs($1)',
  abs: 'abs($1)',
  sign: 'CAST(sign($1) AS $T)',
  'ceil:NUMERIC': 'CAST(ceil($1) AS DECIMAL(38, 9))',
  'floor:NUMERIC': 'CAST(floor($1) AS DECIMAL(38, 9))',
  ceil: 'ceil($1)',
  floor: 'floor($1)',
  round: (call) => {
    const mode = call.nodes[2]
    if (mode === undefined || enumOf(mode) === AWAY_FROM_ZERO) return rounded(call)
    if (enumOf(mode) !== HALF_EVEN) throw notImplemented('ROUND with a varying rounding mode')
    return roundedToEven(call)
  },
  trunc: rounded,
  'mod:INT64': 'gs_int_mod($1, $2)',
  'mod:NUMERIC': 'CAST(gs_mod($1, $2) AS DECIMAL(38, 9))',
  'div:INT64': 'gs_int_div($1, $2)',
  'div:NUMERIC': 'CAST(gs_div($1, $2) AS DECIMAL(38, 9))',
  'pow:DOUBLE': 'gs_pow($1, $2)',
  'sqrt:DOUBLE': 'gs_sqrt($1)',
  'cbrt:DOUBLE': 'cbrt($1)',
  'ln:DOUBLE': 'gs_log($1)',
  'log:DOUBLE': 'gs_log($*)',
  'log10:DOUBLE': 'gs_log10($1)',
  'safe_divide:DOUBLE': 'CASE WHEN $2 <> 0 THEN $1 / $2 END',
  'safe_divide:NUMERIC': 'CASE WHEN $2 <> 0 THEN gs_numeric_divide($1, $2) END',
  safe_add: safely('+'),
  safe_subtract: safely('-'),
  safe_multiply: safely('*'),
  safe_negate: (call) => withoutErrors(call, ([x]) => `(- ${x})`),
  'ieee_divide:DOUBLE': 'gs_ieee_divide($1, $2)',
  is_nan: 'isnan($1)',
  is_inf: 'isinf($1)',
  ...each(
    'exp sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh',
    ({ name, args: [x] }) => `gs_finite_of('${name.toUpperCase()}', ${x}, ${name}(${x}))`,
  ),
  ...each(
    Object.keys(RECIPROCALS).join(' '),
    ({ name, args: [x] }) =>
      `gs_reciprocal('${name.toUpperCase()}', ${x}, ${RECIPROCALS[name]}(${x}))`,
  ),
  atan2: 'atan2($1, $2)',
  pi: 'pi()',
  rand: 'random()',
  'bit_count:BYTES': 'gs_bit_count($1)',
  bit_count: 'CAST(bit_count($1) AS BIGINT)',
  range_bucket: 'gs_range_bucket($1, $2)',
  generate_uuid: 'CAST(uuid() AS VARCHAR)',
}
