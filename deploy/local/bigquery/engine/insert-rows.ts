// Writes checked rows through DuckDB's appender, column by column; defaults are evaluated by DuckDB once a request.

import {
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBValue,
  listValue,
} from '@duckdb/node-api'
import { translateExpression } from '../sql/translate.ts'
import type { FieldSchema, Table } from '../values/resources.ts'
import type { RowCells } from '../values/rows.ts'
import { columnSql, valueType } from '../values/types.ts'

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
) {
  const { fields } = table.schema
  const columns: DuckDBValue[][] = []
  for (const [i, field] of fields.entries())
    columns.push(
      await withDefaults(
        connection,
        field,
        rows.map((row) => row[i]),
      ),
    )
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
  connection: DuckDBConnection,
  field: FieldSchema,
  cells: readonly (DuckDBValue | undefined)[],
): Promise<DuckDBValue[]> {
  const { defaultValueExpression: expression, mode } = field
  const missing = cells.filter((cell) => cell === undefined).length
  const defaults =
    expression && missing > 0 ? await evaluate(connection, field, expression, missing) : []
  const empty = mode === 'REPEATED' ? listValue([]) : null
  return cells.map((cell) => (cell === undefined ? (defaults.pop() ?? empty) : cell))
}

async function evaluate(
  connection: DuckDBConnection,
  field: FieldSchema,
  expression: string,
  times: number,
) {
  const value = `CAST(${translateExpression(expression)} AS ${columnSql(field)})`
  const result = await connection.runAndReadAll(`SELECT ${value} FROM range(${times})`)
  return result.getRows().map(([first = null]) => first)
}
