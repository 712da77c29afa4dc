// Reads a resolved DDL statement into the change it asks for; what it does not know it refuses by name.

import { fieldOf } from '../analyzer/types.ts'
import { notImplemented } from '../values/errors.ts'
import type { FieldSchema } from '../values/resources.ts'
import { columnField, columnOptions } from './ddl-columns.ts'
import { type Layout, layoutOf } from './ddl-layout.ts'
import { type Described, type Options, optionsOf } from './ddl-options.ts'
import type { AlterAction, CreateTableNode, DdlOf, DdlStatement, QueryNode } from './ddl-tree.ts'
import { createTranslator, type Translation, translate } from './statement.ts'
import type { Translator } from './translator.ts'

/** `[dataset, table]`, or `[table]` of the default dataset. */
export type Path = readonly string[]

type Creation = {
  readonly path: Path
  readonly orReplace: boolean
  readonly ifNotExists: boolean
  readonly options: Options
}

type Drop = { readonly path: Path; readonly ifExists: boolean }
type Alter = Drop & { readonly alterations: readonly Alteration[] }

type Table = Creation & Layout & { readonly fields: readonly FieldSchema[] }

/** A change of one column, or of the resource's properties. */
export type Alteration =
  | { readonly kind: 'OPTIONS'; readonly options: Options }
  | { readonly kind: 'ADD_COLUMN'; readonly field: FieldSchema }
  | {
      readonly kind: 'CHANGE_COLUMN'
      readonly name: string
      /** Properties of the field; undefined takes one away. */
      readonly changes: Partial<FieldSchema>
    }

export type Ddl =
  | (Creation & { readonly kind: 'CREATE_SCHEMA' })
  | (Drop & { readonly kind: 'DROP_SCHEMA'; readonly cascade: boolean })
  | (Table & { readonly kind: 'CREATE_TABLE' })
  /** The rows of a query fill the table. */
  | (Table & { readonly kind: 'CREATE_TABLE_AS_SELECT'; readonly rows: Translation })
  | (Creation & {
      readonly kind: 'CREATE_VIEW'
      /** The text of the query, as it was written. */
      readonly query: string
    })
  | (Drop & { readonly kind: 'DROP_TABLE' })
  | (Drop & { readonly kind: 'DROP_VIEW' })
  | (Alter & { readonly kind: 'ALTER_TABLE' })
  | (Alter & { readonly kind: 'ALTER_VIEW' })
  | (Alter & { readonly kind: 'ALTER_SCHEMA' })

export type DdlOfKind<Kind extends Ddl['kind']> = Extract<Ddl, { readonly kind: Kind }>

/** As `translate` is told them: what reads a table of the analyzer's catalog, by its id. */
type TableSql = (id: string) => string

/** Throws 501 with the name of a statement or clause that is not supported. */
export function translateDdl(statement: DdlStatement, tableSql: TableSql): Ddl {
  const { translator } = createTranslator(tableSql)
  switch (statement.node) {
    case 'create_schema_stmt':
      return schemaOf(statement, translator)
    case 'create_table_stmt':
      return {
        kind: 'CREATE_TABLE',
        ...tableOf(statement, translator),
        fields: statement.column_definition_list.map(columnField),
      }
    case 'create_table_as_select_stmt':
      return filledTable(statement, translator, tableSql)
    case 'create_view_stmt':
      return viewOf(statement, translator, tableSql)
    case 'drop_stmt':
      return dropOf(statement)
    case 'alter_table_stmt':
      return alterOf(statement, 'TABLE', translator)
    case 'alter_view_stmt':
      return alterOf(statement, 'VIEW', translator)
    case 'alter_schema_stmt':
      return alterOf(statement, 'SCHEMA', translator)
    default:
      throw new Error(`the statement is no DDL: ${JSON.stringify(statement)}`)
  }
}

function creationOf(
  statement: Pick<CreateTableNode, 'name_path' | 'create_mode' | 'create_scope' | 'option_list'>,
  kind: Described,
  translator: Translator,
): Creation {
  const { name_path: path, create_mode: mode, create_scope: scope, option_list } = statement
  if (scope !== 'CREATE_DEFAULT_SCOPE') throw notImplemented(scope.replace('_', ' '))
  return {
    path,
    orReplace: mode === 'CREATE_OR_REPLACE',
    ifNotExists: mode === 'CREATE_IF_NOT_EXISTS',
    options: optionsOf(option_list, kind, translator),
  }
}

function schemaOf(statement: DdlOf<'create_schema_stmt'>, translator: Translator): Ddl {
  if (statement.collation_name) throw notImplemented('COLLATE in CREATE SCHEMA')
  const creation = creationOf(statement, 'SCHEMA', translator)
  if (creation.orReplace) throw notImplemented('OR REPLACE in CREATE SCHEMA')
  return { kind: 'CREATE_SCHEMA', ...creation }
}

