// The default adapter of the Segment port. It goes through Segment's own SDK.

import { Analytics, type HTTPClientRequest, type HTTPResponse } from '@segment/analytics-node'
import { noRemoteLog, type RemoteLog } from '#runtime/remote-log'
import type { ServiceError } from '#runtime/service-error'
import type { Segment, SegmentAddress } from './segment.ts'
import { request } from './segment-request.ts'

const CLOSE_TIMEOUT_MS = 15_000

/**
 * Creates a client for every chunk. The SDK drops calls that it cannot send without an error to the caller, and the flush of a
 * client that two activities share resolves before all calls are sent. With `flushAt` set to the length of the chunk and its
 * retries off, the client makes exactly one request, and Temporal retries.
 */
export function createSdkSegment(
  { host, writeKey }: SegmentAddress,
  remoteLog: RemoteLog = noRemoteLog,
): Segment {
  return {
    deliver: async (calls) => {
      const exchange: Exchange = { errors: [], requests: 0, dropped: 0 }
      const analytics = new Analytics({
        host,
        writeKey,
        flushAt: calls.length,
        flushInterval: 1_000,
        maxRetries: 0,
        maxRateLimitDuration: 0,
        httpClient: { makeRequest: (made) => makeRequest(made, exchange) },
      })
      // The SDK emits one error for each call that was not sent. Without a listener it would be unhandled.
      analytics.on('error', () => {
        exchange.dropped += 1
      })
      for (const { call } of calls)
        analytics.track({ ...call, timestamp: new Date(call.timestamp) })
      await analytics.closeAndFlush({ timeout: CLOSE_TIMEOUT_MS })
      const serviceError = serviceErrorOf(exchange)
      if (serviceError) remoteLog('Segment', serviceError)
      return serviceError
    },
  }
}

/** What the SDK did with the calls. */
type Exchange = { readonly errors: ServiceError[]; requests: number; dropped: number }

async function makeRequest(sdk: HTTPClientRequest, exchange: Exchange): Promise<HTTPResponse> {
  exchange.requests += 1
  const { response, ...answered } = await request({ ...sdk, headers: sdk.headers ?? {} })
  if (answered.serviceError) exchange.errors.push(answered.serviceError)
  if (response === null) throw new Error('no answer')
  return response
}

/** Null where every request was accepted, and every call was in a request. */
function serviceErrorOf({ errors, requests, dropped }: Exchange): ServiceError | null {
  const [first] = errors
  if (first) return first
  if (requests === 0) return { message: 'no request was made' }
  return dropped > 0 ? { message: "Segment's library dropped calls without sending them" } : null
}
