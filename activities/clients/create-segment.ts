// The Segment adapter the configuration names.

import type { WorkerConfig } from '#runtime/config'
import type { Segment } from './segment.ts'
import { createHttpSegment } from './segment-http.ts'
import { createSdkSegment } from './segment-sdk.ts'

export function createSegment(config: WorkerConfig): Segment {
  const address = { host: config.SEGMENT_HOST, writeKey: config.SEGMENT_WRITE_KEY }
  return config.SEGMENT_CLIENT === 'sdk' ? createSdkSegment(address) : createHttpSegment(address)
}
