// Writes checked rows through DuckDB's appender, column by column; defaults are evaluated by DuckDB once a request.

import {
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBValue,
  listValue,
} from '@duckdb/node-api'
import type { FieldSchema, Table } from '../values/resources.ts'
import type { RowCells } from '../values/rows.ts'
import { columnSql, valueType } from '../values/types.ts'
import { expressionSql } from './columns.ts'
import type { Prepare } from './prepare.ts'

// DuckDB's vector size: a chunk holds no more rows.
const CHUNK_ROWS = 2048

/**
 * Appends the rows in order, inside the connection's transaction. A cell that is `undefined` gets
 * its column's default value, or NULL (an empty array if REPEATED).
 */
export async function insertRows(
  connection: DuckDBConnection,
  table: Table,
  rows: readonly RowCells[],
  prepare: Prepare,
) {
  const { fields } = table.schema
  const columns: DuckDBValue[][] = []
  const evaluate = createEvaluate(connection, prepare)
  for (const [i, field] of fields.entries()) {
    const cells = rows.map((row) => row[i])
    columns.push(await withDefaults(evaluate, field, cells))
  }
  const { projectId, datasetId, tableId } = table.tableReference
  const appender = await connection.createAppender(tableId, datasetId, projectId)
  const types = fields.map(valueType)
  for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
    const chunk = DuckDBDataChunk.create(types, Math.min(CHUNK_ROWS, rows.length - start))
    for (const [i, values] of columns.entries())
      chunk.setColumnValues(i, values.slice(start, start + CHUNK_ROWS))
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}

// The expression is evaluated for each row that needs it, as GENERATE_UUID() wants.
async function withDefaults(
  evaluate: Evaluate,
  field: FieldSchema,
  cells: readonly (DuckDBValue | undefined)[],
): Promise<DuckDBValue[]> {
  const { defaultValueExpression: expression, mode } = field
  const missing = cells.filter((cell) => cell === undefined).length
  const defaults = expression && missing > 0 ? await evaluate(field, expression, missing) : []
  const empty = mode === 'REPEATED' ? listValue([]) : null
  return cells.map((cell) => (cell === undefined ? (defaults.pop() ?? empty) : cell))
}

type Evaluate = (field: FieldSchema, expression: string, times: number) => Promise<DuckDBValue[]>

const createEvaluate =
  (connection: DuckDBConnection, prepare: Prepare): Evaluate =>
  async (field, expression, times) => {
    const value = `CAST(${await expressionSql(prepare, expression)} AS ${columnSql(field)})`
    const result = await connection.runAndReadAll(`SELECT ${value} FROM range(${times})`)
    return result.getRows().map(([first = null]) => first)
  }
