// Creates the Segment adapter that the configuration names.

import type { WorkerConfig } from '#runtime/config'
import type { RemoteLog } from '#runtime/remote-log'
import type { Segment } from './segment.ts'
import { createHttpSegment } from './segment-http.ts'
import { createSdkSegment } from './segment-sdk.ts'

export function createSegment(config: WorkerConfig, remoteLog?: RemoteLog): Segment {
  const address = { host: config.SEGMENT_HOST, writeKey: config.SEGMENT_WRITE_KEY }
  const create = config.SEGMENT_CLIENT === 'sdk' ? createSdkSegment : createHttpSegment
  return create(address, remoteLog)
}
