// The columns of outer queries that aggregates and windows of a subquery read. They become columns of its rows: DuckDB holds an
// aggregate that reads nothing else to be one of the outer query, and has no window that reads such a column.

import type { Translator } from './translator.ts'
import type { Column, ColumnRef, Computed, Scan } from './tree.ts'

/** The SELECT of a scan, with the outer columns that `readers` read. */
export function withOuterColumns(
  input: Scan,
  readers: readonly object[],
  translator: Translator,
): string {
  const rows = translator.scan(input)
  const names = outerColumns(readers, input).map((column) => translator.name(column))
  return names.length === 0
    ? rows
    : `SELECT * FROM (${rows}) CROSS JOIN (SELECT ${names.join(', ')})`
}

/** Each once. What a reader makes itself, or the input has, may be an outer column of a subquery in the reader. */
function outerColumns(readers: readonly object[], input: Scan): readonly Column[] {
  const within = readers.flatMap(nodesIn)
  const made = new Set([...input.column_list, ...within.flatMap(columnsMadeBy)].map(idOf))
  const outer = new Map(within.filter(isOuterRef).map(({ column }) => [idOf(column), column]))
  return [...outer.values()].filter((column) => !made.has(idOf(column)))
}

const idOf = ({ column_id: id }: Column) => id

function nodesIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return []
  return [value, ...Object.values(value).flatMap(nodesIn)]
}

const isOuterRef = (node: object): node is ColumnRef =>
  'node' in node &&
  node.node === 'column_ref' &&
  'is_correlated' in node &&
  node.is_correlated === true

/** A scan has a list of its columns, and a column that is computed stands next to its expression. */
function columnsMadeBy(node: object): readonly Column[] {
  if (isComputed(node)) return [node.column]
  return isScan(node) ? node.column_list : []
}

const isComputed = (node: object): node is Computed => 'column' in node && 'expr' in node

const isScan = (node: object): node is Scan =>
  'node' in node && String(node.node).endsWith('_scan') && 'column_list' in node
