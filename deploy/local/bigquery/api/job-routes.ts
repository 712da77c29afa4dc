// jobs.insert, jobs.query, jobs.get and jobs.getQueryResults.

import { setTimeout as delay } from 'node:timers/promises'
import type { Job, Jobs } from '../engine/jobs.ts'
import { describeQuery, type StatementDeps } from '../engine/statements.ts'
import { invalid, notImplemented } from '../values/errors.ts'
import { type Json, jobBody, parseBody, queryBody } from '../values/resources.ts'
import type { ApiRequest } from './http.ts'
import { dryRunResource, jobResource } from './job-resource.ts'
import { type PageRequest, pageOf, readPage, timestampFormat } from './pages.ts'

// How long jobs.query and jobs.getQueryResults wait before they answer `jobComplete: false`.
const DEFAULT_TIMEOUT_MS = 10_000
// Whatever the caller asks for, BigQuery waits about 200 seconds at most.
const MAX_TIMEOUT_MS = 200_000

// Settings that change what a query does, and that this server does not carry out.
const refused = [
  'destinationTable',
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
      const { query, dryRun } = configuration
      if (!query) throw notImplemented('jobs other than query jobs')
      refuseSettings(query)
      if (dryRun) return dryRunResource(await describeQuery(deps, query), project)
      return jobResource(jobs.start(query, jobReference?.jobId), project)
    },
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
      return { kind, ...(await answer(deps, jobs.start(query), page, timeoutMs)) }
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
