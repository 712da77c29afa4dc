// The bridge: gather deliveries, start their workflows, acknowledge what Temporal has.

import { gather, type PendingBatch } from './batcher.ts'
import { type Caps, cutBatches } from './cut-batches.ts'
import { priorityGroupsOf } from './priority-groups.ts'
import { createPullWithBackoff, type Pull, rest } from './pull-with-backoff.ts'
import { type StartAndAck, ship } from './start-and-ack.ts'

export type BridgeDependencies = StartAndAck & {
  /** Resolves when more may be pulled. */
  readonly admit: () => Promise<void>
}

export type BridgeOptions = PendingBatch &
  Caps & {
    /** Gatherings whose starts are under way at once. */
    readonly starts: number
  }

/** How long a loop rests after a start failed: Temporal is down, and its messages come again anyway. */
const PAUSE_AFTER_FAILURE_MS = 2_000

/**
 * Runs until `signal` aborts, then finishes the starts under way and resolves. A message is acknowledged only
 * after its workflow start is durable; whatever fails before that is left to Pub/Sub, which delivers it again.
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
  // All loops take from it: while one's batches are started, the next gathers.
  const gatherings = gather(pull, options, signal)
  const runLoop = async () => {
    for await (const deliveries of gatherings) {
      deps.metrics.messagesReceived.add(deliveries.length)
      const shipped = await Promise.all(
        priorityGroupsOf(deliveries).flatMap(({ deliveries: own, crowdedBy }) =>
          cutBatches(own, options).map((shipment) => ship(deps, shipment, crowdedBy)),
        ),
      )
      if (!shipped.every(Boolean)) await rest(PAUSE_AFTER_FAILURE_MS, signal)
    }
  }
  await Promise.all(Array.from({ length: options.starts }, runLoop))
}
