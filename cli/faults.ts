// The faults of an event, as the column `faults` of the tables holds them.

import { z } from 'zod'

/** One fault. */
export const fault = z.object({
  reason: z.string(),
  path: z.string(),
  expected: z.string(),
  received: z.string(),
})

/** Empty where the column holds something else. */
export const faults = z.preprocess(
  (value) => (typeof value === 'string' ? JSON.parse(value) : value),
  z.array(fault).catch([]),
)
