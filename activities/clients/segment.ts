// The Segment port and its adapter: one request a chunk, its answer told as it was.

import { Analytics, type HTTPClientRequest, type HTTPResponse } from '@segment/analytics-node'
import type { ActivationCall } from '#contracts'
import type { CallFault } from '../classify-error.ts'

export type Segment = {
  /**
   * Sends the calls in one HTTP request, once. Resolves to null where Segment accepted them, else to its answer.
   * Segment's 200 means accepted, not delivered: see docs/adr.
   */
  deliver(calls: readonly ActivationCall[]): Promise<CallFault | null>
}

export type SegmentAddress = { readonly host: string; readonly writeKey: string }

const REQUEST_TIMEOUT_MS = 10_000
const CLOSE_TIMEOUT_MS = 15_000

/**
 * A client of its own for every chunk. The SDK drops what it cannot send and tells nobody; shared by two
 * activities its flush answers before the events have gone. With `flushAt` set to the chunk's length and
 * its own retries off, it makes exactly one request, and Temporal retries.
 */
export function createSegment({ host, writeKey }: SegmentAddress): Segment {
  return {
    deliver: async (calls) => {
      const answer: Answer = { fault: noAnswer('no request was made') }
      const analytics = new Analytics({
        host,
        writeKey,
        flushAt: calls.length,
        flushInterval: 1_000,
        maxRetries: 0,
        maxRateLimitDuration: 0,
        httpRequestTimeout: REQUEST_TIMEOUT_MS,
        httpClient: { makeRequest: (request) => recordAnswer(request, answer) },
      })
      // Without a listener the SDK's failures are unhandled; the answer itself says all.
      analytics.on('error', () => {})
      for (const call of calls) analytics.track({ ...call, timestamp: new Date(call.timestamp) })
      await analytics.closeAndFlush({ timeout: CLOSE_TIMEOUT_MS })
      return answer.fault
    },
  }
}

type Answer = { fault: CallFault | null }

async function recordAnswer(request: HTTPClientRequest, answer: Answer): Promise<HTTPResponse> {
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      body: request.body,
      redirect: 'manual',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    })
    answer.fault = response.ok ? null : await toFault(response)
    return { status: response.status, statusText: response.statusText, headers: response.headers }
  } catch (error) {
    answer.fault = noAnswer(reasonOf(error))
    throw error
  }
}

async function toFault(response: Response): Promise<CallFault> {
  const retryAfter = retryAfterSeconds(response.headers.get('retry-after'), Date.now())
  return {
    status: response.status,
    message: (await response.text()).slice(0, 200) || response.statusText,
    ...(retryAfter !== undefined && { retryAfterSeconds: retryAfter }),
  }
}

/** Retry-After as RFC 9110 has it: seconds, or a date. Undefined where it is neither. */
export function retryAfterSeconds(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  if (/^\d+$/.test(header)) return Number(header)
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000))
}

const noAnswer = (message: string): CallFault => ({ message })

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
