// Scans of the resolved tree as SELECTs: each reads its inputs as subqueries, and names its columns by their ids.

import { notImplemented } from '../values/errors.ts'
import { quoteName } from '../values/names.ts'
import { aggregateSelect, pivotSelect } from './grouping.ts'
import { orderSql } from './ordering.ts'
import type { Translator } from './translator.ts'
import type { Column, Scan, ScanOf, SetItem } from './tree.ts'
import { kindOf } from './types.ts'
import { windowSelect } from './windows.ts'

/** A SELECT with the scan's columns; 501 with the name of a form of FROM that is not supported. */
export function scanSql(scan: Scan, translator: Translator): string {
  switch (scan.node) {
    case 'single_row_scan':
      return 'SELECT 1'
    case 'table_scan':
      return tableSelect(scan, translator)
    case 'join_scan':
      return joinSelect(scan, translator)
    case 'array_scan':
      return arraySelect(scan, translator)
    case 'filter_scan':
      return `${over(scan, translator)} WHERE ${translator.expression(scan.filter_expr)}`
    case 'barrier_scan':
      return over(scan, translator)
    case 'set_operation_scan':
      return setSelect(scan, translator)
    case 'order_by_scan':
      return `${over(scan, translator)} ${orderSql(scan.order_by_item_list, translator)}`
    case 'limit_offset_scan':
      return limitSelect(scan, translator)
    case 'with_scan':
      return withSelect(scan, translator)
    case 'with_ref_scan':
      return namedSelect(scan, quoteName(scan.with_query_name), translator)
    case 'recursive_ref_scan':
      return namedSelect(scan, RECURSIVE, translator)
    case 'project_scan':
      return projectSelect(scan, translator)
    case 'aggregate_scan':
      return aggregateSelect(scan, translator)
    case 'pivot_scan':
      return pivotSelect(scan, translator)
    case 'analytic_scan':
      return windowSelect(scan, translator)
    case 'recursive_scan':
    default:
      throw notImplemented(formOf(scan.node))
  }
}

function tableSelect(scan: ScanOf<'table_scan'>, translator: Translator) {
  if (scan.for_system_time_expr) throw notImplemented('FOR SYSTEM_TIME AS OF (time travel)')
  const table = translator.table(scan.table.serialization_id)
  // No table holds a NULL array, whatever was written. A view is a query in parentheses, and may have some.
  const isView = table.startsWith('(')
  const columns = scan.column_list.map((column) => {
    const stored = quoteName(column.name)
    const isArray = kindOf(column.type) === 'ARRAY'
    const value = isArray && !isView ? `coalesce(${stored}, [])` : stored
    return `${value} AS ${translator.name(column)}`
  })
  return `SELECT ${listed(columns)} FROM ${table}`
}

function joinSelect(scan: ScanOf<'join_scan'>, translator: Translator) {
  const lateral = scan.is_lateral ? ' LATERAL' : ''
  const condition = scan.join_expr ? translator.expression(scan.join_expr) : 'TRUE'
  const [left, right] = [translator.scan(scan.left_scan), translator.scan(scan.right_scan)]
  const from = `(${left}) ${scan.join_type} JOIN${lateral} (${right}) ON ${condition}`
  return `SELECT ${names(scan, translator)} FROM ${from}`
}

function limitSelect(scan: ScanOf<'limit_offset_scan'>, translator: Translator) {
  // An order belongs to the SELECT that is limited.
  const isOrdered = scan.input_scan.node === 'order_by_scan'
  const select = isOrdered ? translator.scan(scan.input_scan) : over(scan, translator)
  const limit = scan.limit ? ` LIMIT ${translator.expression(scan.limit)}` : ''
  return `${select}${limit}${scan.offset ? ` OFFSET ${translator.expression(scan.offset)}` : ''}`
}

const namedSelect = (scan: Scan, query: string, translator: Translator) =>
  `SELECT ${names(scan, translator)} FROM ${query} AS w(${names(scan, translator)})`

