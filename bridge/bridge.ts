// The bridge: it pulls messages, starts the workflows of their batches, and acknowledges the messages Temporal has stored.

import { abortableSleep } from './abortable-sleep.ts'
import { type BatcherOptions, pendingBatches } from './batcher.ts'
import { type Cause, causesOf, countBatch, endOf } from './count-batches.ts'
import { type AckGroup, type Caps, cutBatches } from './cut-batches.ts'
import type { Held } from './held.ts'
import { priorityGroupsOf } from './priority-groups.ts'
import { createPullWithBackoff, type Pull } from './pull-with-backoff.ts'
import type { Delivery } from './source.ts'
import { type StartAndAckDependencies, startAndAck } from './start-and-ack.ts'

export type BridgeDependencies = StartAndAckDependencies & {
  /** Resolves when more may be pulled. */
  readonly admit: () => Promise<void>
  readonly held: Held
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
  const { held, metrics } = deps
  const pullWithBackoff = createPullWithBackoff(deps.source, deps.log)
  const pull: Pull = async (max, stopping) => {
    await deps.admit()
    if (stopping.aborted) return []
    const pulled = await pullWithBackoff(max, stopping)
    held.hold(pulled)
    return pulled
  }
  // All loops consume this one generator: while one loop starts its batches, the next batch is being collected.
  const pending = pendingBatches(pull, options, signal)
  const runLoop = async () => {
    for await (const deliveries of pending) {
      metrics.messagesReceived.add(deliveries.length)
      const cuts = cutAll(deliveries, options, signal.aborted)
      for (const { group, cause } of cuts) countBatch(metrics, group, cause)
      const results = await Promise.all(
        cuts.map(({ group, noisyPartner }) => startAndAck(deps, group, noisyPartner)),
      )
      held.release(deliveries)
      if (!results.every(Boolean)) await abortableSleep(PAUSE_AFTER_FAILURE_MS, signal)
    }
  }
  await Promise.all(Array.from({ length: options.starts }, runLoop))
}

type Cut = {
  readonly group: AckGroup
  readonly noisyPartner: string | null
  readonly cause: Cause
}

function cutAll(deliveries: readonly Delivery[], caps: Caps, isStopping: boolean): Cut[] {
  const end = endOf(deliveries, caps, isStopping)
  return priorityGroupsOf(deliveries).flatMap(({ deliveries: own, noisyPartner }) => {
    const groups = cutBatches(own, caps)
    const causes = causesOf(groups, caps, noisyPartner === null ? end : 'priority')
    return groups.map((group, at) => ({ group, noisyPartner, cause: causes[at] ?? end }))
  })
}
