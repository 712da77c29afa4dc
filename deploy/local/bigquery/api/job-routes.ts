// jobs.insert, jobs.query, jobs.get and jobs.getQueryResults.

import { setTimeout as delay } from 'node:timers/promises'
import type { z } from 'zod'
import { copyTask } from '../engine/copy-job.ts'
import type { Job, Jobs, JobTask } from '../engine/jobs.ts'
import { queryTask } from '../engine/query-job.ts'
import { describeQuery, type StatementDeps } from '../engine/statements.ts'
import { loadTask } from '../load/load-job.ts'
import { invalid, notImplemented } from '../values/errors.ts'
import { type Json, jobBody, parseBody, queryBody } from '../values/resources.ts'
import type { ApiRequest } from './http.ts'
import { dryRunResource, jobResource, listedJob } from './job-resource.ts'
import { type PageRequest, pageOf, readPage, timestampFormat } from './pages.ts'

// How long jobs.query and jobs.getQueryResults wait before they answer `jobComplete: false`.
const DEFAULT_TIMEOUT_MS = 10_000
// Whatever the caller asks for, BigQuery waits about 200 seconds at most.
const MAX_TIMEOUT_MS = 200_000

// Settings that change what a query does, and that this server does not carry out.
const refused = [
  'tableDefinitions',
  'createSession',
  'continuous',
  'schemaUpdateOptions',
  'writeIncrementalResults',
]

/** The handlers; a failed query is an HTTP error of jobs.query and getQueryResults, and a job's errorResult. */
export function createJobRoutes(jobs: Jobs, deps: StatementDeps) {
  const { project } = deps.catalog
  return {
    insert: async ({ body }: ApiRequest) => {
      const { jobReference, configuration } = parseBody(jobBody, body)
      const { query, copy, load, dryRun } = configuration
      if (query) refuseSettings(query)
      if (query && dryRun) return dryRunResource(await describeQuery(deps, query), project)
      const task = taskOf(deps, { query, copy, load })
      return jobResource(jobs.start(task, jobReference?.jobId), project)
    },
    list: async ({ query }: ApiRequest) => {
      const all = jobs.list()
      const offset = Number(query.get('pageToken') ?? 0)
      const end = offset + Number(query.get('maxResults') ?? all.length)
      return {
        kind: 'bigquery#jobList',
        jobs: all.slice(offset, end).map((job) => listedJob(job, project)),
        ...(end < all.length && { nextPageToken: String(end) }),
      }
    },
    // As at Google, a job may be done before it can be cancelled.
    cancel: async ({ params }: ApiRequest) => ({
      kind: 'bigquery#jobCancelResponse',
      job: jobResource(jobs.get(params['job'] ?? ''), project),
    }),
    get: async ({ params }: ApiRequest) => jobResource(jobs.get(params['job'] ?? ''), project),
    query: async ({ body }: ApiRequest) => {
      const query = parseBody(queryBody, body)
      refuseSettings(query)
      const kind = 'bigquery#queryResponse'
      if (query.dryRun) {
        const schema = { fields: await describeQuery(deps, query) }
        return { kind, schema, jobComplete: true, totalRows: '0', totalBytesProcessed: '0' }
      }
      const { maxResults, formatOptions, timeoutMs } = query
      const page = { offset: 0, maxResults, format: timestampFormat(formatOptions) }
      return { kind, ...(await answer(deps, jobs.start(queryTask(deps, query)), page, timeoutMs)) }
    },
    getQueryResults: async ({ params, query }: ApiRequest) => {
      const timeoutMs = Number(query.get('timeoutMs') ?? DEFAULT_TIMEOUT_MS)
      if (!(timeoutMs >= 0)) throw invalid('Invalid value for timeoutMs')
      const kind = 'bigquery#getQueryResultsResponse'
      return {
        kind,
        ...(await answer(deps, jobs.get(params['job'] ?? ''), pageOf(query), timeoutMs)),
      }
    },
  }
}

type Configuration = Pick<z.infer<typeof jobBody>['configuration'], 'query' | 'copy' | 'load'>

function taskOf(deps: StatementDeps, { query, copy, load }: Configuration): JobTask {
  if (query) return queryTask(deps, query)
  if (copy) return copyTask(deps, copy)
  // A load job whose file is not uploaded reads Cloud Storage, which is refused by name.
  if (load) return loadTask(deps, load, Buffer.alloc(0))
  throw notImplemented('jobs other than query, load and copy jobs')
}

function refuseSettings(query: Json) {
  if (query['useLegacySql'] !== false) throw notImplemented('legacy SQL: set useLegacySql to false')
  const setting = refused.find((name) => query[name])
  if (setting) throw notImplemented(`a query's ${setting}`)
}

async function answer(
  { catalog, database }: StatementDeps,
  job: Job,
  page: PageRequest,
  timeoutMs = DEFAULT_TIMEOUT_MS,
) {
  await settledWithin(job.done, Math.min(timeoutMs, MAX_TIMEOUT_MS))
  const jobReference = { projectId: catalog.project, jobId: job.jobId, location: 'US' }
  if (!job.endedAt) return { jobReference, jobComplete: false }
  if (!job.result) throw job.error
  const { fields, totalRows, resultTable: table, affectedRows } = job.result
  const rows = table ? await readPage(database, { table, fields, totalRows }, page) : {}
  return {
    jobReference,
    jobComplete: true,
    schema: { fields },
    totalRows: String(totalRows),
    ...rows,
    totalBytesProcessed: '0',
    cacheHit: false,
    ...(affectedRows !== undefined && { numDmlAffectedRows: String(affectedRows) }),
  }
}

async function settledWithin(done: Promise<void>, ms: number) {
  const timer = new AbortController()
  await Promise.race([done, delay(ms, undefined, { signal: timer.signal }).catch(() => {})])
  timer.abort()
}
