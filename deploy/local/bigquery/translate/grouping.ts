// GROUP BY, with grouping sets, ROLLUP and CUBE.

import { aggregateSql } from './aggregates.ts'
import { withOuterColumns } from './outer-columns.ts'
import type { Translator } from './translator.ts'
import type { ColumnRef, GroupingSet, ScanOf } from './tree.ts'

/** The SELECT of an aggregate scan. */
export function aggregateSelect(scan: ScanOf<'aggregate_scan'>, translator: Translator): string {
  const keys = scan.group_by_list.map(
    ({ column, expr }) => `${translator.expression(expr)} AS ${translator.name(column)}`,
  )
  const keyNames = scan.group_by_list.map(({ column }) => translator.name(column))
  const aggregates = [
    ...scan.aggregate_list.map(
      ({ column, expr }) => `${translator.expression(expr)} AS ${translator.name(column)}`,
    ),
    ...scan.grouping_call_list.map(
      ({ group_by_column: key, output_column: column }) =>
        `GROUPING(${translator.name(key.column)}) AS ${translator.name(column)}`,
    ),
  ]
  const readers = scan.aggregate_list.map(({ expr }) => expr)
  const input = withOuterColumns(scan.input_scan, readers, translator)
  // The keys become columns first, so that a set may name them and an aggregate reads what was grouped.
  const from = keys.length === 0 ? input : `SELECT *, ${keys.join(', ')} FROM (${input})`
  const selected = [...keyNames, ...aggregates]
  // An aggregation without results has one row all the same.
  const columns = selected.length === 0 ? 'COUNT(*)' : selected.join(', ')
  const groups = groupsOf(scan, translator)
  return `SELECT ${columns} FROM (${from})${groups ? ` GROUP BY ${groups}` : ''}`
}

function groupsOf(scan: ScanOf<'aggregate_scan'>, translator: Translator) {
  if (scan.grouping_set_list.length === 0)
    return scan.group_by_list.map(({ column }) => translator.name(column)).join(', ')
  const sets = scan.grouping_set_list.flatMap(setsOf)
  return `GROUPING SETS (${sets
    .map((columns) => `(${columns.map(({ column }) => translator.name(column)).join(', ')})`)
    .join(', ')})`
}

type Columns = readonly ColumnRef[]

function setsOf(set: GroupingSet): Columns[] {
  if (set.node === 'grouping_set') return [set.group_by_column_list]
  if (set.node === 'rollup') {
    const lists = set.rollup_column_list.map(({ column_list: columns }) => columns)
    return [...lists.keys(), lists.length].map((n) => lists.slice(0, n).flat()).toReversed()
  }
  return set.cube_column_list.reduceRight<Columns[]>(
    (sets, { column_list: columns }) => [...sets.map((rest) => [...columns, ...rest]), ...sets],
    [[]],
  )
}

/** The SELECT of a PIVOT: each of its columns aggregates the rows of one value. */
export function pivotSelect(scan: ScanOf<'pivot_scan'>, translator: Translator): string {
  const keys = scan.group_by_list.map(
    ({ column, expr }) => `${translator.expression(expr)} AS ${translator.name(column)}`,
  )
  const pivoted = translator.expression(scan.for_expr)
  const aggregates = scan.pivot_column_list.map((pivot) => {
    const call = scan.pivot_expr_list[Number(pivot.pivot_expr_index)]
    const value = scan.pivot_value_list[Number(pivot.pivot_value_index)]
    if (call?.node !== 'aggregate_function_call' || !value)
      throw new Error('PIVOT has no aggregate')
    const filter = `${pivoted} IS NOT DISTINCT FROM ${translator.expression(value)}`
    return `${aggregateSql(call, translator, filter)} AS ${translator.name(pivot.column)}`
  })
  const groups = scan.group_by_list.map((_, i) => i + 1).join(', ')
  const columns = [...keys, ...aggregates].join(', ')
  return `SELECT ${columns} FROM (${translator.scan(scan.input_scan)})${groups ? ` GROUP BY ${groups}` : ''}`
}
