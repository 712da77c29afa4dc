// The fault switch for tests: makes the next insertAll calls of a table fail the ways BigQuery does.

import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { ApiError } from '../values/errors.ts'
import { parseBody } from '../values/resources.ts'
import type { ApiRequest } from './http.ts'

/** What `POST /_faults` takes; at least one of status, delayMs, hang and reset. */
const faultBody = z
  .strictObject({
    /** `dataset.table`; without it every table. */
    table: z.string().optional(),
    /** The HTTP code of the error to answer with. */
    status: z.number().int().min(400).max(599).optional(),
    /** BigQuery's error reason, such as quotaExceeded, rateLimitExceeded or backendError. */
    reason: z.string().default('backendError'),
    /** How many calls; without it every call until the fault is taken away. */
    times: z.number().int().positive().default(Number.MAX_SAFE_INTEGER),
    /** Milliseconds to wait first; alone, it makes the call slow but lets it through. */
    delayMs: z.number().nonnegative().default(0),
    /** Never answer, so that the caller runs into its time-out. */
    hang: z.boolean().default(false),
    /** Cut the connection without an answer. */
    reset: z.boolean().default(false),
    /** Write the rows first, then fail: an answer lost on its way. */
    afterWrite: z.boolean().default(false),
  })
  .refine((fault) => fault.status || fault.delayMs || fault.hang || fault.reset, {
    message: 'a fault needs one of status, delayMs, hang, reset',
  })

type Fault = z.infer<typeof faultBody>

export type Faults = ReturnType<typeof createFaults>

/** Holds the faults in force; the normal path only ever calls `trip`. */
export function createFaults() {
  let faults: Fault[] = []

  const take = (table: string, afterWrite: boolean) => {
    const concerns = (fault: Fault) =>
      fault.times > 0 && (fault.table ?? table) === table && fault.afterWrite === afterWrite
    const found = faults.find(concerns)
    faults = faults.map((fault) => (fault === found ? { ...fault, times: fault.times - 1 } : fault))
    return found
  }

  return {
    /** `POST /_faults`: puts one fault in force, after those already there. */
    add: async ({ body }: ApiRequest) => {
      faults = [...faults, parseBody(faultBody, body)]
      return { faults }
    },
    /** `DELETE /_faults`: back to the normal path. */
    clear: async () => {
      faults = []
      return { faults }
    },
    /** Fails this insertAll call if a fault is in force for the table, before or after its rows are written. */
    trip: async (table: string, moment: 'before' | 'after', hangUp: () => void) => {
      const fault = take(table, moment === 'after')
      if (!fault) return
      // Ends with the connection, when the caller gives up or the server stops.
      if (fault.hang) await new Promise(() => {})
      await delay(fault.delayMs)
      if (fault.reset) hangUp()
      const { status = fault.reset ? 503 : undefined, reason } = fault
      if (status) throw new ApiError(status, reason, `Injected fault: ${reason}`)
    },
  }
}
