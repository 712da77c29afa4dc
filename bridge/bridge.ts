// The bridge: it pulls messages, starts the workflows of their batches, and acknowledges the messages Temporal has stored.

import { abortableSleep } from './abortable-sleep.ts'
import { type BatcherOptions, pendingBatches } from './batcher.ts'
import { type Caps, cutBatches } from './cut-batches.ts'
import { priorityGroupsOf } from './priority-groups.ts'
import { createPullWithBackoff, type Pull } from './pull-with-backoff.ts'
import { type StartAndAckDependencies, startAndAck } from './start-and-ack.ts'

export type BridgeDependencies = StartAndAckDependencies & {
  /** Resolves when more may be pulled. */
  readonly admit: () => Promise<void>
}

export type BridgeOptions = BatcherOptions &
  Caps & {
    /** Pending batches whose workflows are being started at once. */
    readonly starts: number
  }

/** The pause after a start failed: Temporal is unavailable, and Pub/Sub delivers the messages again anyway. */
const PAUSE_AFTER_FAILURE_MS = 2_000

/**
 * Runs until `signal` aborts, then finishes the starts under way and resolves. A message is acknowledged only
 * after its workflow start is durable. Every message whose start fails before that is left to Pub/Sub, which delivers it
 * again.
 */
export async function runBridge(
  deps: BridgeDependencies,
  options: BridgeOptions,
  signal: AbortSignal,
): Promise<void> {
  const pullWithBackoff = createPullWithBackoff(deps.source, deps.log)
  const pull: Pull = async (max, stopping) => {
    await deps.admit()
    return stopping.aborted ? [] : pullWithBackoff(max, stopping)
  }
  // All loops consume this one generator: while one loop starts its batches, the next batch is being collected.
  const pending = pendingBatches(pull, options, signal)
  const runLoop = async () => {
    for await (const deliveries of pending) {
      deps.metrics.messagesReceived.add(deliveries.length)
      const results = await Promise.all(
        priorityGroupsOf(deliveries).flatMap(({ deliveries: own, noisyPartner }) =>
          cutBatches(own, options).map((group) => startAndAck(deps, group, noisyPartner)),
        ),
      )
      if (!results.every(Boolean)) await abortableSleep(PAUSE_AFTER_FAILURE_MS, signal)
    }
  }
  await Promise.all(Array.from({ length: options.starts }, runLoop))
}
