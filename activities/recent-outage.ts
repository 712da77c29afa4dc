// Remembers that a service was unavailable a moment ago, so that not every batch waits for a time-out of its own.

import { activityInfo } from '@temporalio/activity'
import { monotonicMs } from '#runtime/clock'

/** As long as a local activity may take. After this time, the next one calls the service again. */
const RECENT_MS = 5_000

export type OutageMemory = {
  /** In a local activity, throws the error of the last call where it is recent. An ordinary activity always calls the service. */
  throwRecent(): void
  /** Runs a call of the service and remembers the error it throws. */
  watch<T>(call: () => Promise<T>): Promise<T>
}

export function createOutageMemory(now: () => number = monotonicMs): OutageMemory {
  let last: { readonly error: unknown; readonly at: number } | undefined
  return {
    throwRecent: () => {
      if (last && activityInfo().isLocal && now() - last.at < RECENT_MS) throw last.error
    },
    watch: async (call) => {
      try {
        const result = await call()
        last = undefined
        return result
      } catch (error) {
        last = { error, at: now() }
        throw error
      }
    },
  }
}
