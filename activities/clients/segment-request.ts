// One HTTP request to Segment, and what its answer says.

import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import https from 'node:https'
import { text } from 'node:stream/consumers'
import type { CallFault } from '../classify-error.ts'

const REQUEST_TIMEOUT_MS = 10_000

export type SegmentRequest = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** @default 10 s */
  readonly timeoutMs?: number
}

export type SegmentResponse = {
  readonly status: number
  readonly statusText: string
  readonly headers: IncomingHttpHeaders
}

export type Answered =
  | { readonly response: SegmentResponse; readonly fault: CallFault | null }
  /** There was no answer: the network's own error. */
  | { readonly response: null; readonly fault: CallFault; readonly error: unknown }

/**
 * Not by `fetch`, which copies a body of half a megabyte twice. A redirect is an answer like any other: Segment has
 * none, so that it is not Segment who sends it.
 */
export async function request(sent: SegmentRequest): Promise<Answered> {
  const { timeoutMs = REQUEST_TIMEOUT_MS } = sent
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const answer = await post(sent, signal)
    // An answer that is not read to its end keeps its connection.
    const said = await text(answer)
    const { statusCode: status = 0, statusMessage: statusText = '', headers } = answer
    const response = { status, statusText, headers }
    return { response, fault: status >= 200 && status < 300 ? null : toFault(response, said) }
  } catch (error) {
    const message = signal.aborted ? `no answer within ${timeoutMs / 1000} s` : reasonOf(error)
    return { response: null, fault: { message }, error }
  }
}

function post({ url, headers, body }: SegmentRequest, signal: AbortSignal) {
  const { request: open } = url.startsWith('https:') ? https : http
  return new Promise<IncomingMessage>((resolve, reject) => {
    // It also hears of an error after the answer has begun, which nobody else does and which would end the process.
    open(url, { method: 'POST', headers, signal }, resolve).on('error', reject).end(body)
  })
}

function toFault({ status, statusText, headers }: SegmentResponse, said: string): CallFault {
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
