// datasets.insert, get, list, patch, update and delete.

import type { Catalog } from '../engine/catalog.ts'
import { createDataset, dropDataset, updateDataset } from '../engine/datasets.ts'
import { newDatasetBody, parseBody } from '../values/resources.ts'
import type { ApiRequest } from './http.ts'

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
  update: async ({ params, body }: ApiRequest) =>
    updateDataset(catalog, params['dataset'] ?? '', body),
  delete: async ({ params, query }: ApiRequest) => {
    await dropDataset(catalog, params['dataset'] ?? '', query.get('deleteContents') === 'true')
    return undefined
  },
})
