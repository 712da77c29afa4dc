// The codec server: Temporal's UI and CLI send it payloads, and it answers what is in them.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Payload, PayloadCodec } from '@temporalio/common'
import type { CodecServerConfig } from '#runtime/config'
import type { Logger } from '#runtime/log'
import { createPayloadCodec } from '#runtime/payload-codec'
import { accessOf, isAllowedOrigin } from './access.ts'
import type { Access } from './partner-data.ts'
import { isView, showPayload } from './view.ts'
import { BodyError, readPayloads, writePayloads } from './wire.ts'

/** A page of history is at most 4 MB from Temporal; base64 makes a third more of it, and this leaves room. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024

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

type Context = { readonly config: CodecServerConfig; readonly codec: PayloadCodec }

/**
 * Serves POST /decode and /encode and GET /healthz until `close`. /decode only ever shows; what it masked, /encode refuses.
 * @throws where the address cannot be opened
 */
export async function startCodecServer(
  config: CodecServerConfig,
  log: Logger,
): Promise<CodecServer> {
  const context = { config, codec: createPayloadCodec(config.PAYLOAD_KEYS ?? []) }
  const server = createServer((request, response) => void answer(context, request, response, log))
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
    send(response, 200, await route(context, request))
  } catch (error) {
    const status = statusOf(error)
    const message =
      error instanceof Error && status < 500
        ? error.message
        : 'The codec server failed to answer: its log says why.'
    log.warn({ method: request.method, path: request.url, status, err: error }, 'refused')
    // What was not read of the body must not be taken for the next request.
    response.setHeader('connection', 'close')
    send(response, status, JSON.stringify({ message }))
  }
}

async function route(context: Context, request: IncomingMessage): Promise<string> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  if (request.method === 'OPTIONS') return ''
  if (`${request.method} ${pathname}` === 'GET /healthz') return '{"ok":true}'
  const handle = { '/decode': decode, '/encode': encode }[pathname]
  if (!handle) throw new Refusal(404, `There is no ${pathname} here: POST /decode or /encode.`)
  if (request.method !== 'POST') throw new Refusal(405, `${pathname} takes POST.`)
  const access = accessOf(request.headers.authorization, context.config)
  if (!access)
    throw new Refusal(
      401,
      'The codec server needs its token: send CODEC_SERVER_TOKEN as Authorization: Bearer ….',
    )
  const payloads = readPayloads(await readBody(request))
  return writePayloads(await handle(context.codec, payloads, access))
}

function decode(codec: PayloadCodec, payloads: readonly Payload[], access: Access) {
  return Promise.all(payloads.map((payload) => showPayload(codec, payload, access)))
}

async function encode(codec: PayloadCodec, payloads: readonly Payload[]): Promise<Payload[]> {
  if (!payloads.some(isView)) return codec.encode([...payloads])
  throw new Refusal(
    400,
    'The payload holds what the codec server masked or could not decode: sent to Temporal it would take the place of the data. Take the data from its source.',
  )
}

function allowOrigin({ config }: Context, request: IncomingMessage, response: ServerResponse) {
  const { origin } = request.headers
  if (!isAllowedOrigin(origin, config.CODEC_SERVER_ORIGINS))
    throw new Refusal(403, `Pages of ${origin} may not ask: add it to CODEC_SERVER_ORIGINS.`)
  if (origin === undefined) return
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('vary', 'origin')
  response.setHeader('access-control-allow-methods', 'POST, OPTIONS')
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
      throw new Refusal(413, `The body is over ${MAX_BODY_BYTES} bytes: ask for fewer payloads.`)
    chunks.push(part)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function statusOf(error: unknown): number {
  if (error instanceof Refusal) return error.status
  return error instanceof BodyError ? 400 : 500
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
