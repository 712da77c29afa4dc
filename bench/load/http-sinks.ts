// BigQuery's REST API and Segment's batch endpoint as sinks: they take every request, check and count what is in it, and keep nothing.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { z } from 'zod'
import { KEEP_ALIVE_MS } from '../../deploy/local/keep-alive.ts'
import { type SinkName, sinkNames, sinksOf, type Tally } from './tally.ts'

const sinkName = z.enum(sinkNames)

/**
 * Control beside the sinks: `/_reset?expected=N`, `/_counts`, `/_latencies?sink=staging`, and `/_fail-segment?every=N`, which
 * has one of so many requests to Segment answered with 500 and one with 429.
 */
export function createHttpSinks(tally: Tally): Server {
  const segment = createSegmentFaults()
  return createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://127.0.0.1')
      const fault = url.pathname === '/v1/batch' ? segment.next() : null
      if (fault) response.writeHead(fault.status, fault.headers).end('{}')
      else if (url.pathname === '/_fail-segment')
        response.end(JSON.stringify(segment.fail(Number(url.searchParams.get('every')))))
      else answer(tally, { request, url }, Buffer.concat(chunks), response)
    })
  })
}

function answer(
  tally: Tally,
  { request, url }: { readonly request: IncomingMessage; readonly url: URL },
  body: Buffer,
  response: ServerResponse,
): void {
  const reply =
    control(tally, url) ??
    queryAnswer(tally, request, url.pathname, body) ??
    take(tally, url.pathname, body)
  response.statusCode = reply === null ? 404 : 200
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(reply))
}

const UNAVAILABLE = { status: 500, headers: {} }
const THROTTLED = { status: 429, headers: { 'retry-after': '1' } }

/** The faults of one Segment. None until they are asked for. */
function createSegmentFaults() {
  let every = 0
  let requests = 0
  let faults = 0
  const faultNow = () => {
    if (every === 0) return null
    requests += 1
    if (requests % every === 0) return UNAVAILABLE
    return requests % every === Math.floor(every / 2) ? THROTTLED : null
  }
  return {
    next: () => {
      const fault = faultNow()
      if (fault) faults += 1
      return fault
    },
    fail: (of: number) => {
      every = of
      return { faults }
    },
  }
}

function control(tally: Tally, url: URL): object | null {
  if (url.pathname === '/_counts') return tally.counts()
  if (url.pathname === '/_latencies') {
    return tally.latencies(sinkName.parse(url.searchParams.get('sink')))
  }
  if (url.pathname !== '/_reset') return null
  tally.reset(Number(url.searchParams.get('expected')))
  return {}
}

/** Their rows are about many events. */
const NAMES_NO_EVENT: ReadonlySet<SinkName> = new Set([
  'batch_ledger',
  'batch_receipt',
  'dead_letter_log',
])

/** A row of ours names its event once in the clear: in the audit log the message itself is base64. */
function take(tally: Tally, path: string, body: Buffer): object | null {
  if (path === '/v1/batch') {
    tally.addMarked('segment', body)
    return { success: true }
  }
  const table = /\/tables\/(\w+)\/insertAll$/.exec(path)?.[1] ?? ''
  const sinks = sinksOf(table, body)
  if (sinks.length === 0) return null
  for (const sink of sinks) {
    if (NAMES_NO_EVENT.has(sink)) tally.addRow(sink, body)
    else tally.addMarked(sink, body)
  }
  return { kind: 'bigquery#tableDataInsertAllResponse' }
}

/** A query finds no row, because the sinks keep nothing: no order of the benchmark has an earlier event. */
function queryAnswer(
  tally: Tally,
  { method }: IncomingMessage,
  path: string,
  body: Buffer,
): object | null {
  const isAsked = method === 'POST' && /\/projects\/\w+\/(?:queries|jobs)$/.test(path)
  if (isAsked) tally.addRow('order_query', body)
  if (isAsked && path.endsWith('/jobs'))
    return { kind: 'bigquery#job', jobReference: QUERY_JOB, status: { state: 'DONE' } }
  if (isAsked) return { kind: 'bigquery#queryResponse', ...NO_ROWS }
  const isResult = method === 'GET' && /\/projects\/\w+\/queries\/[\w-]+$/.test(path)
  return isResult ? { kind: 'bigquery#getQueryResultsResponse', ...NO_ROWS } : null
}

const QUERY_JOB = { projectId: 'local', jobId: 'bench', location: 'EU' }

const NO_ROWS = {
  jobReference: QUERY_JOB,
  jobComplete: true,
  totalRows: '0',
  schema: { fields: [{ name: 'source', type: 'STRING', mode: 'NULLABLE' }] },
}
