// Sets the metric `bridge_oldest_unacknowledged_seconds`, again and again.

import type { BridgeMetrics } from '#runtime/metrics/groups'
import { abortableSleep } from './abortable-sleep.ts'
import type { Held } from './held.ts'

const INTERVAL_MS = 1_000

/** Runs until `signal` aborts. */
export async function watchHeld(
  held: Held,
  { oldestUnacknowledged }: Pick<BridgeMetrics, 'oldestUnacknowledged'>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    oldestUnacknowledged.set(held.oldestSeconds())
    await abortableSleep(INTERVAL_MS, signal)
  }
}
