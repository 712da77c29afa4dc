// Worker Versioning: the variables that Temporal's Worker Controller sets, and that any other deployment may set.

import { z } from 'zod'

export const deployment = {
  TEMPORAL_DEPLOYMENT_NAME: z
    .string()
    .regex(/^[^.:]+$/, 'must be a name without dots and colons, which Temporal does not take')
    .optional(),
  TEMPORAL_WORKER_BUILD_ID: z.string().min(1).optional(),
}

type Deployment = z.output<z.ZodObject<typeof deployment>>

/** Temporal knows a version by both. */
export const namesWholeVersion = (config: Deployment): boolean =>
  (config.TEMPORAL_DEPLOYMENT_NAME === undefined) ===
  (config.TEMPORAL_WORKER_BUILD_ID === undefined)

export const WHOLE_VERSION = {
  path: ['TEMPORAL_WORKER_BUILD_ID'],
  message: 'must be set where TEMPORAL_DEPLOYMENT_NAME is set, and nowhere else',
  when: () => true,
}
