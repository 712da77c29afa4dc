// GoogleSQL's resolved tree, as far as it is translated: the messages of resolved_ast.proto made plain.

import type { SqlType } from '../analyzer/types.ts'
import type { Value } from './value-tree.ts'

/** A column of a scan; its id is its own in the whole statement. */
export type Column = { readonly column_id: string; readonly name: string; readonly type: SqlType }

type Typed = { readonly type: SqlType }
type Scanned = { readonly column_list: readonly Column[] }

/** A column where nothing else could stand: without a kind. */
export type ColumnRef = Typed & { readonly column: Column }
type Literal = Typed & {
  readonly node: 'literal'
  readonly value: { readonly value: Value }
}

export type OrderItem = {
  readonly column_ref: ColumnRef
  readonly is_descending: boolean
  readonly null_order: 'ORDER_UNSPECIFIED' | 'NULLS_FIRST' | 'NULLS_LAST'
  readonly collation_name?: Expression
}

type CallBase = Typed & {
  readonly function: { readonly name: string }
  readonly argument_list: readonly Expression[]
  readonly generic_argument_list: readonly unknown[]
  readonly error_mode?: 'DEFAULT_ERROR_MODE' | 'SAFE_ERROR_MODE'
}

export type FunctionCall = CallBase & { readonly node: 'function_call' }

type OverRows = CallBase & {
  readonly distinct: boolean
  readonly null_handling_modifier: 'DEFAULT_NULL_HANDLING' | 'IGNORE_NULLS' | 'RESPECT_NULLS'
  readonly where_expr?: Expression
}

export type AggregateCall = OverRows & {
  readonly node: 'aggregate_function_call'
  readonly having_modifier?: { readonly kind: 'MAX' | 'MIN'; readonly having_expr: Expression }
  readonly order_by_item_list: readonly OrderItem[]
  readonly limit?: Expression
  readonly group_by_list: readonly unknown[]
}

export type FrameBound = {
  readonly boundary_type:
    | 'UNBOUNDED_PRECEDING'
    | 'OFFSET_PRECEDING'
    | 'CURRENT_ROW'
    | 'OFFSET_FOLLOWING'
    | 'UNBOUNDED_FOLLOWING'
  readonly expression?: Expression
}

export type AnalyticCall = OverRows & {
  readonly node: 'analytic_function_call'
  readonly window_frame?: {
    readonly frame_unit: 'ROWS' | 'RANGE'
    readonly start_expr: FrameBound
    readonly end_expr: FrameBound
  }
}

export type Cast = Typed & {
  readonly node: 'cast'
  readonly expr: Expression
  readonly return_null_on_error: boolean
  readonly format?: Expression
  readonly time_zone?: Expression
}

export type Subquery = Typed & {
  readonly node: 'subquery_expr'
  readonly subquery_type: string
  readonly in_expr?: Expression
  readonly subquery: Scan
}

export type Expression =
  | Literal
  | (ColumnRef & { readonly node: 'column_ref' })
  | FunctionCall
  | AggregateCall
  | AnalyticCall
  | Cast
  | Subquery
  | (Typed & { readonly node: 'parameter'; readonly name: string; readonly position: string })
  | (Typed & { readonly node: 'make_struct'; readonly field_list: readonly Expression[] })
  | (Typed & {
      readonly node: 'get_struct_field'
      readonly expr: Expression
      readonly field_idx: string
    })
  | (Typed & {
      readonly node: 'get_json_field'
      readonly expr: Expression
      readonly field_name: string
    })
  | (Typed & {
      readonly node: 'with_expr'
      readonly assignment_list: readonly Computed[]
      readonly expr: Expression
    })
  | (Typed & { readonly node: 'dmldefault' })

/** A column that a scan makes of an expression. */
export type Computed = { readonly column: Column; readonly expr: Expression }

export type TableScan = Scanned & {
  readonly node?: 'table_scan'
  readonly table: { readonly name: string; readonly serialization_id: string }
  readonly column_index_list: readonly string[]
  readonly for_system_time_expr?: Expression
}

