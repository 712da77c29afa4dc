// BigQuery's insertAll and Segment's batch endpoint as sinks: they take every request, check and count what is in it, and keep nothing.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { z } from 'zod'
import { type SinkName, sinkNames, sinkOf, type Tally } from './tally.ts'

const sinkName = z.enum(sinkNames)

/** Control beside the sinks: `/_reset?expected=N`, `/_counts`, `/_latencies?sink=staging`. */
export function createHttpSinks(tally: Tally): Server {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => answer(tally, request, Buffer.concat(chunks), response))
  })
  server.keepAliveTimeout = 60_000
  return server
}

function answer(
  tally: Tally,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const reply = control(tally, url) ?? take(tally, url.pathname, body)
  response.statusCode = reply === null ? 404 : 200
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(reply))
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
  const sink: SinkName | undefined = sinkOf(table)
  if (sink === undefined) return null
  if (NAMES_NO_EVENT.has(sink)) tally.addRow(sink, body)
  else tally.addMarked(sink, body)
  return { kind: 'bigquery#tableDataInsertAllResponse' }
}
