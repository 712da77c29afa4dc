// Aggregate and window functions.

import { notImplemented } from '../values/errors.ts'
import { nameOf } from './calls.ts'
import { orderSql } from './ordering.ts'
import type { Translator } from './translator.ts'
import type { AggregateCall, AnalyticCall, Expression } from './tree.ts'
import { kindOf, typeSql } from './types.ts'

type Parts = {
  readonly args: readonly string[]
  readonly nodes: readonly Expression[]
  readonly distinct: string
  /** ` ORDER BY …` of the aggregate, or nothing. */
  readonly order: string
  /** What follows the call: a filter, and OVER of a window. */
  readonly over: string
  readonly ignoresNulls: boolean
  readonly respectsNulls: boolean
  readonly limit: string | undefined
  readonly type: string
}

type Rule = (parts: Parts) => string

/** The SQL of an aggregate, of the rows that `filter` takes; 501 with the name of one that is not supported. */
export function aggregateSql(call: AggregateCall, translator: Translator, filter?: string): string {
  const order = orderSql(call.order_by_item_list, translator)
  const limit = call.limit && translator.expression(call.limit)
  if (call.group_by_list.length > 0) throw notImplemented('GROUP BY in an aggregate')
  const parts = {
    ...partsOf(call, filter ? ` FILTER (WHERE ${filter})` : '', translator),
    order: order ? ` ${order}` : '',
    limit,
  }
  return call.having_modifier ? havingSql(call, parts, translator) : ruled(AGGREGATES, call, parts)
}

/** The SQL of a window function with its OVER; 501 with the name of one that is not supported. */
export function windowCallSql(call: AnalyticCall, over: string, translator: Translator): string {
  const parts = partsOf(call, ` ${over}`, translator)
  return nameOf(call.function.name) in WINDOWS
    ? ruled(WINDOWS, call, parts)
    : ruled(AGGREGATES, call, parts)
}

function ruled(
  rules: Readonly<Record<string, Rule>>,
  call: AggregateCall | AnalyticCall,
  parts: Parts,
) {
  const name = nameOf(call.function.name)
  const [first] = call.argument_list
  const rule = (first && rules[`${name}:${kindOf(first.type)}`]) ?? rules[name]
  if (!rule || call.error_mode === 'SAFE_ERROR_MODE')
    throw notImplemented(
      `the function ${rule ? 'SAFE.' : ''}${name.replace('$', '').toUpperCase()}`,
    )
  return rule(parts)
}

const partsOf = (
  call: AggregateCall | AnalyticCall,
  over: string,
  translator: Translator,
): Parts => {
  const filter = call.where_expr && ` FILTER (WHERE ${translator.expression(call.where_expr)})`
  return {
    args: call.argument_list.map((argument) => translator.expression(argument)),
    nodes: call.argument_list,
    distinct: call.distinct ? 'DISTINCT ' : '',
    order: '',
    over: `${filter ?? ''}${over}`,
    ignoresNulls: call.null_handling_modifier === 'IGNORE_NULLS',
    respectsNulls: call.null_handling_modifier === 'RESPECT_NULLS',
    limit: undefined,
    type: typeSql(call.type),
  }
}

// ANY_VALUE(x HAVING MAX y): the value of the row where y is greatest.
function havingSql(call: AggregateCall, { args, over }: Parts, translator: Translator) {
  const name = nameOf(call.function.name)
  const ofList = { any_value: undefined, max: 'list_max', min: 'list_min' }[name]
  if (!call.having_modifier || (name !== 'any_value' && ofList === undefined))
    throw notImplemented(`HAVING MAX and HAVING MIN in ${name.toUpperCase()}`)
  const kind = call.having_modifier.kind.toLowerCase()
  const by = translator.expression(call.having_modifier.having_expr)
  if (ofList === undefined) return `arg_${kind}_null(${args[0]}, ${by})${over}`
  const rows = `list(struct_pack(x := ${args[0]}, y := ${by}))${over}`
  const kept = `list_transform(list_filter(t.l, lambda p: p.y = t.y), lambda p: p.x)`
  const bound = `struct_pack(l := ${rows}, y := ${kind}(${by})${over})`
  return `list_extract(list_transform([${bound}], lambda t: ${ofList}(${kept})), 1)`
}

const plain =
  (name: string): Rule =>
  ({ args, distinct, order, over }) =>
    `${name}(${distinct}${args.join(', ')}${order})${over}`

const typed =
  (name: string): Rule =>
  (parts) =>
    `CAST(${plain(name)(parts)} AS ${parts.type})`

const numericAverage: Rule = ({ args: [x], distinct, over }) =>
  `gs_numeric_divide(sum(${distinct}${x})${over}, CAST(count(${distinct}${x})${over} AS DECIMAL(38, 9)))`

function intervalSum({ args: [x], distinct, over }: Parts) {
  if (distinct !== '') throw notImplemented('SUM and AVG of different INTERVALs')
  const sums = ['months', 'days', 'micros'].map((part) => `sum(gs_${part}(${x}))${over}`)
  return `gs_make_interval(${sums.join(', ')})`
}

// A filter of the call is followed by one for NULLs, so these take none of their own.
function collected({ args: [x], distinct, order, over, ignoresNulls, limit }: Parts) {
  if (ignoresNulls && over.includes('FILTER')) throw notImplemented('ARRAY_AGG with two filters')
  const filter = ignoresNulls ? ` FILTER (WHERE ${x} IS NOT NULL)` : ''
  const list = `list(${distinct}${x}${order})${filter}${over}`
  return limit === undefined ? list : `list_slice(${list}, 1, ${limit})`
}

