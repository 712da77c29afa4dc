// datasets.insert, get, list, patch, update and delete: a dataset is a schema of the DuckDB file.

import type { z } from 'zod'
import { wallClockMs } from '#runtime/clock'
import { type Catalog, etagOf } from '../engine/catalog.ts'
import { metadataSchema, quoteName } from '../engine/database.ts'
import { apiError, duplicate, invalid } from './errors.ts'
import type { ApiRequest } from './http.ts'
import { type Dataset, datasetBody, type Json, newDatasetBody, parseBody } from './resources.ts'

const datasetName = /^\w{1,1024}$/
// Schemas of DuckDB's and ours that share the file.
const reserved = new Set(['main', 'temp', 'pg_catalog', 'information_schema', metadataSchema])

/** The handlers; each throws what the operation below it throws. */
export const createDatasetRoutes = (catalog: Catalog) => ({
  insert: async ({ body }: ApiRequest) => {
    const { datasetReference, ...resource } = parseBody(newDatasetBody, body)
    return createDataset(catalog, datasetReference.datasetId, resource)
  },
  get: async ({ params }: ApiRequest) => catalog.dataset(params['dataset'] ?? ''),
  list: async () => ({
    kind: 'bigquery#datasetList',
    datasets: catalog.datasets().map(({ datasetReference, friendlyName, labels, location }) => ({
      kind: 'bigquery#dataset',
      id: `${datasetReference.projectId}:${datasetReference.datasetId}`,
      datasetReference,
      location,
      ...(friendlyName !== undefined && { friendlyName }),
      ...(labels && { labels }),
    })),
  }),
  update: async ({ params, body }: ApiRequest) => {
    const datasetId = params['dataset'] ?? ''
    await catalog.change(async () => {
      const resource = parseBody(datasetBody, { ...catalog.dataset(datasetId), ...body })
      return { dataset: stamped(catalog, datasetId, resource) }
    })
    return catalog.dataset(datasetId)
  },
  delete: async ({ params, query }: ApiRequest) => {
    await dropDataset(catalog, params['dataset'] ?? '', query.get('deleteContents') === 'true')
    return undefined
  },
})

/** Creates the dataset; 409 `duplicate` if it is there, 400 for a name BigQuery or DuckDB cannot have. */
export const createDataset = async (catalog: Catalog, datasetId: string, resource: Json) => {
  if (!datasetName.test(datasetId) || reserved.has(datasetId.toLowerCase()))
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

/** Drops the dataset; 400 `resourceInUse` if it holds tables and `deleteContents` is not asked for. */
export const dropDataset = (catalog: Catalog, datasetId: string, deleteContents: boolean) =>
  catalog.change(async (connection) => {
    if (catalog.tables(datasetId).length > 0 && !deleteContents)
      throw apiError(
        400,
        'resourceInUse',
        `Dataset ${catalog.project}:${datasetId} is still in use`,
      )
    await connection.run(`DROP SCHEMA ${quoteName(datasetId)} CASCADE`)
    return { droppedDataset: datasetId }
  })

const stamped = (
  { project }: Catalog,
  datasetId: string,
  resource: z.infer<typeof datasetBody>,
): Dataset => {
  const changed = {
    ...resource,
    kind: 'bigquery#dataset',
    id: `${project}:${datasetId}`,
    datasetReference: { projectId: project, datasetId },
    lastModifiedTime: String(wallClockMs()),
  }
  return { ...changed, etag: etagOf({ ...changed, etag: undefined }) }
}
