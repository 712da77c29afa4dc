// The faults of an event, as the column `faults` of the tables holds them.

import { z } from 'zod'
import { isPersonal } from '#contracts'

/** One fault. An older row may show what a newer list of personal fields hides. */
export const fault = z
  .object({
    reason: z.string(),
    path: z.string(),
    expected: z.string(),
    received: z.string(),
  })
  .transform((one) => (isToldTooMuch(one) ? { ...one, received: NOT_SHOWN } : one))

const NOT_SHOWN = 'a value (personal, not shown)'

/** What is told of a personal value is its kind, in words that no JSON text begins with. */
const isToldTooMuch = ({ path, received }: { path: string; received: string }) =>
  isPersonal(path) && !/^(?:nothing$|an? )/.test(received)

/** Empty where the column holds something else. */
export const faults = z.preprocess(
  (value) => (typeof value === 'string' ? JSON.parse(value) : value),
  z.array(fault).catch([]),
)
