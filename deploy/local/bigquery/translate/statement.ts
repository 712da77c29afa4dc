// Translates a resolved statement to DuckDB's SQL.

import type { SqlType } from '../analyzer/types.ts'
import { quoteName } from '../values/names.ts'
import { ambiguitySql, dmlSql, TARGET } from './dml.ts'
import { expressionSql } from './expressions.ts'
import { scanSql } from './scans.ts'
import type { Statement, StatementOf } from './statement-tree.ts'
import type { Translator } from './translator.ts'
import type { Column } from './tree.ts'
import { elementOf, fieldsOf, kindOf, typeSql } from './types.ts'

export type Translation = {
  /** BigQuery's name of the statement, such as SELECT. */
  readonly statementType: string
  readonly sql: string
  /** A query that has rows where more than one row of a source would change the same row of the table. */
  readonly ambiguity: string | undefined
  /** The names of the query parameters that are to be bound, in lower case; the n-th `?` is `p<n>`. */
  readonly parameters: readonly string[]
  /** The value of a query that is one expression without FROM. */
  readonly value: string | undefined
  /** The analyzer's id of the table that DML changes. */
  readonly target: string | undefined
}

/**
 * `columns` are the names of a query's result, `tableSql` gives what reads a table of the analyzer's
 * catalog. Throws 501 `notImplemented` with the name of what is not supported.
 */
export function translate(
  statement: Statement,
  columns: readonly string[],
  tableSql: (id: string) => string,
): Translation {
  const { translator, parameters } = createTranslator(tableSql, targetColumns(statement))
  const isQuery = statement.node === 'query_stmt'
  return {
    statementType: TYPES[statement.node],
    sql: isQuery ? querySql(statement, columns, translator) : dmlSql(statement, translator),
    value: isQuery ? valueSql(statement, translator) : undefined,
    ambiguity: ambiguitySql(statement, translator),
    parameters: [...parameters],
    target: isQuery ? undefined : statement.table_scan.table.serialization_id,
  }
}

/** The columns of `targets` are read from the row that the statement changes; `parameters` fills as they are named. */
export function createTranslator(
  tableSql: (id: string) => string,
  targets: readonly Column[] = [],
): { readonly translator: Translator; readonly parameters: ReadonlySet<string> } {
  const parameters = new Set<string>()
  const targetNames = new Map(targets.map(({ column_id: id, name }) => [id, name]))
  const translator: Translator = {
    expression: (expression) => expressionSql(expression, translator),
    scan: (scan) => scanSql(scan, translator),
    name: ({ column_id: id }) => {
      const target = targetNames.get(id)
      return target === undefined ? `c${id}` : `${TARGET}.${quoteName(target)}`
    },
    table: tableSql,
    parameter: (name, position) => {
      const bound = (name || `p${position}`).toLowerCase()
      parameters.add(bound)
      return `$${bound}`
    },
  }
  return { translator, parameters }
}

const TYPES: Readonly<Record<Statement['node'], string>> = {
  query_stmt: 'SELECT',
  insert_stmt: 'INSERT',
  update_stmt: 'UPDATE',
  delete_stmt: 'DELETE',
  truncate_stmt: 'TRUNCATE_TABLE',
  merge_stmt: 'MERGE',
}

const targetColumns = (statement: Statement): readonly Column[] =>
  statement.node === 'query_stmt' || statement.node === 'insert_stmt'
    ? []
    : statement.table_scan.column_list

function valueSql({ query }: StatementOf<'query_stmt'>, translator: Translator) {
  if (query.node !== 'project_scan' || query.input_scan.node !== 'single_row_scan') return undefined
  const [only, ...others] = query.expr_list
  return only && others.length === 0 ? translator.expression(only.expr) : undefined
}

function querySql(
  statement: StatementOf<'query_stmt'>,
  columns: readonly string[],
  translator: Translator,
) {
  const values = statement.output_column_list.map(({ column }) => ({
    sql: translator.name(column),
    type: column.type,
  }))
  const [only] = values
  const isStruct = statement.is_value_table && only && kindOf(only.type) === 'STRUCT'
  const outputs = isStruct
    ? fieldsOf(only.type).map(({ type }, i) => ({
        sql: `struct_extract_at(${only.sql}, ${i + 1})`,
        type,
      }))
    : values
  const selected = outputs.map(
    ({ sql, type }, i) => `${outputSql(sql, type)} AS ${quoteName(columns[i] ?? `f${i}_`)}`,
  )
  return `SELECT ${selected.join(', ')} FROM (${translator.scan(statement.query)})`
}

// A result has no arrays with NULLs in them, and DuckDB's types are held to those that were promised.
function outputSql(value: string, type: SqlType) {
  const cast = `CAST(${value} AS ${typeSql(type)})`
  if (kindOf(type) !== 'ARRAY') return cast
  const element = kindOf(elementOf(type))
  return element === 'STRUCT' ? cast : `gs_written_array(${cast})`
}
