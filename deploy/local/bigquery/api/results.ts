// The results of queries without a destination, as the tables that their jobs name.

import type { Database } from '../engine/database.ts'
import type { Job, Jobs } from '../engine/jobs.ts'
import { RESULTS_DATASET } from '../engine/query-job.ts'
import { notFound } from '../values/errors.ts'
import type { ApiRequest } from './http.ts'
import { pageOf, readPage, selected } from './pages.ts'

/** tables.get and tabledata.list of results, and the path below which they are. */
export function createResultRoutes(jobs: Jobs, database: Database, projectId: string) {
  const find = ({ params }: ApiRequest) => {
    const { table: tableId = '' } = params
    const job = jobs.list().find(({ resultName }) => resultName === tableId)
    const table = job?.result?.resultTable
    if (!job?.result || !table)
      throw notFound('Table', `${projectId}:${RESULTS_DATASET}.${tableId}`)
    return { job, result: { ...job.result, table } }
  }
  return {
    path: `/projects/${projectId}/datasets/${RESULTS_DATASET}/tables`,
    get: async (request: ApiRequest) => {
      const { job, result } = find(request)
      return tableOf(job, result, projectId)
    },
    list: async (request: ApiRequest) => {
      const { result } = find(request)
      const page = await readPage(
        database,
        { ...result, fields: selected(result.fields, request.query) },
        pageOf(request.query),
      )
      return { kind: 'bigquery#tableDataList', totalRows: String(result.totalRows), ...page }
    },
  }
}

const tableOf = (
  { resultName, createdAt }: Job,
  { fields, totalRows }: NonNullable<Job['result']>,
  projectId: string,
) => ({
  kind: 'bigquery#table',
  id: `${projectId}:${RESULTS_DATASET}.${resultName}`,
  tableReference: { projectId, datasetId: RESULTS_DATASET, tableId: resultName },
  type: 'TABLE',
  schema: { fields },
  numRows: String(totalRows),
  numBytes: '0',
  creationTime: String(createdAt),
})