function tableOf(statement: CreateTableNode, translator: Translator): Creation & Layout {
  const clause = missingClause(statement)
  if (clause) throw notImplemented(`${clause} in CREATE TABLE`)
  return { ...creationOf(statement, 'TABLE', translator), ...layoutOf(statement) }
}

function filledTable(
  statement: DdlOf<'create_table_as_select_stmt'>,
  translator: Translator,
  tableSql: TableSql,
): Ddl {
  const [only] = statement.output_column_list
  // The fields of the one STRUCT are the columns.
  const fields =
    statement.is_value_table && only
      ? (fieldOf(only.name, only.column.type).fields ?? [])
      : statement.column_definition_list.map(columnField)
  const rows = rowsOf(
    statement,
    fields.map(({ name }) => name),
    tableSql,
  )
  return { kind: 'CREATE_TABLE_AS_SELECT', ...tableOf(statement, translator), fields, rows }
}

const rowsOf = (query: QueryNode, names: readonly string[], tableSql: TableSql): Translation =>
  translate({ ...query, node: 'query_stmt' }, names, tableSql)

function missingClause(statement: CreateTableNode): string | undefined {
  const clauses: Readonly<Record<string, unknown>> = {
    LIKE: statement.like_table?.name,
    CLONE: statement.clone_from,
    COPY: statement.copy_from,
    'PRIMARY KEY': statement.primary_key,
    'FOREIGN KEY': statement.foreign_key_list[0],
    CHECK: statement.check_constraint_list[0],
    COLLATE: statement.collation_name,
    'WITH CONNECTION': statement.connection,
  }
  return Object.keys(clauses).find((clause) => clauses[clause])
}

function viewOf(
  statement: DdlOf<'create_view_stmt'>,
  translator: Translator,
  tableSql: TableSql,
): Ddl {
  if (statement.has_explicit_columns) throw notImplemented('a list of columns in CREATE VIEW')
  // What has no translation is refused, although the view is read by its text.
  rowsOf(statement, [], tableSql)
  const creation = creationOf(statement, 'TABLE', translator)
  return { kind: 'CREATE_VIEW', ...creation, query: statement.sql }
}

function dropOf(statement: DdlOf<'drop_stmt'>): Ddl {
  const { object_type: object, name_path: path, is_if_exists: ifExists } = statement
  if (object === 'TABLE') return { kind: 'DROP_TABLE', path, ifExists }
  if (object === 'VIEW') return { kind: 'DROP_VIEW', path, ifExists }
  if (object !== 'SCHEMA') throw notImplemented(`DROP ${object}`)
  return { kind: 'DROP_SCHEMA', path, ifExists, cascade: statement.drop_mode === 'CASCADE' }
}

function alterOf(
  statement: DdlOf<'alter_table_stmt' | 'alter_view_stmt' | 'alter_schema_stmt'>,
  object: 'TABLE' | 'VIEW' | 'SCHEMA',
  translator: Translator,
): Ddl {
  const { name_path: path, is_if_exists: ifExists, alter_action_list: actions } = statement
  const read = (action: AlterAction) => alterationOf(action, object, translator)
  return { kind: `ALTER_${object}`, path, ifExists, alterations: actions.map(read) }
}

function alterationOf(
  action: AlterAction,
  object: 'TABLE' | 'VIEW' | 'SCHEMA',
  translator: Translator,
): Alteration {
  const described = object === 'SCHEMA' ? 'SCHEMA' : 'TABLE'
  switch (action.node) {
    case 'set_options_action':
      return { kind: 'OPTIONS', options: optionsOf(action.option_list, described, translator) }
    case 'add_column_action':
      return { kind: 'ADD_COLUMN', field: columnField(action.column_definition) }
    case 'alter_column_options_action':
      return changeOf(action, { description: undefined, ...columnOptions(action.option_list) })
    case 'alter_column_drop_not_null_action':
      return changeOf(action, { mode: 'NULLABLE' })
    case 'alter_column_drop_default_action':
      return changeOf(action, { defaultValueExpression: undefined })
    case 'alter_column_set_default_action':
      return changeOf(action, { defaultValueExpression: action.default_value.sql })
    default:
      throw notImplemented(`ALTER ${object} ${wordsOf(action)}`)
  }
}

const changeOf = (
  { column: name }: { readonly column: string },
  changes: Partial<FieldSchema>,
): Alteration => ({ kind: 'CHANGE_COLUMN', name, changes })

// `drop_column_action` is DROP COLUMN.
const wordsOf = ({ node }: { readonly node: string }) =>
  node
    .replace(/_action$/, '')
    .replaceAll('_', ' ')
    .toUpperCase()
