// The adapter of the Segment port that goes through Segment's own SDK.

import { Analytics, type HTTPClientRequest, type HTTPResponse } from '@segment/analytics-node'
import type { CallFault } from '../classify-error.ts'
import type { Segment, SegmentAddress } from './segment.ts'
import { request } from './segment-request.ts'

const CLOSE_TIMEOUT_MS = 15_000

/**
 * A client of its own for every chunk. The SDK drops what it cannot send and tells nobody; shared by two
 * activities its flush answers before the events have gone. With `flushAt` set to the chunk's length and
 * its own retries off, it makes exactly one request, and Temporal retries.
 */
export function createSdkSegment({ host, writeKey }: SegmentAddress): Segment {
  return {
    deliver: async (calls) => {
      const answer: Answer = { fault: { message: 'no request was made' } }
      const analytics = new Analytics({
        host,
        writeKey,
        flushAt: calls.length,
        flushInterval: 1_000,
        maxRetries: 0,
        maxRateLimitDuration: 0,
        httpClient: { makeRequest: (made) => recordAnswer(made, answer) },
      })
      // Without a listener the SDK's failures are unhandled; the answer itself says all.
      analytics.on('error', () => {})
      for (const { call } of calls)
        analytics.track({ ...call, timestamp: new Date(call.timestamp) })
      await analytics.closeAndFlush({ timeout: CLOSE_TIMEOUT_MS })
      return answer.fault
    },
  }
}

type Answer = { fault: CallFault | null }

async function recordAnswer(sdk: HTTPClientRequest, answer: Answer): Promise<HTTPResponse> {
  const answered = await request({ ...sdk, headers: sdk.headers ?? {} })
  answer.fault = answered.fault
  if (answered.response === null) throw answered.error
  const { status, statusText, headers } = answered.response
  return { status, statusText, headers }
}