function joinedText(parts: Parts) {
  const {
    args: [x, separator = `','`],
    distinct,
    order,
    over,
    limit,
    nodes: [node],
  } = parts
  if (node && kindOf(node.type) !== 'STRING') throw notImplemented('STRING_AGG of BYTES')
  if (limit === undefined) return `string_agg(${distinct}${x}, ${separator}${order})${over}`
  return `array_to_string(${collected({ ...parts, ignoresNulls: true })}, ${separator})`
}

function quantiles({ args: [x], distinct, nodes, over, ignoresNulls }: Parts) {
  const [, count] = nodes
  const n = count?.node === 'literal' ? Number(count.value.value.int64_value) : 0
  if (!(n >= 1 && n <= 1000) || ignoresNulls) throw notImplemented('this form of APPROX_QUANTILES')
  const fractions = Array.from({ length: n + 1 }, (_, i) => i / n)
  return `quantile_disc(${distinct}${x}, [${fractions.join(', ')}])${over}`
}

// The most frequent values, NULL among them, with how often they are there.
function topCount({ args: [x], nodes: [value, count], over, type }: Parts) {
  const n = count?.node === 'literal' ? count.value.value.int64_value : undefined
  if (n === undefined || !value) throw notImplemented('APPROX_TOP_COUNT of a varying number')
  const nulls = `(count(*)${over} - count(${x})${over})`
  const absent = `CAST(NULL AS ${typeSql(value.type)})`
  return `CAST(gs_top_count(histogram(${x})${over}, ${nulls}, ${absent}, ${n}) AS ${type})`
}

const AGGREGATES: Readonly<Record<string, Rule>> = {
  $count_star: ({ over }) => `count(*)${over}`,
  count: plain('count'),
  countif: ({ args: [x], distinct, over }) =>
    `count(${distinct}CASE WHEN ${x} THEN TRUE END)${over}`,
  'sum:INT64': typed('sum'),
  'sum:DOUBLE': plain('sum'),
  'sum:NUMERIC': (parts) => `gs_numeric_sum(${typed('sum')(parts)})`,
  'avg:INT64': plain('avg'),
  'avg:DOUBLE': plain('avg'),
  'avg:NUMERIC': numericAverage,
  'sum:INTERVAL': intervalSum,
  'avg:INTERVAL': (parts) =>
    `gs_divide_interval(${intervalSum(parts)}, nullif(count(${parts.args[0]})${parts.over}, 0))`,
  'min:DOUBLE': (parts) =>
    `gs_or_nan(bool_or(isnan(${parts.args[0]}))${parts.over}, ${plain('min')(parts)})`,
  min: plain('min'),
  max: plain('max'),
  any_value: plain('any_value'),
  array_agg: collected,
  array_concat_agg: (parts) => `flatten(${collected({ ...parts, ignoresNulls: true })})`,
  string_agg: joinedText,
  logical_and: plain('bool_and'),
  logical_or: plain('bool_or'),
  bit_and: plain('bit_and'),
  bit_or: plain('bit_or'),
  bit_xor: plain('bit_xor'),
  stddev: plain('stddev_samp'),
  stddev_samp: plain('stddev_samp'),
  stddev_pop: plain('stddev_pop'),
  variance: plain('var_samp'),
  var_samp: plain('var_samp'),
  var_pop: plain('var_pop'),
  // Of fewer than two pairs there is no correlation.
  corr: ({ args: [x, y], over }) =>
    `CASE WHEN regr_count(${x}, ${y})${over} >= 2 THEN corr(${x}, ${y})${over} END`,
  covar_pop: plain('covar_pop'),
  covar_samp: plain('covar_samp'),
  approx_count_distinct: ({ args: [x], over }) => `count(DISTINCT ${x})${over}`,
  approx_quantiles: quantiles,
  approx_top_count: topCount,
  max_by: ({ args: [x, y], over }) => `arg_max_null(${x}, ${y})${over}`,
  min_by: ({ args: [x, y], over }) => `arg_min_null(${x}, ${y})${over}`,
}

const ranked =
  (name: string): Rule =>
  ({ args, over }) =>
    `${name}(${args.join(', ')})${over}`

const valued =
  (name: string): Rule =>
  ({ args, over, ignoresNulls }) =>
    `${name}(${args.join(', ')}${ignoresNulls ? ' IGNORE NULLS' : ''})${over}`

// PERCENTILE_CONT and PERCENTILE_DISC leave NULLs out unless they are told not to.
const percentile =
  (name: string): Rule =>
  ({ args: [x, fraction], over, type, respectsNulls }) => {
    if (respectsNulls)
      throw notImplemented('PERCENTILE_CONT and PERCENTILE_DISC with RESPECT NULLS')
    return `CAST(${name}(${x}, ${fraction})${over} AS ${type})`
  }

const WINDOWS: Readonly<Record<string, Rule>> = {
  row_number: ranked('row_number'),
  rank: ranked('rank'),
  dense_rank: ranked('dense_rank'),
  percent_rank: ranked('percent_rank'),
  cume_dist: ranked('cume_dist'),
  ntile: ranked('ntile'),
  lag: ranked('lag'),
  lead: ranked('lead'),
  first_value: valued('first_value'),
  last_value: valued('last_value'),
  nth_value: valued('nth_value'),
  percentile_cont: percentile('quantile_cont'),
  percentile_disc: percentile('quantile_disc'),
}
