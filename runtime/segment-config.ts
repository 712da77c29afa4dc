// The environment variables of Segment: of the source that takes the calls, and of the Public API that manages a workspace.

import { z } from 'zod'
import { oneOf, url } from './config-values.ts'

export const segment = {
  SEGMENT_HOST: url('https://api.segment.io').default('https://api.segment.io'),
  SEGMENT_WRITE_KEY: z.string('must be the write key of your Segment source'),
  SEGMENT_CLIENT: oneOf(['http', 'sdk']).default('sdk'),
  SEGMENT_MESSAGE_NAMESPACE: z
    .string()
    .regex(/^[a-z0-9.-]{1,32}$/, 'must be at most 32 of a-z, 0-9, dot and dash')
    .default('car-events'),
}

const PUBLIC_API = 'https://api.segmentapis.com'

export const segmentApi = {
  SEGMENT_PUBLIC_API_HOST: url(PUBLIC_API).default(PUBLIC_API),
  SEGMENT_PUBLIC_API_TOKEN: z.string().min(1).optional(),
  SEGMENT_TRACKING_PLAN_ID: z.string().min(1).optional(),
}
