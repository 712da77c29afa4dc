// Query jobs: runs each statement in the background and keeps its state and its result for later calls.

import { randomUUID } from 'node:crypto'
import { wallClockMs } from '#runtime/clock'
import { ApiError, errorBody, notFound } from '../values/errors.ts'
import {
  type QueryRequest,
  runStatement,
  type StatementDeps,
  type StatementResult,
} from './statements.ts'

export type Job = {
  readonly jobId: string
  readonly request: QueryRequest
  readonly createdAt: number
  endedAt?: number
  result?: StatementResult
  error?: ApiError
  /** Settles, never rejecting, when the job is done. */
  readonly done: Promise<void>
}

export type Jobs = {
  /** Starts a statement; 409 `duplicate` if the id is taken. */
  start(request: QueryRequest, jobId?: string): Job
  /** The job, or 404 once a thousand newer ones have come. */
  get(jobId: string): Job
}

// BigQuery keeps a result for a day; here a thousand jobs' are kept, until the server stops.
const KEPT_JOBS = 1000

/** Holds the jobs; their rows are tables of DuckDB's in-memory catalog, which spills to disk. */
export function createJobs(deps: StatementDeps): Jobs {
  const jobs = new Map<string, Job>()

  const run = async (job: Omit<Job, 'done'>) => {
    try {
      job.result = await runStatement(deps, job.request, `job_${randomUUID().replaceAll('-', '')}`)
    } catch (error) {
      job.error =
        error instanceof ApiError
          ? error
          : new ApiError(500, 'internalError', errorBody(error).error.message)
    }
    job.endedAt = wallClockMs()
  }

  const forgetOldest = async () => {
    const oldest = jobs.values().next().value
    if (jobs.size <= KEPT_JOBS || !oldest) return
    jobs.delete(oldest.jobId)
    await oldest.done
    const resultTable = oldest.result?.resultTable
    if (resultTable)
      await deps.database.read((connection) => connection.run(`DROP TABLE ${resultTable}`))
  }

  return {
    start: (request, jobId = `job_${randomUUID()}`) => {
      if (jobs.has(jobId))
        throw new ApiError(
          409,
          'duplicate',
          `Already Exists: Job ${deps.catalog.project}:US.${jobId}`,
        )
      const started: Omit<Job, 'done'> = { jobId, request, createdAt: wallClockMs() }
      const job = Object.assign(started, { done: run(started) })
      jobs.set(jobId, job)
      // The table of a forgotten result is only memory: failing to drop it must not fail this job.
      forgetOldest().catch(() => {})
      return job
    },
    get: (jobId) => {
      const job = jobs.get(jobId)
      if (!job) throw notFound('Job', `${deps.catalog.project}:US.${jobId}`)
      return job
    },
  }
}
