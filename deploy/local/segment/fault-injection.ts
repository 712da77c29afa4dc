// Holds the faults the stand-in was told to show, and picks the one for a request.

import { z } from 'zod'

/** One fault; without a status it only delays, hangs or resets. */
export const faultSchema = z.strictObject({
  status: z.number().int().min(400).max(599).optional(),
  /** Seconds in the Retry-After header. */
  retryAfter: z.number().int().nonnegative().optional(),
  /** How many requests it meets. @default all, until faults are cleared */
  times: z.number().int().positive().default(Number.MAX_SAFE_INTEGER),
  /** Meets every n-th of the requests that it could meet. */
  every: z.number().int().positive().default(1),
  /** Waits before whatever comes next. */
  delayMs: z.number().int().nonnegative().default(0),
  /** Never answers. */
  hang: z.boolean().default(false),
  /** Resets the connection instead of answering. */
  reset: z.boolean().default(false),
  /** Takes the calls all the same, so that only the answer is lost. */
  accept: z.boolean().default(false),
  /** Meets only requests whose body contains this. */
  match: z.string().default(''),
})

export type Fault = z.output<typeof faultSchema>

/** The faults in force, the oldest first. */
export function createFaults() {
  let faults: { readonly fault: Fault; timesLeft: number; seen: number }[] = []
  return {
    add: (fault: Fault): void => {
      faults.push({ fault, timesLeft: fault.times, seen: 0 })
    },
    clear: (): void => {
      faults = []
    },
    /** The oldest fault that meets this request, which counts as one of its times. */
    take: (body: string): Fault | undefined => {
      const found = faults.find((one) => body.includes(one.fault.match) && isTurnOf(one))
      if (found === undefined) return undefined
      if (--found.timesLeft === 0) faults = faults.filter((fault) => fault !== found)
      return found.fault
    },
  }
}

/** Counts the request, and tells whether the fault meets it. */
function isTurnOf(one: { readonly fault: Fault; seen: number }): boolean {
  one.seen += 1
  return one.seen % one.fault.every === 0
}
