// A job as BigQuery's Job resource, with its status and statistics.

import type { Job } from '../engine/jobs.ts'
import { errorBody } from '../values/errors.ts'
import type { FieldSchema } from '../values/resources.ts'

/** The resource as of now; a failed job has an `errorResult`. */
export function jobResource(job: Job, projectId: string) {
  const { jobId, request, createdAt, endedAt } = job
  return {
    kind: 'bigquery#job',
    id: `${projectId}:US.${jobId}`,
    jobReference: { projectId, jobId, location: 'US' },
    configuration: { jobType: 'QUERY', query: { ...request } },
    status: statusOf(job),
    statistics: {
      creationTime: String(createdAt),
      startTime: String(createdAt),
      ...(endedAt && { endTime: String(endedAt) }),
      totalBytesProcessed: '0',
      query: statisticsOf(job),
    },
  }
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

const statisticsOf = ({ result }: Job) => ({
  totalBytesProcessed: '0',
  totalBytesBilled: '0',
  cacheHit: false,
  ...(result && { statementType: result.statementType }),
  ...(result?.affectedRows !== undefined && { numDmlAffectedRows: String(result.affectedRows) }),
  ...(result?.ddlTargetTable && { ddlTargetTable: result.ddlTargetTable }),
})
