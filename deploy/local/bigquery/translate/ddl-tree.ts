// GoogleSQL's resolved DDL statements.

import type { SqlType } from '../analyzer/types.ts'
import type { Column, Expression, Scan } from './tree.ts'

export type OptionNode = { readonly name: string; readonly value: Expression }

/** Type parameters such as those of NUMERIC(10, 2), by kind; an ARRAY or a STRUCT has them in its children. */
export type TypeParameters = { readonly child_list?: readonly TypeParameters[] }

/** What a column, or a field or element within it, has besides its type. */
export type Annotations = {
  readonly not_null?: boolean
  readonly collation_name?: Expression
  readonly option_list?: readonly OptionNode[]
  readonly child_list?: readonly Annotations[]
  readonly type_parameters?: TypeParameters
}

export type DefaultValue = { readonly sql: string }

export type ColumnDefinition = {
  readonly name: string
  readonly type: SqlType
  readonly annotations?: Annotations
  readonly generated_column_info?: object
  readonly default_value?: DefaultValue
}

type Created = {
  readonly name_path: readonly string[]
  readonly create_mode: 'CREATE_DEFAULT' | 'CREATE_OR_REPLACE' | 'CREATE_IF_NOT_EXISTS'
  readonly create_scope: string
  readonly option_list: readonly OptionNode[]
}

/** The result of a query within a statement. */
export type QueryNode = {
  readonly output_column_list: readonly { readonly name: string; readonly column: Column }[]
  readonly is_value_table: boolean
  readonly query: Scan
}

export type CreateTableNode = Created & {
  readonly column_definition_list: readonly ColumnDefinition[]
  readonly partition_by_list: readonly Expression[]
  readonly cluster_by_list: readonly Expression[]
  readonly like_table?: { readonly name?: string }
  readonly clone_from?: object
  readonly copy_from?: object
  readonly primary_key?: object
  readonly foreign_key_list: readonly object[]
  readonly check_constraint_list: readonly object[]
  readonly collation_name?: Expression
  readonly connection?: object
}

type OfColumn = { readonly column: string }

export type AlterAction =
  | { readonly node: 'set_options_action'; readonly option_list: readonly OptionNode[] }
  | {
      readonly node: 'add_column_action'
      readonly column_definition: ColumnDefinition
    }
  | (OfColumn & {
      readonly node: 'alter_column_options_action'
      readonly option_list: readonly OptionNode[]
    })
  | (OfColumn & { readonly node: 'alter_column_drop_not_null_action' })
  | (OfColumn & { readonly node: 'alter_column_drop_default_action' })
  | (OfColumn & {
      readonly node: 'alter_column_set_default_action'
      readonly default_value: DefaultValue
    })

type Altered = {
  readonly name_path: readonly string[]
  readonly is_if_exists: boolean
  readonly alter_action_list: readonly AlterAction[]
}

/** A statement that the analyzer resolves and that is not among these is refused by its kind. */
export type DdlStatement =
  | (Created & { readonly node: 'create_schema_stmt'; readonly collation_name?: Expression })
  | (CreateTableNode & { readonly node: 'create_table_stmt' })
  | (CreateTableNode & QueryNode & { readonly node: 'create_table_as_select_stmt' })
  | (Created &
      QueryNode & {
        readonly node: 'create_view_stmt'
        readonly has_explicit_columns: boolean
        readonly sql: string
      })
  | {
      readonly node: 'drop_stmt'
      readonly object_type: string
      readonly is_if_exists: boolean
      readonly name_path: readonly string[]
      readonly drop_mode: string
    }
  | (Altered & { readonly node: 'alter_table_stmt' | 'alter_view_stmt' | 'alter_schema_stmt' })

/** Whether a resolved statement is DDL. */
export const isDdl = (statement: { readonly node: string }): statement is DdlStatement =>
  /^(?:create|drop|alter)_/.test(statement.node)

export type DdlOf<Node extends DdlStatement['node']> = Extract<
  DdlStatement,
  { readonly node: Node }
>
