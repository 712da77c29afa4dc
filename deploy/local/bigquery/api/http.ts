// Turns HTTP into API calls: finds the route, reads the JSON body (gzip or plain), answers in Google's form.

import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createGunzip } from 'node:zlib'
import { ApiError, errorBody } from '../values/errors.ts'
import { isObject, type Json } from '../values/resources.ts'

export type ApiRequest = {
  /** The named parts of the path, such as `dataset` of `/datasets/:dataset`. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  /** The body as JSON; empty for an upload. */
  readonly body: Json
  /** The body as it was sent, unpacked. */
  readonly bytes: Buffer
  readonly ifMatch: string | undefined
  /** Cuts the connection without an answer. */
  readonly hangUp: () => void
}

/** Answers with a JSON body, with none (204), or with a status and headers of its own. */
export type Handler = (request: ApiRequest) => Promise<object | undefined>

/** An answer without a body. */
export class Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, headers: Readonly<Record<string, string>>) {
    this.status = status
    this.headers = headers
  }
}

export type Route = readonly [method: string, path: string, handler: Handler]

// BigQuery's limit for a tabledata.insertAll request, counted after decompression.
const MAX_BODY_BYTES = 10 * 1024 * 1024
// Google's clients send files in pieces of 100 MB.
const MAX_PIECE_BYTES = 128 * 1024 * 1024

const UPLOAD = '/upload/'

/** Serves the routes below `/bigquery/v2` and, for clients that leave it out, without it. */
export function createApi(routes: readonly Route[]) {
  const table = routes.map(([method, path, handler]) => ({ method, handler, path: pattern(path) }))

  const answer = async (request: IncomingMessage, hangUp: () => void) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const path = url.pathname.replace(/^(\/upload)?\/bigquery\/v2(?=\/)/, '$1')
    const isUpload = path.startsWith(UPLOAD)
    const bytes = await readBody(request, isUpload ? MAX_PIECE_BYTES : MAX_BODY_BYTES)
    const body = isUpload || bytes.length === 0 ? {} : parseObject(bytes.toString())
    for (const route of table) {
      const found = route.method === request.method && route.path.exec(path)
      if (!found) continue
      const params = Object.fromEntries(
        Object.entries(found.groups ?? {}).map(([name, part]) => [name, decodeURIComponent(part)]),
      )
      const { headers } = request
      const ifMatch = headers['if-match']
      const query = url.searchParams
      return route.handler({ params, query, url, headers, body, bytes, ifMatch, hangUp })
    }
    throw new ApiError(
      404,
      'notFound',
      `The local BigQuery has no method ${request.method} ${path}`,
    )
  }

  return async (request: IncomingMessage, response: ServerResponse) => {
    try {
      const result = await answer(request, () => request.socket.destroy())
      if (result instanceof Reply) response.writeHead(result.status, result.headers).end()
      else send(response, result ? 200 : 204, result)
    } catch (error) {
      const body = errorBody(error)
      send(response, body.error.code, body)
    }
  }
}

// oxlint-disable-next-line no-restricted-globals -- made of the paths in this file, where a name is between two slashes
const pattern = (path: string) => new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`)

function send(response: ServerResponse, code: number, body: object | undefined) {
  if (response.destroyed) return
  response.writeHead(code, { 'content-type': 'application/json; charset=UTF-8' })
  response.end(body && JSON.stringify(body))
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const isGzipped = request.headers['content-encoding'] === 'gzip'
  const source: AsyncIterable<Buffer> = isGzipped ? request.pipe(createGunzip()) : request
  const chunks: Buffer[] = []
  let bytes = 0
  // An oversized body is read to its end but not kept: a client still sending could not read the answer.
  for await (const chunk of source) {
    bytes += chunk.length
    if (bytes <= maxBytes) chunks.push(chunk)
  }
  if (bytes > maxBytes)
    throw new ApiError(413, 'invalid', `Request payload size exceeds the limit: ${maxBytes} bytes.`)
  return Buffer.concat(chunks)
}

/** The JSON object that the text is, or 400 `parseError`. */
export function parseObject(text: string): Json {
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {
    // The answer is the same for JSON of another kind.
  }
  throw new ApiError(400, 'parseError', 'Parse Error: the request body is not a JSON object')
}
