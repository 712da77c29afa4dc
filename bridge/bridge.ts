// The bridge: gather deliveries, start their workflows, acknowledge what Temporal has.

import type { Message } from '#contracts'
import type { Logger } from '#runtime/log'
import type { BridgeMetrics } from '#runtime/metrics'
import { type Caps, cutBatches, type Shipment } from './cut-batches.ts'
import { type Gathering, gather } from './gather.ts'
import { createPatientPull, rest } from './patient-pull.ts'
import type { Source } from './source.ts'
import type { Started } from './start-batch.ts'

export type BridgeDependencies = {
  readonly source: Source
  /** Resolves when the batch is durable. */
  readonly start: (messages: readonly Message[]) => Promise<Started>
  /** Resolves when more may be pulled. */
  readonly admit: () => Promise<void>
  readonly log: Logger
  readonly metrics: BridgeMetrics
}

export type BridgeOptions = Gathering & Caps & { readonly loops: number }

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
  const pull = createPatientPull(deps.source, deps.log)
  const runLoop = async () => {
    for await (const deliveries of gather(pull, options, deps.admit, signal)) {
      deps.metrics.messagesReceived.add(deliveries.length)
      const shipments = cutBatches(deliveries, options)
      const shipped = await Promise.all(shipments.map((shipment) => ship(deps, shipment)))
      if (!shipped.every(Boolean)) await rest(PAUSE_AFTER_FAILURE_MS, signal)
    }
  }
  await Promise.all(Array.from({ length: options.loops }, runLoop))
}

/**
 * The one place that acknowledges.
 * @returns false where the messages stay with Pub/Sub, which delivers them again after their ack deadline
 */
async function ship(
  { source, start, log, metrics }: BridgeDependencies,
  { batches, ackIds }: Shipment,
): Promise<boolean> {
  try {
    for (const started of await Promise.all(batches.map(start))) {
      const counter = started === 'started' ? metrics.batchesStarted : metrics.batchesRepeated
      counter.add(1)
    }
    await source.acknowledge(ackIds)
    return true
  } catch (error) {
    metrics.messagesReturned.add(ackIds.length)
    log.warn({ err: error, messages: ackIds.length }, 'left to Pub/Sub, which delivers them again')
    return false
  }
}
