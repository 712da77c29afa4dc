// PARTITION BY and CLUSTER BY of a resolved CREATE TABLE, as properties of the table's resource.

import { notImplemented } from '../values/errors.ts'
import type { CreateTableNode } from './ddl-tree.ts'
import { partOf } from './functions/parts.ts'
import type { Expression } from './tree.ts'

export type Layout = {
  readonly timePartitioning?: { readonly type: string; readonly field: string }
  readonly clustering?: { readonly fields: readonly string[] }
}

/** Throws 501 with the name of a way to partition that is not supported. */
export function layoutOf({
  partition_by_list: [partition],
  cluster_by_list: clusters,
}: Pick<CreateTableNode, 'partition_by_list' | 'cluster_by_list'>): Layout {
  return {
    ...(partition && { timePartitioning: partitioningOf(partition) }),
    ...(clusters.length > 0 && { clustering: { fields: clusters.map(nameOf) } }),
  }
}

function nameOf(expression: Expression | undefined): string {
  if (expression?.node !== 'column_ref') throw notImplemented('CLUSTER BY an expression')
  return expression.column.name
}

// DATE(ts), TIMESTAMP_TRUNC(ts, HOUR), DATE_TRUNC(day, MONTH), or a DATE column alone.
const BY_TIME = /^ZetaSQL:(?:date|(?:date|datetime|timestamp)_trunc)$/

function partitioningOf(expression: Expression) {
  if (expression.node === 'function_call' && BY_TIME.test(expression.function.name)) {
    const [column, part] = expression.argument_list
    if (column?.node === 'column_ref') return { type: partOf(part), field: timeColumn(column) }
  }
  return { type: 'DAY', field: timeColumn(expression) }
}

function timeColumn(expression: Expression): string {
  if (expression.node !== 'column_ref') throw notImplemented(`PARTITION BY ${formOf(expression)}`)
  const { name } = expression.column
  if (/^_PARTITION(?:TIME|DATE)$/i.test(name)) throw notImplemented('ingestion-time partitioning')
  return name
}

const formOf = (expression: Expression) =>
  expression.node === 'function_call'
    ? expression.function.name.replace('ZetaSQL:', '').toUpperCase()
    : 'this expression'