type ArrayScan = Scanned & {
  readonly node: 'array_scan'
  readonly input_scan?: Scan
  readonly array_expr_list: readonly Expression[]
  readonly element_column_list: readonly Column[]
  readonly array_offset_column?: { readonly column: Column }
  readonly join_expr?: Expression
  readonly is_outer: boolean
  readonly array_zip_mode?: Expression
}

type ColumnRefs = { readonly column_list: readonly ColumnRef[] }
export type GroupingSet =
  | { readonly node: 'grouping_set'; readonly group_by_column_list: readonly ColumnRef[] }
  | { readonly node: 'rollup'; readonly rollup_column_list: readonly ColumnRefs[] }
  | { readonly node: 'cube'; readonly cube_column_list: readonly ColumnRefs[] }

type AggregateScan = Scanned & {
  readonly node: 'aggregate_scan'
  readonly input_scan: Scan
  readonly group_by_list: readonly Computed[]
  readonly aggregate_list: readonly Computed[]
  readonly grouping_set_list: readonly GroupingSet[]
  readonly grouping_call_list: readonly {
    readonly group_by_column: ColumnRef
    readonly output_column: Column
  }[]
}

type PivotScan = Scanned & {
  readonly node: 'pivot_scan'
  readonly input_scan: Scan
  readonly group_by_list: readonly Computed[]
  readonly pivot_expr_list: readonly Expression[]
  readonly for_expr: Expression
  readonly pivot_value_list: readonly Expression[]
  readonly pivot_column_list: readonly {
    readonly column: Column
    readonly pivot_expr_index: string
    readonly pivot_value_index: string
  }[]
}

export type FunctionGroup = {
  readonly partition_by?: { readonly partition_by_list: readonly ColumnRef[] }
  readonly order_by?: { readonly order_by_item_list: readonly OrderItem[] }
  readonly analytic_function_list: readonly Computed[]
}

export type SetItem = { readonly scan: Scan; readonly output_column_list: readonly Column[] }

type RecursiveScan = Scanned & {
  readonly node: 'recursive_scan'
  readonly op_type: 'UNION_ALL' | 'UNION_DISTINCT'
  readonly non_recursive_term: SetItem
  readonly recursive_term: SetItem
  readonly recursion_depth_modifier?: object
}

type WithScan = Scanned & {
  readonly node: 'with_scan'
  readonly with_entry_list: readonly {
    readonly with_query_name: string
    readonly with_subquery: Scan
  }[]
  readonly query: Scan
}

export type Scan = Scanned &
  (
    | { readonly node: 'single_row_scan' }
    | (TableScan & { readonly node: 'table_scan' })
    | {
        readonly node: 'join_scan'
        readonly join_type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL'
        readonly left_scan: Scan
        readonly right_scan: Scan
        readonly join_expr?: Expression
        readonly is_lateral: boolean
      }
    | ArrayScan
    | { readonly node: 'filter_scan'; readonly input_scan: Scan; readonly filter_expr: Expression }
    | { readonly node: 'barrier_scan'; readonly input_scan: Scan }
    | {
        readonly node: 'set_operation_scan'
        readonly op_type: string
        readonly input_item_list: readonly SetItem[]
      }
    | {
        readonly node: 'order_by_scan'
        readonly input_scan: Scan
        readonly order_by_item_list: readonly OrderItem[]
      }
    | {
        readonly node: 'limit_offset_scan'
        readonly input_scan: Scan
        readonly limit?: Expression
        readonly offset?: Expression
      }
    | WithScan
    | { readonly node: 'with_ref_scan'; readonly with_query_name: string }
    | {
        readonly node: 'project_scan'
        readonly input_scan: Scan
        readonly expr_list: readonly Computed[]
      }
    | AggregateScan
    | PivotScan
    | {
        readonly node: 'analytic_scan'
        readonly input_scan: Scan
        readonly function_group_list: readonly FunctionGroup[]
      }
    | RecursiveScan
    | { readonly node: 'recursive_ref_scan' }
  )

export type ScanOf<Kind extends Exclude<Scan['node'], undefined>> = Extract<
  Scan,
  { readonly node: Kind }
>
