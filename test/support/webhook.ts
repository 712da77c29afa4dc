// A webhook as strict as Slack's: it takes JSON with a text, and refuses anything else.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { portOf } from './port-of.ts'

const slackMessage = z.strictObject({
  text: z.string().min(1).max(4_000),
  blocks: z.array(z.object({ type: z.string() })).optional(),
})

export type Webhook = {
  readonly url: string
  /** The texts it took. */
  readonly taken: readonly string[]
  /** Requests it saw, taken or not. */
  readonly requests: () => number
  /** Answers every request so, until it is called with nothing. */
  readonly fail: (status?: number, type?: string) => void
  /** Sends every request to another address, as it is. */
  readonly redirectTo: (url: string) => void
  readonly close: () => Promise<void>
}

export async function startWebhook(): Promise<Webhook> {
  const taken: string[] = []
  const state: { requests: number; status: number | undefined; type: string; location: string } = {
    requests: 0,
    status: undefined,
    type: 'text/plain',
    location: '',
  }
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request)
    state.requests += 1
    const problem = problemWith(request.method, request.headers['content-type'], body)
    if (!state.status && !problem) taken.push(slackMessage.parse(JSON.parse(body)).text)
    const status = state.status ?? (problem ? 400 : 200)
    const headers = { 'content-type': state.type, location: state.location }
    response.writeHead(status, headers).end(problem ?? 'ok')
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${portOf(server)}/services/T000/B000/secret`,
    taken,
    requests: () => state.requests,
    fail: (status, type = 'text/plain') => {
      state.status = status
      state.type = type
    },
    redirectTo: (url) => {
      state.status = 307
      state.location = url
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function problemWith(method = '', contentType = '', body = ''): string | undefined {
  if (method !== 'POST') return 'method_not_allowed'
  if (!/^application\/json\b/.test(contentType)) return 'invalid_content_type'
  try {
    const parsed = slackMessage.safeParse(JSON.parse(body))
    return parsed.success ? undefined : 'invalid_payload'
  } catch {
    return 'invalid_json'
  }
}
