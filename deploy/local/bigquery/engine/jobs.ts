// Jobs: each runs in the background and keeps its state and its result for later calls.

import { randomUUID } from 'node:crypto'
import { wallClockMs } from '#runtime/clock'
import { ApiError, errorBody, notFound } from '../values/errors.ts'
import type { FieldSchema, Json, TableReference } from '../values/resources.ts'

/** What a job did. */
export type JobResult = {
  readonly fields: readonly FieldSchema[]
  readonly totalRows: number
  /** BigQuery's name of the statement of a query job, such as SELECT or CREATE_VIEW. */
  readonly statementType?: string
  /** Where a query's rows are, in order. */
  readonly resultTable?: string
  readonly affectedRows?: number
  /** The table or view that DDL was about. */
  readonly ddlTargetTable?: TableReference
  /** The rows that a load job or a copy job wrote, and those that a load job left out. */
  readonly outputRows?: number
  readonly badRecords?: number
}

/** Work that runs as a job. */
export type JobTask = {
  readonly jobType: 'QUERY' | 'LOAD' | 'COPY'
  /** The job's configuration, by the name of its type. */
  readonly configuration: Json
  /** @param resultName a name that no other job's result has */
  readonly run: (resultName: string) => Promise<JobResult>
}

export type Job = {
  readonly jobId: string
  /** The name of the table that has the result of a query. */
  readonly resultName: string
  readonly task: JobTask
  readonly createdAt: number
  endedAt?: number
  result?: JobResult
  error?: ApiError
  /** Settles, never rejecting, when the job is done. */
  readonly done: Promise<void>
}

export type Jobs = {
  /** Starts the work; 409 `duplicate` if the id is taken. */
  start(task: JobTask, jobId?: string): Job
  /** The job, or 404 once a thousand newer ones have come. */
  get(jobId: string): Job
  /** The newest first. */
  list(): readonly Job[]
}

// BigQuery keeps a result for a day; here a thousand jobs' are kept, until the server stops.
const KEPT_JOBS = 1000

/**
 * Holds the jobs; their rows are tables of DuckDB's in-memory catalog, which spills to disk.
 * @param drop drops the table of a result that is forgotten
 */
export function createJobs(project: string, drop: (resultTable: string) => Promise<unknown>): Jobs {
  const jobs = new Map<string, Job>()

  const run = async (job: Omit<Job, 'done'>) => {
    try {
      job.result = await job.task.run(job.resultName)
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
    if (resultTable) await drop(resultTable)
  }

  return {
    start: (task, jobId = `job_${randomUUID()}`) => {
      if (jobs.has(jobId))
        throw new ApiError(409, 'duplicate', `Already Exists: Job ${project}:US.${jobId}`)
      const resultName = `job_${randomUUID().replaceAll('-', '')}`
      const started: Omit<Job, 'done'> = { jobId, resultName, task, createdAt: wallClockMs() }
      const job = Object.assign(started, { done: run(started) })
      jobs.set(jobId, job)
      // The table of a forgotten result is only memory: failing to drop it must not fail this job.
      forgetOldest().catch(() => {})
      return job
    },
    get: (jobId) => {
      const job = jobs.get(jobId)
      if (!job) throw notFound('Job', `${project}:US.${jobId}`)
      return job
    },
    list: () => [...jobs.values()].toReversed(),
  }
}
