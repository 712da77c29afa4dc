// One HTTP request to Segment, and what its answer says.

import { once } from 'node:events'
import http, { type IncomingHttpHeaders, IncomingMessage } from 'node:http'
import https from 'node:https'
import { text } from 'node:stream/consumers'
import type { CallFault } from '../classify-error.ts'

const REQUEST_TIMEOUT_MS = 10_000

export type SegmentRequest = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type Response = {
  readonly status: number
  readonly statusText: string
  readonly headers: IncomingHttpHeaders
}

export type Answered =
  | { readonly response: Response; readonly fault: CallFault | null }
  /** There was no answer: the network's own error. */
  | { readonly response: null; readonly fault: CallFault; readonly error: unknown }

/**
 * Not by `fetch`, which copies a body of half a megabyte twice. A redirect is an answer like any other: Segment has
 * none, so that it is not Segment who sends it.
 */
export async function request(sent: SegmentRequest): Promise<Answered> {
  try {
    const answer = await post(sent)
    // An answer that is not read to its end keeps its connection.
    const said = await text(answer)
    const { statusCode: status = 0, statusMessage: statusText = '', headers } = answer
    const response = { status, statusText, headers }
    return { response, fault: status >= 200 && status < 300 ? null : toFault(response, said) }
  } catch (error) {
    return { response: null, fault: { message: reasonOf(error) }, error }
  }
}

async function post({ url, headers, body }: SegmentRequest): Promise<IncomingMessage> {
  const { request: open } = url.startsWith('https:') ? https : http
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
  const outgoing = open(url, { method: 'POST', headers, signal })
  // Whoever waits for the answer, or reads it, is told as well: a listener keeps a late error from ending the process.
  outgoing.on('error', () => {})
  outgoing.end(body)
  const [answer]: unknown[] = await once(outgoing, 'response')
  if (answer instanceof IncomingMessage) return answer
  throw new TypeError(`${url} gave no answer`)
}

function toFault({ status, statusText, headers }: Response, said: string): CallFault {
  const retryAfter = retryAfterSeconds(headers['retry-after'], Date.now())
  return {
    status,
    message: said.slice(0, 200) || statusText,
    ...(retryAfter !== undefined && { retryAfterSeconds: retryAfter }),
  }
}

/** Retry-After as RFC 9110 has it: seconds, or a date. Undefined where it is neither. */
export function retryAfterSeconds(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d+$/.test(header)) return Number(header)
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000))
}

/** An attempt at each of a host's addresses is an error of its own, and the whole has no message. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
