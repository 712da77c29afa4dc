// A job as BigQuery's Job resource, with its status and statistics.

import type { Job } from '../engine/jobs.ts'
import { RESULTS_DATASET } from '../engine/query-job.ts'
import { errorBody } from '../values/errors.ts'
import type { FieldSchema, Json } from '../values/resources.ts'

/** The resource as of now; a failed job has an `errorResult`. */
export function jobResource(job: Job, projectId: string) {
  const { jobId, task, createdAt, endedAt } = job
  return {
    kind: 'bigquery#job',
    id: `${projectId}:US.${jobId}`,
    jobReference: { projectId, jobId, location: 'US' },
    configuration: { jobType: task.jobType, ...configurationOf(job, projectId) },
    status: statusOf(job),
    statistics: {
      creationTime: String(createdAt),
      startTime: String(createdAt),
      ...(endedAt && { endTime: String(endedAt) }),
      totalBytesProcessed: '0',
      ...statisticsOf(job),
    },
  }
}

/** The resource in a list of jobs, which says the state outside of the status as well. */
export function listedJob(job: Job, projectId: string) {
  const resource = jobResource(job, projectId)
  return { ...resource, state: resource.status.state }
}

/** The rows of a query without a destination can be read from a table of its own. */
function configurationOf({ task, resultName }: Job, projectId: string): Json {
  const { query } = task.configuration
  if (typeof query !== 'object') return task.configuration
  const destinationTable = { projectId, datasetId: RESULTS_DATASET, tableId: resultName }
  return { query: { destinationTable, ...query } }
}

/** The resource of a dry run: no job, but the columns the query would have. */
export const dryRunResource = (fields: readonly FieldSchema[], projectId: string) => ({
  kind: 'bigquery#job',
  jobReference: { projectId, location: 'US' },
  configuration: { jobType: 'QUERY', dryRun: true },
  status: { state: 'DONE' },
  statistics: {
    totalBytesProcessed: '0',
    query: { totalBytesProcessed: '0', schema: { fields } },
  },
})

function statusOf({ endedAt, error }: Job) {
  const state = endedAt ? 'DONE' : 'RUNNING'
  if (!error) return { state }
  const { errors } = errorBody(error).error
  return { state, errorResult: errors[0], errors }
}

function statisticsOf({ task, result }: Job): Json {
  const { statementType, affectedRows, ddlTargetTable, outputRows, badRecords } = result ?? {}
  if (task.jobType === 'LOAD')
    return { load: { outputRows: text(outputRows), badRecords: text(badRecords) } }
  if (task.jobType === 'COPY') return { copy: { copiedRows: text(outputRows) } }
  return {
    query: {
      totalBytesProcessed: '0',
      totalBytesBilled: '0',
      cacheHit: false,
      ...(statementType && { statementType }),
      ...(affectedRows !== undefined && { numDmlAffectedRows: String(affectedRows) }),
      ...(ddlTargetTable && { ddlTargetTable }),
    },
  }
}

const text = (count: number | undefined) => (count === undefined ? undefined : String(count))
