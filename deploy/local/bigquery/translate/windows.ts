// Window functions: their partitions, orders and frames.

import { windowCallSql } from './aggregates.ts'
import { orderSql } from './ordering.ts'
import { withOuterColumns } from './outer-columns.ts'
import type { Translator } from './translator.ts'
import type { AnalyticCall, FrameBound, FunctionGroup, ScanOf } from './tree.ts'

/** The SELECT of an analytic scan. */
export function windowSelect(scan: ScanOf<'analytic_scan'>, translator: Translator): string {
  const made = scan.function_group_list.flatMap((group) =>
    group.analytic_function_list.map(({ column, expr }) => {
      if (expr.node !== 'analytic_function_call') throw new Error(`${expr.node} is no window`)
      const call = windowCallSql(expr, `OVER (${windowOf(group, expr, translator)})`, translator)
      return `${call} AS ${translator.name(column)}`
    }),
  )
  const input = withOuterColumns(scan.input_scan, scan.function_group_list, translator)
  return `SELECT *, ${made.join(', ')} FROM (${input})`
}

function windowOf(
  group: FunctionGroup,
  { window_frame: frame }: AnalyticCall,
  translator: Translator,
) {
  const keys = group.partition_by?.partition_by_list.map((key) => translator.name(key.column)) ?? []
  const bounds =
    frame && [frame.start_expr, frame.end_expr].map((bound) => boundSql(bound, translator))
  return [
    keys.length > 0 ? `PARTITION BY ${keys.join(', ')}` : '',
    orderSql(group.order_by?.order_by_item_list ?? [], translator),
    frame && bounds ? `${frame.frame_unit} BETWEEN ${bounds.join(' AND ')}` : '',
  ]
    .filter((part) => part !== '')
    .join(' ')
}

function boundSql({ boundary_type: type, expression }: FrameBound, translator: Translator) {
  if (!expression) return type.replace('_', ' ')
  return `${translator.expression(expression)} ${type.replace('OFFSET_', '')}`
}