function projectSelect(scan: ScanOf<'project_scan'>, translator: Translator) {
  const made = new Map(scan.expr_list.map(({ column, expr }) => [column.column_id, expr]))
  const columns = scan.column_list.map((column) => {
    const expression = made.get(column.column_id)
    const name = translator.name(column)
    return expression ? `${translator.expression(expression)} AS ${name}` : name
  })
  return `SELECT ${listed(columns)} FROM (${translator.scan(scan.input_scan)})`
}

// By the kind of the scan.
const FORMS: Readonly<Record<string, string>> = {
  sample_scan: 'TABLESAMPLE',
  tvfscan: 'table functions',
  match_recognize_scan: 'MATCH_RECOGNIZE',
}

const formOf = (kind: string) => FORMS[kind] ?? `the query form ${kind.replace(/_scan$/, '')}`

// A scan without columns still has rows.
const listed = (columns: readonly string[]) => (columns.length === 0 ? '1' : columns.join(', '))

const names = ({ column_list: columns }: Scan, translator: Translator) =>
  listed(columns.map((column) => translator.name(column)))

const over = (scan: Scan & { readonly input_scan: Scan }, translator: Translator) =>
  `SELECT ${names(scan, translator)} FROM (${translator.scan(scan.input_scan)})`

function arraySelect(scan: ScanOf<'array_scan'>, translator: Translator) {
  if (scan.array_zip_mode) throw notImplemented('UNNEST with a mode')
  const arrays = scan.array_expr_list.map((array) => translator.expression(array))
  const elements = scan.element_column_list.map(
    (column, i) => `UNNEST(${arrays[i]}) AS ${translator.name(column)}`,
  )
  const offset = scan.array_offset_column?.column
  if (offset) elements.push(`UNNEST(range(len(${arrays[0]}))) AS ${translator.name(offset)}`)
  const unnested = `SELECT ${elements.join(', ')}`
  if (!scan.input_scan) return `SELECT ${names(scan, translator)} FROM (${unnested})`
  const condition = scan.join_expr ? ` WHERE ${translator.expression(scan.join_expr)}` : ''
  const joined = condition ? `SELECT * FROM (${unnested})${condition}` : unnested
  const join = scan.is_outer ? 'LEFT JOIN' : 'JOIN'
  const from = `(${translator.scan(scan.input_scan)}) ${join} LATERAL (${joined}) ON TRUE`
  return `SELECT ${names(scan, translator)} FROM ${from}`
}

function setSelect(scan: ScanOf<'set_operation_scan'>, translator: Translator) {
  const operator = scan.op_type.replace('_', ' ').replace(' DISTINCT', '')
  const items = scan.input_item_list.map((item) => itemSelect(item, scan.column_list, translator))
  return `SELECT * FROM (${items.join(` ${operator} `)})`
}

const itemSelect = (item: SetItem, columns: readonly Column[], translator: Translator) => {
  const selected = item.output_column_list.map(
    (column, i) => `${translator.name(column)} AS ${translator.name(columns[i] ?? column)}`,
  )
  return `(SELECT ${listed(selected)} FROM (${translator.scan(item.scan)}))`
}

// A recursive query refers to itself, not to a name.
const RECURSIVE = 'recursive_query'

function withSelect(scan: ScanOf<'with_scan'>, translator: Translator) {
  const entries = scan.with_entry_list.map(({ with_query_name: name, with_subquery: query }) =>
    query.node === 'recursive_scan'
      ? `${quoteName(name)} AS (${recursiveSelect(query, translator)})`
      : `${quoteName(name)} AS (SELECT ${names(query, translator)} FROM (${translator.scan(query)}))`,
  )
  return `WITH ${entries.join(', ')} SELECT ${names(scan, translator)} FROM (${translator.scan(scan.query)})`
}

function recursiveSelect(scan: ScanOf<'recursive_scan'>, translator: Translator) {
  if (scan.recursion_depth_modifier) throw notImplemented('WITH DEPTH')
  const operator = scan.op_type === 'UNION_ALL' ? 'UNION ALL' : 'UNION'
  const [start, step] = [scan.non_recursive_term, scan.recursive_term].map((item) =>
    itemSelect(item, scan.column_list, translator),
  )
  const columns = names(scan, translator)
  return `WITH RECURSIVE ${RECURSIVE}(${columns}) AS (${start} ${operator} ${step}) SELECT * FROM ${RECURSIVE}`
}
