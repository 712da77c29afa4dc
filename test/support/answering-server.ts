// An HTTP server that answers as a test says, in place of a service or of a proxy in front of it.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { KEEP_ALIVE_MS } from '../../deploy/local/keep-alive.ts'
import { portOf } from './port-of.ts'

/** `body` is the whole of the request. */
export type Answer = (
  response: ServerResponse,
  asked: { readonly method: string; readonly url: string; readonly body: string },
) => void

export type AnsweringServer = {
  readonly url: string
  /** How many requests came since the last call of `answer`. */
  readonly requests: () => number
  /** Answers every request so from now on. */
  readonly answer: (answer: Answer) => void
  readonly close: () => Promise<void>
}

export async function startAnsweringServer(): Promise<AnsweringServer> {
  let current: Answer = (response) => response.writeHead(500).end()
  let requests = 0
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    requests += 1
    const { method = '', url = '' } = request
    current(response, { method, url, body: await text(request) })
  }
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS },
    (request, response) => void serve(request, response),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    requests: () => requests,
    answer: (answer) => {
      current = answer
      requests = 0
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A whole answer. */
export function says(
  status: number,
  body: unknown = '',
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const type = typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/json'
  const sent = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  return (response) => response.writeHead(status, { 'content-type': type, ...headers }).end(sent)
}

export const SIGN_IN_PAGE = '<html><body>Please sign in to the network</body></html>'
