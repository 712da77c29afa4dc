// The codec server: Temporal's UI and CLI send it payloads, and it answers what is in them.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Payload, PayloadCodec } from '@temporalio/common'
import pLimit, { type LimitFunction } from 'p-limit'
import type { CodecServerConfig } from '#runtime/config'
import type { Logger } from '#runtime/log'
import { createPayloadCodec } from '#runtime/payload-codec'
import { HTTP } from '#runtime/status-codes'
import { accessOf, isAllowedHost, isAllowedOrigin, type Rules } from './access.ts'
import { type Budget, createBudget } from './budget.ts'
import type { Access } from './partner-data.ts'
import { isView, showPayload } from './view.ts'
import { BodyError, readPayloads, writePayloads } from './wire.ts'

/** A page of history is at most 4 MB from Temporal; base64 makes a third more of it, and this leaves room. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024

/** Requests that wait while others are answered; more come from nobody's page. */
const MAX_WAITING = 64

/** A request that does not arrive within this is not waited for. */
const RECEIVE_TIMEOUT_MS = 30_000

export type CodecServer = { readonly url: string; readonly close: () => Promise<void> }

/** An answer other than 200, in one line that says what to do. */
class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

type Context = {
  readonly config: CodecServerConfig
  readonly rules: Rules
  readonly codec: PayloadCodec
  /** One request at a time, so that each has the whole of its time. */
  readonly inTurn: LimitFunction
}

/**
 * Serves POST /decode and /encode and GET /healthz until `close`. /decode only ever shows; what it masked, /encode refuses.
 * @param isOpenToPages whether pages of CODEC_SERVER_ORIGINS need no token although there is one
 * @throws where the address cannot be opened
 */
export async function startCodecServer(
  config: CodecServerConfig,
  log: Logger,
  isOpenToPages = false,
): Promise<CodecServer> {
  const context = {
    config,
    rules: { ...config, isOpenToPages },
    codec: createPayloadCodec(config.PAYLOAD_KEYS ?? []),
    inTurn: pLimit(1),
  }
  const timeouts = { requestTimeout: RECEIVE_TIMEOUT_MS, headersTimeout: RECEIVE_TIMEOUT_MS }
  const server = createServer(
    timeouts,
    (request, response) => void answer(context, request, response, log),
  )
  const { CODEC_SERVER_HOST: host, CODEC_SERVER_PORT: port } = config
  try {
    await once(server.listen(port, host), 'listening')
  } catch (cause) {
    throw new Error(
      `CODEC_SERVER_PORT ${port} of ${host} cannot be opened: choose another port, or stop what has it.`,
      { cause },
    )
  }
  return { url: urlOf(server, host), close: () => close(server) }
}

async function answer(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  log: Logger,
): Promise<void> {
  try {
    allowOrigin(context, request, response)
    send(response, HTTP.OK, await route(context, request, response))
  } catch (error) {
    const status = statusOf(error)
    const message =
      error instanceof Error && status < HTTP.INTERNAL_SERVER_ERROR
        ? error.message
        : 'The codec server failed to answer: its log says why.'
    const path = request.url?.slice(0, MAX_TOLD)
    log.warn({ method: request.method, path, status, err: error }, 'refused')
    // What was not read of the body must not be taken for the next request.
    response.setHeader('connection', 'close')
    send(response, status, JSON.stringify({ message }))
  }
}

