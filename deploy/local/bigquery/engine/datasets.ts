// Creates, changes and drops datasets: a dataset is a schema of the DuckDB file.

import type { z } from 'zod'
import { wallClockMs } from '#runtime/clock'
import { ApiError, duplicate, invalid } from '../values/errors.ts'
import { METADATA_SCHEMA, quoteName } from '../values/names.ts'
import { type Dataset, datasetBody, type Json, parseBody } from '../values/resources.ts'
import { type Catalog, etagOf } from './catalog.ts'

const DATASET_NAME = /^\w{1,1024}$/
// Schemas of DuckDB's and ours that share the file.
const RESERVED = new Set(['main', 'temp', 'pg_catalog', 'information_schema', METADATA_SCHEMA])

// What BigQuery gives a dataset for which no access is named. Nothing here enforces access: it is kept and shown.
const DEFAULT_ACCESS = [
  { role: 'WRITER', specialGroup: 'projectWriters' },
  { role: 'OWNER', specialGroup: 'projectOwners' },
  { role: 'READER', specialGroup: 'projectReaders' },
]

// BigQuery takes these roles by either name, and shows the old one.
const OLD_NAMES = new Map([
  ['roles/bigquery.dataOwner', 'OWNER'],
  ['roles/bigquery.dataEditor', 'WRITER'],
  ['roles/bigquery.dataViewer', 'READER'],
])

/** Creates the dataset; 409 `duplicate` if it is there, 400 for a name BigQuery or DuckDB cannot have. */
export async function createDataset(catalog: Catalog, datasetId: string, resource: Json) {
  if (!DATASET_NAME.test(datasetId) || RESERVED.has(datasetId.toLowerCase()))
    throw invalid(`Invalid dataset ID "${datasetId}".`)
  await catalog.change(async (connection) => {
    if (catalog.datasets().some((known) => known.datasetReference.datasetId === datasetId))
      throw duplicate('Dataset', `${catalog.project}:${datasetId}`)
    await connection.run(`CREATE SCHEMA ${quoteName(datasetId)}`)
    const created = parseBody(datasetBody, { ...resource, creationTime: String(wallClockMs()) })
    return { dataset: stamped(catalog, datasetId, created) }
  })
  return catalog.dataset(datasetId)
}

/** Lays `changes` over the dataset's resource; 400 where that is no dataset. */
export async function updateDataset(catalog: Catalog, datasetId: string, changes: Json) {
  await catalog.change(async () => {
    const resource = parseBody(datasetBody, { ...catalog.dataset(datasetId), ...changes })
    return { dataset: stamped(catalog, datasetId, resource) }
  })
  return catalog.dataset(datasetId)
}

/** Drops the dataset; 400 `resourceInUse` if it holds tables and `deleteContents` is not asked for. */
export const dropDataset = (catalog: Catalog, datasetId: string, deleteContents: boolean) =>
  catalog.change(async (connection) => {
    if (catalog.tables(datasetId).length > 0 && !deleteContents)
      throw new ApiError(
        400,
        'resourceInUse',
        `Dataset ${catalog.project}:${datasetId} is still in use`,
      )
    await connection.run(`DROP SCHEMA ${quoteName(datasetId)} CASCADE`)
    return { droppedDataset: datasetId }
  })

function stamped(
  { project }: Catalog,
  datasetId: string,
  resource: z.infer<typeof datasetBody>,
): Dataset {
  const changed = {
    ...resource,
    access: (resource.access ?? DEFAULT_ACCESS).map(withOldName),
    kind: 'bigquery#dataset',
    id: `${project}:${datasetId}`,
    datasetReference: { projectId: project, datasetId },
    lastModifiedTime: String(wallClockMs()),
  }
  return { ...changed, etag: etagOf({ ...changed, etag: undefined }) }
}

function withOldName<Entry extends { readonly role?: string | undefined }>(entry: Entry): Entry {
  const role = entry.role && OLD_NAMES.get(entry.role)
  return role ? { ...entry, role } : entry
}
