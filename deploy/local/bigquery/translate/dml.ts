// INSERT, UPDATE, DELETE, MERGE and TRUNCATE.

import { invalidQuery, notImplemented } from '../values/errors.ts'
import { quoteName } from '../values/names.ts'
import type {
  InsertRow,
  MergeClause,
  Statement,
  StatementOf,
  UpdateItem,
} from './statement-tree.ts'
import type { Translator } from './translator.ts'

type Dml = Exclude<Statement, { readonly node: 'query_stmt' }>

/** The alias of the table that a statement changes. */
export const TARGET = 'target'

/** DML in DuckDB's SQL; 501 with the name of a clause that is not supported. */
export function dmlSql(statement: Dml, translator: Translator): string {
  if (statement.returning) throw notImplemented('THEN RETURN')
  if (statement.assert_rows_modified) throw notImplemented('ASSERT_ROWS_MODIFIED')
  const table = translator.table(statement.table_scan.table.serialization_id)
  switch (statement.node) {
    case 'insert_stmt':
      return insertSql(statement, table, translator)
    case 'update_stmt':
      return updateSql(statement, table, translator)
    case 'delete_stmt':
      return `DELETE FROM ${table} AS ${TARGET} WHERE ${translator.expression(statement.where_expr)}`
    case 'truncate_stmt':
      return `DELETE FROM ${table}`
    case 'merge_stmt':
      return mergeSql(statement, table, translator)
    default:
      throw notImplemented('this statement')
  }
}

const repeatedSql = (
  { table_scan: scan }: StatementOf<'update_stmt' | 'merge_stmt'>,
  source: string,
  translator: Translator,
  conditions: readonly string[],
) =>
  `SELECT 1 FROM ${translator.table(scan.table.serialization_id)} AS ${TARGET} JOIN (${source}) ON ${conditions.join(' AND ')} GROUP BY ${TARGET}.rowid HAVING count(*) > 1 LIMIT 1`

/**
 * A query that has rows where a row of the table would be changed by more than one row of the source,
 * which DuckDB lets pass; undefined where that cannot be.
 */
export function ambiguitySql(statement: Statement, translator: Translator): string | undefined {
  if (statement.node === 'update_stmt' && statement.from_scan) {
    const where = translator.expression(statement.where_expr)
    return repeatedSql(statement, translator.scan(statement.from_scan), translator, [where])
  }
  if (statement.node !== 'merge_stmt') return undefined
  const matched = statement.when_clause_list.filter(({ match_type: type }) => type === 'MATCHED')
  if (matched.length === 0) return undefined
  const applied = matched.map(({ match_expr: condition }) =>
    condition ? translator.expression(condition) : 'TRUE',
  )
  const on = [translator.expression(statement.merge_expr), `(${applied.join(' OR ')})`]
  return repeatedSql(statement, translator.scan(statement.from_scan), translator, on)
}

function insertSql(statement: StatementOf<'insert_stmt'>, table: string, translator: Translator) {
  const { insert_mode: mode, query } = statement
  if (mode !== undefined && mode !== 'OR_ERROR')
    throw notImplemented(`INSERT ${mode.replace('_', ' ')}`)
  const columns = statement.insert_column_list.map(({ name }) => quoteName(name)).join(', ')
  const into = `INSERT INTO ${table} (${columns})`
  if (!query)
    return `${into} VALUES ${statement.row_list.map((row) => rowSql(row, translator)).join(', ')}`
  const selected = statement.query_output_column_list.map((column) => translator.name(column))
  return `${into} SELECT ${selected.join(', ')} FROM (${translator.scan(query)})`
}

function updateSql(statement: StatementOf<'update_stmt'>, table: string, translator: Translator) {
  const set = settings(statement.update_item_list, translator)
  const from = statement.from_scan ? ` FROM (${translator.scan(statement.from_scan)})` : ''
  const where = translator.expression(statement.where_expr)
  return `UPDATE ${table} AS ${TARGET} SET ${set}${from} WHERE ${where}`
}

function mergeSql(statement: StatementOf<'merge_stmt'>, table: string, translator: Translator) {
  const clauses = statement.when_clause_list.map((clause) => clauseSql(clause, translator))
  const source = `(${translator.scan(statement.from_scan)}) AS source`
  const on = translator.expression(statement.merge_expr)
  return `MERGE INTO ${table} AS ${TARGET} USING ${source} ON ${on} ${clauses.join(' ')}`
}

const rowSql = ({ value_list: values }: InsertRow, translator: Translator) =>
  `(${values.map(({ value }) => translator.expression(value)).join(', ')})`

const settings = (items: readonly UpdateItem[], translator: Translator) =>
  items
    .map(({ target, set_value: set }) => {
      if (target.node !== 'column_ref' || !set) throw notImplemented('UPDATE of a part of a column')
      return `${quoteName(target.column.name)} = ${translator.expression(set.value)}`
    })
    .join(', ')

const MATCHES: Readonly<Record<MergeClause['match_type'], string>> = {
  MATCHED: 'MATCHED',
  NOT_MATCHED_BY_SOURCE: 'NOT MATCHED BY SOURCE',
  NOT_MATCHED_BY_TARGET: 'NOT MATCHED BY TARGET',
}

function clauseSql(clause: MergeClause, translator: Translator) {
  const condition = clause.match_expr ? ` AND ${translator.expression(clause.match_expr)}` : ''
  return `WHEN ${MATCHES[clause.match_type]}${condition} THEN ${actionSql(clause, translator)}`
}

function actionSql(clause: MergeClause, translator: Translator) {
  if (clause.action_type === 'DELETE') return 'DELETE'
  if (clause.action_type === 'UPDATE')
    return `UPDATE SET ${settings(clause.update_item_list, translator)}`
  if (!clause.insert_row) throw invalidQuery('Syntax error: INSERT has no values')
  const columns = clause.insert_column_list.map(({ name }) => quoteName(name))
  return `INSERT (${columns.join(', ')}) VALUES ${rowSql(clause.insert_row, translator)}`
}
