// Stands in for Segment: takes batches as its HTTP API does, keeps the calls and fails on demand.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { KEEP_ALIVE_MS } from '../keep-alive.ts'
import { parseJson } from './answers.ts'
import { createCallLog, type Stats } from './call-log.ts'
import { createFaults, type Fault, faultSchema } from './fault-injection.ts'
import { judgeRequest } from './judge-request.ts'
import { createRegulations } from './regulations.ts'
import { listSources } from './sources.ts'
import { createTrackingPlans } from './tracking-plans.ts'

export type SegmentStandInOptions = {
  /** Receives every accepted call as one JSON line; emptied at the start. */
  readonly file: string
  /** @default any free port */
  readonly port?: number
  /** @default 127.0.0.1 */
  readonly host?: string
}

export type SegmentStandIn = {
  readonly url: string
  readonly file: string
  readonly stats: () => Stats
  /** Adds a fault, as `POST /_faults` does. */
  readonly fail: (fault: Partial<Fault>) => void
  /** Drops open connections, hanging requests included. */
  readonly close: () => Promise<void>
}

type Answer = { readonly status: number; readonly body: unknown; readonly retryAfter?: number }

/** Starts a stand-in in this process; it serves when this resolves. */
export async function startSegmentStandIn(options: SegmentStandInOptions): Promise<SegmentStandIn> {
  const { file, port = 0, host = '127.0.0.1' } = options
  const log = createCallLog(file)
  const faults = createFaults()
  const context = { log, faults, plans: createTrackingPlans(), regulations: createRegulations() }
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    handle(context, request, response).catch((error: unknown) => response.destroy(asError(error)))
  })
  await once(server.listen(port, host), 'listening')
  const address = server.address()
  const actualPort = typeof address === 'object' && address ? address.port : port
  return {
    url: `http://${host}:${actualPort}`,
    file,
    stats: () => structuredClone(log.stats),
    fail: (fault) => faults.add(faultSchema.parse(fault)),
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
      log.close()
    },
  }
}

type Context = {
  readonly log: ReturnType<typeof createCallLog>
  readonly faults: ReturnType<typeof createFaults>
  readonly plans: ReturnType<typeof createTrackingPlans>
  readonly regulations: ReturnType<typeof createRegulations>
}

async function handle(context: Context, request: IncomingMessage, response: ServerResponse) {
  const body = await text(request)
  const route = `${request.method} ${request.url}`
  const { authorization } = request.headers
  if (route === 'POST /v1/batch') return takeBatch(context, { body, authorization }, response)
  if (request.url?.startsWith('/tracking-plans')) return manage(context, request, body, response)
  if (route.startsWith('GET /sources')) return send(response, listSources(authorization))
  const answer = context.regulations.answer({ route, authorization, body })
  if (!answer) return send(response, control(context, route, body))
  const fault = context.faults.take(body)
  if (fault?.reset) return response.socket?.resetAndDestroy()
  return send(response, fault?.status ? faultAnswer(context.log, fault, fault.status) : answer)
}

function control({ log, faults, regulations }: Context, route: string, body: string): Answer {
  switch (route) {
    case 'GET /healthz':
      return { status: 200, body: { ok: true } }
    case 'GET /_stats':
      return { status: 200, body: log.stats }
    case 'GET /_regulations':
      return { status: 200, body: regulations.all() }
    case 'DELETE /_faults':
      faults.clear()
      return { status: 200, body: { ok: true } }
    case 'POST /_faults':
      return addFault(faults, body)
    default:
      return { status: 404, body: { message: `no ${route} here; calls go to POST /v1/batch` } }
  }
}

function addFault(faults: Context['faults'], body: string): Answer {
  const parsed = faultSchema.safeParse(parseJson(body))
  if (!parsed.success) return { status: 400, body: { message: parsed.error.message } }
  faults.add(parsed.data)
  return { status: 200, body: parsed.data }
}

/** The Public API. A fault with a status or a reset meets it too. */
function manage(
  { plans, faults }: Context,
  { method = '', url = '', headers }: IncomingMessage,
  body: string,
  response: ServerResponse,
): void {
  const fault = faults.take(body)
  if (fault?.reset) response.socket?.resetAndDestroy()
  else if (fault?.status) send(response, { status: fault.status, body: FAULT_OF_API })
  else {
    const { authorization, 'content-type': contentType } = headers
    send(response, plans({ method, url, body, authorization, contentType }))
  }
}

const FAULT_OF_API = {
  errors: [{ type: 'internal-error', message: 'a fault it was told to show' }],
}

type Batch = { readonly body: string; readonly authorization: string | undefined }

async function takeBatch({ log, faults }: Context, batch: Batch, response: ServerResponse) {
  log.stats.requests++
  const fault = faults.take(batch.body)
  if (fault?.delayMs) await sleep(fault.delayMs)
  const isTaken =
    fault === undefined || fault.accept || !(fault.status || fault.hang || fault.reset)
  const answer = isTaken ? judge(log, batch) : undefined
  if (fault?.hang) return
  if (fault?.reset) response.socket?.resetAndDestroy()
  else if (fault?.status) send(response, faultAnswer(log, fault, fault.status))
  else if (answer) send(response, answer)
}

function judge(log: Context['log'], { authorization, body }: Batch): Answer {
  const judgement = judgeRequest(authorization, body)
  if (judgement.status !== 200) {
    log.refuse(judgement.status)
    return { status: judgement.status, body: { success: false, message: judgement.reason } }
  }
  log.append(judgement.accepted)
  log.stats.dropped += judgement.dropped
  return { status: 200, body: { success: true } }
}

function faultAnswer(log: Context['log'], { retryAfter }: Fault, status: number): Answer {
  log.refuse(status)
  const body = { success: false, message: 'a fault it was told to show' }
  return retryAfter === undefined ? { status, body } : { status, body, retryAfter }
}

function send(response: ServerResponse, { status, body, retryAfter }: Answer): void {
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter)
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error))