async function route(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<string> {
  const [pathname = ''] = (request.url ?? '/').split('?', 1)
  if (request.method === 'OPTIONS') return ''
  if (`${request.method} ${pathname}` === 'GET /healthz') return '{"ok":true}'
  const handle = { '/decode': decode, '/encode': encode }[pathname]
  if (!handle)
    throw new Refusal(
      HTTP.NOT_FOUND,
      `There is no ${told(pathname)} here: POST /decode or /encode.`,
    )
  if (request.method !== 'POST')
    throw new Refusal(HTTP.METHOD_NOT_ALLOWED, `${pathname} takes POST.`)
  const access = admit(context, request)
  if (context.inTurn.pendingCount >= MAX_WAITING)
    throw new Refusal(
      HTTP.SERVICE_UNAVAILABLE,
      `${MAX_WAITING} requests wait already: ask again later.`,
    )
  const body = await readBody(request)
  return context.inTurn(async () => {
    const budget = createBudget(() => response.destroyed)
    return writePayloads(await handle(context.codec, readPayloads(body), access, budget))
  })
}

/** @throws Refusal where the caller may not ask; it says what to do */
function admit({ config, rules }: Context, { headers }: IncomingMessage): Access {
  const { authorization, origin, host } = headers
  if (authorization === undefined && !isAllowedHost(host, config.CODEC_SERVER_HOST))
    throw new Refusal(
      HTTP.FORBIDDEN,
      `Requests to the host ${told(host ?? '')} need a token: ask this machine by its own name, 127.0.0.1 or localhost.`,
    )
  const access = accessOf({ authorization, origin }, rules)
  if (access) return access
  throw new Refusal(
    HTTP.UNAUTHORIZED,
    config.CODEC_SERVER_TOKEN === undefined ? NEEDS_A_PAGE : NEEDS_ITS_TOKEN,
  )
}

const NEEDS_ITS_TOKEN =
  'The codec server needs its token: send CODEC_SERVER_TOKEN as Authorization: Bearer ….'
const NEEDS_A_PAGE =
  'Without a token only pages of CODEC_SERVER_ORIGINS may ask. For Temporal\'s CLI set CODEC_SERVER_TOKEN for the codec server, and send it: --codec-auth "Bearer …".'

/** A caller decides how long what it sent is; so much of it is repeated. */
const MAX_TOLD = 200

const told = (text: string) => text.slice(0, MAX_TOLD)

async function decode(
  codec: PayloadCodec,
  payloads: readonly Payload[],
  access: Access,
  budget: Budget,
): Promise<Payload[]> {
  const shown: Payload[] = []
  for (const payload of payloads) shown.push(await showPayload(codec, payload, access, budget))
  return shown
}

async function encode(codec: PayloadCodec, payloads: readonly Payload[]): Promise<Payload[]> {
  if (!payloads.some(isView)) return codec.encode([...payloads])
  throw new Refusal(
    HTTP.BAD_REQUEST,
    'The payload holds what the codec server masked or could not decode: sent to Temporal it would take the place of the data. Take the data from its source.',
  )
}

function allowOrigin({ config }: Context, request: IncomingMessage, response: ServerResponse) {
  const { origin } = request.headers
  if (!isAllowedOrigin(origin, config.CODEC_SERVER_ORIGINS))
    throw new Refusal(
      HTTP.FORBIDDEN,
      `Pages of ${told(origin ?? '')} may not ask: add it to CODEC_SERVER_ORIGINS.`,
    )
  if (origin === undefined) return
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('vary', 'origin')
  response.setHeader('access-control-allow-methods', 'POST, OPTIONS')
  // The session of a proxy in front, such as Identity-Aware Proxy; this server itself takes none.
  response.setHeader('access-control-allow-credentials', 'true')
  response.setHeader('access-control-allow-headers', 'x-namespace, content-type, authorization')
  response.setHeader('access-control-max-age', '600')
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    const part = Buffer.from(chunk)
    bytes += part.length
    if (bytes > MAX_BODY_BYTES)
      throw new Refusal(
        HTTP.CONTENT_TOO_LARGE,
        `The body is over ${MAX_BODY_BYTES} bytes: ask for fewer payloads.`,
      )
    chunks.push(part)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function statusOf(error: unknown): number {
  if (error instanceof Refusal) return error.status
  return error instanceof BodyError ? error.status : HTTP.INTERNAL_SERVER_ERROR
}

function send(response: ServerResponse, status: number, body: string): void {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  response.writeHead(status, headers).end(body)
}

function urlOf(server: Server, host: string): string {
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
