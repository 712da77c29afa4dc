// A pull that never fails: it waits out an absent or overloaded Pub/Sub, and never asks in a busy loop.

import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicMs } from '#runtime/clock'
import type { Logger } from '#runtime/log'
import type { Delivery, Source } from './source.ts'

export type Pull = (max: number, signal: AbortSignal) => Promise<readonly Delivery[]>

/** A server that answers an empty pull at once is not asked more often than this. */
const EMPTY_PAUSE_MS = 100

/** Pauses after a failure, doubling from the first to the longest. */
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 10_000

/** Answers with none after a failure, which it logs, and after a pause. */
export function createPullWithBackoff(source: Source, log: Logger): Pull {
  let pause = FIRST_PAUSE_MS
  return async (max, signal) => {
    const asked = monotonicMs()
    try {
      const deliveries = await source.pull(max, signal)
      pause = FIRST_PAUSE_MS
      if (deliveries.length === 0) await rest(asked + EMPTY_PAUSE_MS - monotonicMs(), signal)
      return deliveries
    } catch (error) {
      log.warn({ err: error, retryInMs: pause }, 'cannot pull from Pub/Sub, trying again')
      await rest(pause, signal)
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
      return []
    }
  }
}

/** Sleeps, or returns at once when `signal` aborts or there is nothing to wait for. */
export async function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0) return
  await sleep(milliseconds, undefined, { signal }).catch(() => {})
}
