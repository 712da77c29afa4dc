// A pull that never fails: it backs off while Pub/Sub is unavailable or overloaded, and never pulls in a busy loop.

import { monotonicMs } from '#runtime/clock'
import type { Logger } from '#runtime/log'
import { abortableSleep } from './abortable-sleep.ts'
import type { Delivery, Source } from './source.ts'

export type Pull = (max: number, signal: AbortSignal) => Promise<readonly Delivery[]>

/** The shortest time between two pulls, where the server answers at once that it has no messages. */
const EMPTY_PAUSE_MS = 100

/** The pause after a failure doubles from the first to the longest. */
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 10_000

/** Where a pull fails, logs the failure, waits, and then returns no deliveries. */
export function createPullWithBackoff(source: Source, log: Logger): Pull {
  let pause = FIRST_PAUSE_MS
  return async (max, signal) => {
    const asked = monotonicMs()
    try {
      const deliveries = await source.pull(max, signal)
      pause = FIRST_PAUSE_MS
      if (deliveries.length === 0)
        await abortableSleep(asked + EMPTY_PAUSE_MS - monotonicMs(), signal)
      return deliveries
    } catch (error) {
      log.warn({ err: error, retryInMs: pause }, 'cannot pull from Pub/Sub, trying again')
      await abortableSleep(pause, signal)
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
      return []
    }
  }
}
