// Starts activity threads before they are needed, because a thread takes a second of CPU to start and would delay events.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '#runtime/log'
import type { ActivityThread } from './activity-thread.ts'

const RETRY_MS = 1_000

export type ThreadSupply = {
  /** Takes the spare thread, and starts another one. Waits for as long as threads cannot be started. */
  take(): Promise<ActivityThread>
  /** Ends the spare thread. */
  close(): Promise<void>
}

export function createSupply(start: () => Promise<ActivityThread>, log: Logger): ThreadSupply {
  let isClosed = false
  /** Temporal may be unavailable: the worker waits for it, as its polls do. */
  const startPatiently = async (): Promise<ActivityThread> => {
    for (;;) {
      try {
        return await start()
      } catch (error) {
        if (isClosed) throw error
        log.error({ err: error }, 'an activity thread cannot be started, and is tried again')
        await sleep(RETRY_MS)
      }
    }
  }
  let spare = startPatiently()
  return {
    take: () => {
      const taken = spare
      spare = taken.then(startPatiently)
      return taken
    },
    close: async () => {
      isClosed = true
      await spare.then((thread) => thread.close()).catch(() => {})
    },
  }
}
