// The adapter of the Segment port for large contracts. It writes the requests of Segment's HTTP API directly.

import { wallClock } from '#runtime/clock'
import { noRemoteLog, type RemoteLog } from '#runtime/remote-log'
import type { Segment, SegmentAddress, WrittenCall } from './segment.ts'
import { request } from './segment-request.ts'

/** The library that sent a call, as Segment asks for it; the SDK names itself in the same way. */
const LIBRARY = JSON.stringify({ name: 'car-events-pipeline', version: '1' })

/** Takes a twentieth of the SDK's CPU for each call, and sends the same calls: see docs/adr/0011. */
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
      const { serviceError } = await request({ url, headers, body })
      if (serviceError) remoteLog('Segment', serviceError)
      return serviceError
    },
  }
}

/** The written call has no type and no `_metadata`, so that both can be put in front of it. */
function asTrack({ json }: WrittenCall): string {
  return `{"type":"track","_metadata":{"library":${LIBRARY}},${json.slice(1)}`
}
