// Turns HTTP into API calls: finds the route, reads the JSON body (gzip or plain), answers in Google's form.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { createGunzip } from 'node:zlib'
import { ApiError, errorBody } from '../values/errors.ts'
import type { Json } from '../values/resources.ts'

export type ApiRequest = {
  /** The named parts of the path, such as `dataset` of `/datasets/:dataset`. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: Json
  readonly ifMatch: string | undefined
  /** Cuts the connection without an answer. */
  readonly hangUp: () => void
}

/** Answers with a JSON body, or with none: 204. */
export type Handler = (request: ApiRequest) => Promise<object | undefined>

export type Route = readonly [method: string, path: string, handler: Handler]

// BigQuery's limit for a tabledata.insertAll request, counted after decompression.
const MAX_BODY_BYTES = 10 * 1024 * 1024

/** Serves the routes below `/bigquery/v2` and, for clients that leave it out, without it. */
export function createApi(routes: readonly Route[]) {
  const table = routes.map(([method, path, handler]) => ({ method, handler, path: pattern(path) }))

  const answer = async (request: IncomingMessage, hangUp: () => void) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const path = url.pathname.replace(/^\/bigquery\/v2(?=\/)/, '')
    const body = await readBody(request)
    for (const route of table) {
      const found = route.method === request.method && route.path.exec(path)
      if (!found) continue
      const params = Object.fromEntries(
        Object.entries(found.groups ?? {}).map(([name, part]) => [name, decodeURIComponent(part)]),
      )
      const ifMatch = request.headers['if-match']
      return route.handler({ params, query: url.searchParams, body, ifMatch, hangUp })
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
      send(response, result ? 200 : 204, result)
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

async function readBody(request: IncomingMessage): Promise<Json> {
  const isGzipped = request.headers['content-encoding'] === 'gzip'
  const source: AsyncIterable<Buffer> = isGzipped ? request.pipe(createGunzip()) : request
  const chunks: Buffer[] = []
  let bytes = 0
  // An oversized body is read to its end but not kept: a client still sending could not read the answer.
  for await (const chunk of source) {
    bytes += chunk.length
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  if (bytes > MAX_BODY_BYTES)
    throw new ApiError(
      413,
      'invalid',
      `Request payload size exceeds the limit: ${MAX_BODY_BYTES} bytes.`,
    )
  return bytes === 0 ? {} : parseObject(Buffer.concat(chunks).toString())
}

function parseObject(text: string): Json {
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {
    // The answer is the same for JSON of another kind.
  }
  throw new ApiError(400, 'parseError', 'Parse Error: the request body is not a JSON object')
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
