// Creates the dataset, tables and views of contracts/ in BigQuery, and adds columns that are new.

import type { BigQuery, TableField, TableMetadata } from '@google-cloud/bigquery'
import { DATASET, TABLES, type Table, VIEWS, type View } from '#contracts'
import { codeOf, HTTP } from '#runtime/status-codes'
import type { Change } from './change.ts'

/**
 * Idempotent. Never drops or retypes a column: one that BigQuery has and the definition lacks stays.
 * @throws ApiError of Google's client
 */
export async function setUpTables(bigquery: BigQuery, location: string): Promise<Change[]> {
  const changes = [await createDataset(bigquery, location)]
  for (const table of TABLES) changes.push(await setUpTable(bigquery, table))
  for (const view of VIEWS) changes.push(await setUpView(bigquery, view))
  return changes
}

async function createDataset(bigquery: BigQuery, location: string): Promise<Change> {
  const what = { kind: 'dataset', name: DATASET } as const
  const dataset = bigquery.dataset(DATASET)
  if (await exists(() => dataset.getMetadata())) return { ...what, did: 'unchanged' }
  await ignoreDuplicate(() => dataset.create({ location }))
  return { ...what, did: 'created' }
}

async function setUpTable(bigquery: BigQuery, table: Table): Promise<Change> {
  const what = { kind: 'table', name: `${DATASET}.${table.name}` } as const
  const handle = bigquery.dataset(DATASET).table(table.name)
  const metadata = await exists(() => handle.getMetadata())
  if (!metadata) {
    await ignoreDuplicate(() => handle.create(toMetadata(table)))
    return { ...what, did: 'created' }
  }
  const present = schemaFields(metadata)
  const missing = table.columns.filter(({ name }) => !present.some((field) => field.name === name))
  if (missing.length === 0) return { ...what, did: 'unchanged' }
  // BigQuery adds no REQUIRED column to a table that has rows.
  const added = missing.map((column) => ({
    ...column,
    mode: column.mode === 'REQUIRED' ? 'NULLABLE' : column.mode,
  }))
  await handle.setMetadata({ schema: { fields: [...present, ...added] } })
  return { ...what, did: 'updated', newColumns: missing.map(({ name }) => name) }
}

async function setUpView(bigquery: BigQuery, view: View): Promise<Change> {
  const what = { kind: 'view', name: `${DATASET}.${view.name}` } as const
  const handle = bigquery.dataset(DATASET).table(view.name)
  const definition = {
    view: { query: view.query, useLegacySql: false },
    description: view.description,
  }
  const metadata = await exists(() => handle.getMetadata())
  if (!metadata) {
    await ignoreDuplicate(() => handle.create(definition))
    return { ...what, did: 'created' }
  }
  if (metadata.view?.query === view.query) return { ...what, did: 'unchanged' }
  await handle.setMetadata(definition)
  return { ...what, did: 'updated' }
}

/** A table of the contracts in the words of BigQuery's REST API. */
export function toMetadata(table: Table) {
  return {
    description: table.description,
    schema: { fields: table.columns.map((column) => ({ ...column })) },
    timePartitioning: { type: 'DAY', field: table.partitionBy },
    clustering: { fields: [...table.clusterBy] },
  }
}

function schemaFields({ schema }: TableMetadata): TableField[] {
  return typeof schema === 'object' && 'fields' in schema ? (schema.fields ?? []) : []
}

async function exists(read: () => Promise<[TableMetadata, ...unknown[]]>) {
  try {
    const [metadata] = await read()
    return metadata
  } catch (error) {
    if (codeOf(error) === HTTP.NOT_FOUND) return null
    throw error
  }
}

/** Two set-ups at once: the second finds the work done. */
async function ignoreDuplicate(create: () => Promise<unknown>): Promise<void> {
  try {
    await create()
  } catch (error) {
    if (codeOf(error) !== HTTP.CONFLICT) throw error
  }
}
