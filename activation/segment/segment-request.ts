// Sends one HTTP request to Segment, and decides whether the answer accepts the calls.

import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import https from 'node:https'
import { wallClockMs } from '#runtime/clock'
import { requestIdOf } from '#runtime/remote-text'
import type { ServiceError } from '#runtime/service-error'
import { connectionReason } from '#runtime/service-reasons'
import { HTTP, isHttpSuccess } from '#runtime/status-codes'
import { readAnswer, type Said } from './answer.ts'

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
  | { readonly response: SegmentResponse; readonly serviceError: ServiceError | null }
  /** There was no answer; `error` is the error of the connection. */
  | { readonly response: null; readonly serviceError: ServiceError; readonly error: unknown }

/**
 * Does not use `fetch`, which copies a body of half a megabyte twice. Does not follow redirects: Segment sends none, so that a
 * redirect comes from something else.
 */
export async function request(sent: SegmentRequest): Promise<Answered> {
  const { timeoutMs = REQUEST_TIMEOUT_MS } = sent
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const answer = await post(sent, signal)
    const said = await readAnswer(answer)
    const { statusCode: status = 0, statusMessage: statusText = '', headers } = answer
    const response = { status, statusText, headers }
    return { response, serviceError: toServiceError(response, said) }
  } catch (error) {
    return { response: null, serviceError: toNetworkError(error, signal, timeoutMs), error }
  }
}

function post({ url, headers, body }: SegmentRequest, signal: AbortSignal) {
  const { request: open } = url.startsWith('https:') ? https : http
  return new Promise<IncomingMessage>((resolve, reject) => {
    // The listener also takes an error after the answer has begun, which would otherwise end the process.
    open(url, { method: 'POST', headers, signal }, resolve).on('error', reject).end(body)
  })
}

/** Null where the answer is the one by which Segment accepts the calls. */
function toServiceError({ status, headers }: SegmentResponse, said: Said): ServiceError | null {
  if (status === HTTP.OK && said.isAccepted) return null
  const retryAfter = retryAfterSeconds(headers['retry-after'], wallClockMs())
  return {
    status,
    requestId: requestIdOf((name) => headers[name]),
    ...(isHttpSuccess(status) && { message: NOT_ACCEPTED }),
    ...(retryAfter !== undefined && { retryAfterSeconds: retryAfter }),
    said: said.text,
  }
}

const NOT_ACCEPTED =
  'the answer is not {"success":true} with status 200, so that no call counts as taken. Something else may stand in place of Segment'

function toNetworkError(error: unknown, signal: AbortSignal, timeoutMs: number): ServiceError {
  if (signal.aborted) return { message: `not within ${timeoutMs / 1000} s` }
  return { reason: connectionReason(error) }
}

/** The seconds of a Retry-After header, which RFC 9110 defines as seconds or a date. Undefined where it is neither. */
export function retryAfterSeconds(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d+$/.test(header)) return Number(header)
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000))
}
