// Writes rows into a table as a job's dispositions say: into a new one, at the end of one, or in place of its rows.

import type { DuckDBConnection } from '@duckdb/node-api'
import { duplicate, invalid, notFound } from '../values/errors.ts'
import type { Table, TableBody } from '../values/resources.ts'
import { duckdbName } from './sources.ts'
import { makeTable, type TableDeps } from './table-changes.ts'
import { layoutOf } from './table-layout.ts'

export type Target = {
  readonly datasetId: string
  readonly tableId: string
  /** CREATE_NEVER refuses to create the table. */
  readonly createDisposition: string | undefined
  readonly writeDisposition: string
  /** What the table is created from; without a schema, the table must be there. */
  readonly body: TableBody
}

/**
 * `fill` writes the rows into the table, in the transaction that creates or empties it: all is done, or nothing.
 * A table that is emptied forgets what was streamed into it: DML may change its rows, and insertIds count anew.
 * @throws 404 `notFound` for a table that is not to be created, 409 `duplicate` where WRITE_EMPTY finds rows
 */
export async function writeTable(
  deps: TableDeps,
  target: Target,
  fill: (connection: DuckDBConnection, table: Table) => Promise<void>,
): Promise<void> {
  await deps.catalog.change(async (connection) => {
    const table = await emptiedOrMade(deps, target, connection)
    await fill(connection, table)
    return { table, ...(target.writeDisposition === 'WRITE_TRUNCATE' && { emptiedTable: target }) }
  })
}

async function emptiedOrMade(
  deps: TableDeps,
  { datasetId, tableId, createDisposition, writeDisposition, body }: Target,
  connection: DuckDBConnection,
): Promise<Table> {
  const { catalog } = deps
  const reference = { projectId: catalog.project, datasetId, tableId }
  const name = `${catalog.project}:${datasetId}.${tableId}`
  catalog.dataset(datasetId)
  const present = catalog.hasTable(datasetId, tableId) ? catalog.table(datasetId, tableId) : null
  if (!present) {
    if (createDisposition === 'CREATE_NEVER') throw notFound('Table', name)
    return makeTable(deps, connection, reference, body)
  }
  if (present.type === 'VIEW') throw invalid(`Cannot write into a table of type VIEW: ${name}`)
  if (writeDisposition === 'WRITE_APPEND') return present
  if (writeDisposition === 'WRITE_EMPTY') {
    if (await hasRows(connection, duckdbName(reference))) throw duplicate('Table', name)
    return present
  }
  if (!body.schema) {
    await connection.run(`DELETE FROM ${duckdbName(reference)}`)
    return present
  }
  // A table whose rows are replaced keeps its partitioning and clustering.
  await connection.run(`DROP TABLE ${duckdbName(reference)}`)
  return makeTable(deps, connection, reference, { ...layoutOf(present), ...body })
}

async function hasRows(connection: DuckDBConnection, name: string) {
  const found = await connection.runAndReadAll(`SELECT 1 FROM ${name} LIMIT 1`)
  return found.getRows().length > 0
}
