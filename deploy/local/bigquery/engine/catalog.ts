// Remembers every dataset and table resource, in memory and in the DuckDB file's metadata schema.

import { createHash } from 'node:crypto'
import type { DuckDBConnection } from '@duckdb/node-api'
import { notFound } from '../values/errors.ts'
import { METADATA_SCHEMA } from '../values/names.ts'
import { type Dataset, datasetResource, type Table, tableResource } from '../values/resources.ts'
import type { Database, Work } from './database.ts'
import { informationColumns } from './information-schema.ts'

export type Catalog = {
  readonly project: string
  /** Every dataset, by id. */
  datasets(): Dataset[]
  /** The dataset, or 404 `notFound`. */
  dataset(datasetId: string): Dataset
  /** Every table and view of a dataset, by id; 404 without the dataset. */
  tables(datasetId: string): Table[]
  /** The table or view, or 404 `notFound`. */
  table(datasetId: string, tableId: string): Table
  /** Whether the table or view is there. */
  hasTable(datasetId: string, tableId: string): boolean
  /**
   * Changes DuckDB and the resources together: `work` sees no other change under way, its
   * statements and the resources it returns are committed in one transaction, or none is.
   */
  change(work: (connection: DuckDBConnection) => Promise<Change>): Promise<void>
}

/** What a change leaves behind: resources to keep, and ids to forget. */
export type Change = {
  readonly dataset?: Dataset
  readonly table?: Table
  readonly droppedDataset?: string
  readonly droppedTable?: { readonly datasetId: string; readonly tableId: string }
  /** A table all of whose rows were replaced. */
  readonly emptiedTable?: { readonly datasetId: string; readonly tableId: string }
}

/**
 * Reads the resources from the file; all of them stay in memory. `onEmptied` is told of each table
 * that is gone or has lost its rows, as `dataset.table`, before rows can be written to that name.
 */
export async function openCatalog(
  database: Database,
  project: string,
  onEmptied: (table: string) => void,
): Promise<Catalog> {
  const datasets = new Map<string, Dataset>()
  const tables = new Map<string, Map<string, Table>>()

  const forget = (datasetId: string, tableId: string) => {
    tables.get(datasetId)?.delete(tableId)
    onEmptied(`${datasetId}.${tableId}`)
  }
  const apply = ({ dataset, table, droppedDataset, droppedTable, emptiedTable }: Change) => {
    if (dataset) {
      const { datasetId } = dataset.datasetReference
      datasets.set(datasetId, dataset)
      tables.set(datasetId, tables.get(datasetId) ?? new Map())
    }
    if (table) tables.get(table.tableReference.datasetId)?.set(table.tableReference.tableId, table)
    if (emptiedTable) onEmptied(`${emptiedTable.datasetId}.${emptiedTable.tableId}`)
    if (droppedTable) forget(droppedTable.datasetId, droppedTable.tableId)
    if (droppedDataset) {
      for (const tableId of tables.get(droppedDataset)?.keys() ?? [])
        forget(droppedDataset, tableId)
      datasets.delete(droppedDataset)
      tables.delete(droppedDataset)
    }
  }
  for (const dataset of await load(database, 'datasets'))
    apply({ dataset: datasetResource.parse(dataset) })
  for (const table of await load(database, 'tables')) apply({ table: tableResource.parse(table) })

  const tablesOf = (datasetId: string) => {
    const found = tables.get(datasetId)
    if (!found) throw notFound('Dataset', `${project}:${datasetId}`)
    return found
  }
  return {
    project,
    datasets: () => [...datasets.values()],
    dataset: (datasetId) => {
      const found = datasets.get(datasetId)
      if (!found) throw notFound('Dataset', `${project}:${datasetId}`)
      return found
    },
    tables: (datasetId) => [...tablesOf(datasetId).values()],
    table: (datasetId, tableId) => {
      const found = tablesOf(datasetId).get(tableId)
      if (!found) throw notFound('Table', `${project}:${datasetId}.${tableId}`)
      return found
    },
    hasTable: (datasetId, tableId) => tablesOf(datasetId).has(tableId),
    change: async (work) => {
      const changeAndPersist: Work<Change> = async (connection) => {
        const change = await work(connection)
        await persist(connection, change)
        return change
      }
      await database.write(changeAndPersist, apply)
    },
  }
}

/** A resource's etag: equal exactly while nothing in the resource changes. */
export const etagOf = (resource: object) =>
  createHash('sha256').update(JSON.stringify(resource)).digest('base64url').slice(0, 22)

const load = (database: Database, kind: 'datasets' | 'tables') =>
  database.read(async (connection) => {
    const result = await connection.runAndReadAll(
      `SELECT resource FROM ${METADATA_SCHEMA}.${kind} ORDER BY ALL`,
    )
    return result.getRows().map(([resource]) => JSON.parse(String(resource)) as unknown)
  })

async function persist(connection: DuckDBConnection, change: Change) {
  const { dataset, table, droppedDataset, droppedTable } = change
  const run = (sql: string, ...values: string[]) => connection.run(sql, values)
  if (dataset)
    await run(
      `INSERT OR REPLACE INTO ${METADATA_SCHEMA}.datasets VALUES ($1, $2)`,
      dataset.datasetReference.datasetId,
      JSON.stringify(dataset),
    )
  if (table)
    await run(
      `INSERT OR REPLACE INTO ${METADATA_SCHEMA}.tables VALUES ($1, $2, $3, $4)`,
      table.tableReference.datasetId,
      table.tableReference.tableId,
      JSON.stringify(table),
      JSON.stringify(informationColumns(table)),
    )
  if (droppedTable)
    await run(
      `DELETE FROM ${METADATA_SCHEMA}.tables WHERE dataset_id = $1 AND table_id = $2`,
      droppedTable.datasetId,
      droppedTable.tableId,
    )
  if (droppedDataset) {
    await run(`DELETE FROM ${METADATA_SCHEMA}.tables WHERE dataset_id = $1`, droppedDataset)
    await run(`DELETE FROM ${METADATA_SCHEMA}.datasets WHERE dataset_id = $1`, droppedDataset)
  }
}
