// A sleep that ends at once when the bridge is to stop.

import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves after `milliseconds`, or as soon as `signal` aborts; at once where there is nothing to wait for. Never rejects. */
export async function abortableSleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0) return
  await sleep(milliseconds, undefined, { signal }).catch(() => {})
}
