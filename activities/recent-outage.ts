// Remembers that a service was just away, so that not every batch holds up its worker to find out by itself.

import { activityInfo } from '@temporalio/activity'
import { monotonicMs } from '#runtime/clock'

/** As long as a local attempt may take: the next one after it asks the service again. */
const RECENT_MS = 5_000

export type OutageMemory = {
  /** Throws what the last call threw, where that is recent and this is a local attempt: an ordinary one always asks. */
  throwRecent(): void
  /** Runs a call of the service and remembers what it throws. */
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
