// The violations of the contract by an event, as the column `faults` of the tables holds them.

import { z } from 'zod'
import { isPersonal } from '#contracts'
import { json } from './columns.ts'

/** One violation. An older row may show what a newer list of personal fields hides. */
export const violation = z
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
export const violations = json.pipe(z.array(violation).catch([]))
