// tables.insert, get, list, patch, update and delete.

import { changeTable, createTable, dropTable, type TableDeps } from '../engine/table-changes.ts'
import { newTableBody, parseBody } from '../values/resources.ts'
import type { ApiRequest } from './http.ts'

// tables.update drops what its body leaves out, but for the schema and the layout.
const dropped = { description: null, friendlyName: null, labels: null, expirationTime: null }

const pathOf = ({ params }: ApiRequest) => [params['dataset'] ?? '', params['table'] ?? ''] as const

/** The handlers; `countRows` counts a table's rows. */
export const createTableRoutes = (
  deps: TableDeps,
  countRows: (dataset: string, table: string) => Promise<number>,
) => ({
  insert: async ({ params, body }: ApiRequest) => {
    const { tableReference, ...table } = parseBody(newTableBody, body)
    return createTable(deps, [params['dataset'] ?? '', tableReference.tableId], table)
  },
  get: async (request: ApiRequest) => {
    const [dataset, table] = pathOf(request)
    const resource = deps.catalog.table(dataset, table)
    if (resource.type === 'VIEW') return resource
    return { ...resource, numRows: String(await countRows(dataset, table)), numBytes: '0' }
  },
  list: async ({ params, query }: ApiRequest) => {
    const tables = deps.catalog.tables(params['dataset'] ?? '')
    const offset = Number(query.get('pageToken') ?? 0)
    const end = offset + Number(query.get('maxResults') ?? tables.length)
    return {
      kind: 'bigquery#tableList',
      totalItems: tables.length,
      tables: tables.slice(offset, end).map((table) => ({ ...table, schema: undefined })),
      ...(end < tables.length && { nextPageToken: String(end) }),
    }
  },
  patch: async (request: ApiRequest) =>
    changeTable(deps, pathOf(request), () => request.body, request.ifMatch),
  update: async (request: ApiRequest) =>
    changeTable(deps, pathOf(request), () => ({ ...dropped, ...request.body }), request.ifMatch),
  delete: async (request: ApiRequest) => {
    const [dataset, table] = pathOf(request)
    await dropTable(deps.catalog, dataset, table)
    return undefined
  },
})
