// GoogleSQL's resolved statements.

import type { Column, Expression, Scan, TableScan } from './tree.ts'

type DmlValue = { readonly value: Expression }

export type UpdateItem = { readonly target: Expression; readonly set_value?: DmlValue }
export type InsertRow = { readonly value_list: readonly DmlValue[] }

export type MergeClause = {
  readonly match_type: 'MATCHED' | 'NOT_MATCHED_BY_SOURCE' | 'NOT_MATCHED_BY_TARGET'
  readonly match_expr?: Expression
  readonly action_type: 'INSERT' | 'UPDATE' | 'DELETE'
  readonly insert_column_list: readonly Column[]
  readonly insert_row?: InsertRow
  readonly update_item_list: readonly UpdateItem[]
}

type Dml = {
  readonly table_scan: TableScan
  readonly returning?: object
  readonly assert_rows_modified?: object
}

export type Statement =
  | {
      readonly node: 'query_stmt'
      readonly output_column_list: readonly { readonly name: string; readonly column: Column }[]
      readonly is_value_table: boolean
      readonly query: Scan
    }
  | (Dml & {
      readonly node: 'insert_stmt'
      readonly insert_mode: string
      readonly insert_column_list: readonly Column[]
      readonly query?: Scan
      readonly query_output_column_list: readonly Column[]
      readonly row_list: readonly InsertRow[]
    })
  | (Dml & {
      readonly node: 'update_stmt'
      readonly where_expr: Expression
      readonly update_item_list: readonly UpdateItem[]
      readonly from_scan?: Scan
    })
  | (Dml & { readonly node: 'delete_stmt'; readonly where_expr: Expression })
  | (Dml & { readonly node: 'truncate_stmt' })
  | (Dml & {
      readonly node: 'merge_stmt'
      readonly from_scan: Scan
      readonly merge_expr: Expression
      readonly when_clause_list: readonly MergeClause[]
    })

export type StatementOf<Kind extends Statement['node']> = Extract<
  Statement,
  { readonly node: Kind }
>
