// The default adapter of the Segment port: the request of Segment's HTTP API, written directly.

import { wallClock } from '#runtime/clock'
import { noRemoteLog, type RemoteLog } from '#runtime/remote-log'
import type { Segment, SegmentAddress, WrittenCall } from './segment.ts'
import { request } from './segment-request.ts'

/** Segment wants to know what sent a call; the SDK's adapter says the same of itself. */
const LIBRARY = JSON.stringify({ name: 'car-events-pipeline', version: '1' })

/** Costs a twentieth of what the SDK does for each call, and sends the same calls: see docs/adr/0011. */
export function createHttpSegment(
  { host, writeKey }: SegmentAddress,
  remoteLog: RemoteLog = noRemoteLog,
): Segment {
  const url = new URL('/v1/batch', host).href
  const headers = {
    'content-type': 'application/json',
    'accept-encoding': 'identity',
    authorization: `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`,
  }
  return {
    deliver: async (calls) => {
      const batch = calls.map(asTrack).join(',')
      const sentAt = JSON.stringify(wallClock())
      const body = `{"batch":[${batch}],"writeKey":${JSON.stringify(writeKey)},"sentAt":${sentAt}}`
      const { fault } = await request({ url, headers, body })
      if (fault) remoteLog('Segment', fault)
      return fault
    },
  }
}

/** The context is our own and has no library, so that both may be put in front of what is written already. */
function asTrack({ json }: WrittenCall): string {
  return `{"type":"track","_metadata":{"library":${LIBRARY}},${json.slice(1)}`
}
