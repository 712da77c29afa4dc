// ORDER BY of queries, windows and aggregates.

import { notImplemented } from '../values/errors.ts'
import type { Translator } from './translator.ts'
import type { OrderItem } from './tree.ts'
import { kindOf } from './types.ts'

/** `ORDER BY …`, or nothing for no items: NULLs come first in ASC and last in DESC, and NaN after NULL. */
export function orderSql(items: readonly OrderItem[], translator: Translator): string {
  if (items.length === 0) return ''
  return `ORDER BY ${items.flatMap((item) => keysOf(item, translator)).join(', ')}`
}

function keysOf(item: OrderItem, translator: Translator) {
  if (item.collation_name) throw notImplemented('COLLATE')
  const value = translator.name(item.column_ref.column)
  const order = item.is_descending ? 'DESC' : 'ASC'
  const nullsFirst =
    item.null_order === 'ORDER_UNSPECIFIED' || item.null_order === undefined
      ? !item.is_descending
      : item.null_order === 'NULLS_FIRST'
  const nulls = nullsFirst ? 'NULLS FIRST' : 'NULLS LAST'
  const key = `${value} ${order} ${nulls}`
  if (kindOf(item.column_ref.type) !== 'DOUBLE') return [key]
  // To DuckDB, NaN is the greatest number; to GoogleSQL it is the least.
  return [`isnan(${value}) ${item.is_descending ? 'ASC' : 'DESC'} ${nulls}`, key]
}
