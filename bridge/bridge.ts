// The bridge: gather deliveries, start their workflows, acknowledge what Temporal has.

import type { Message } from '#contracts'
import type { Logger } from '#runtime/log'
import type { BridgeMetrics } from '#runtime/metrics'
import { type Caps, cutBatches, type Shipment } from './cut-batches.ts'
import { type Gathering, gather } from './gather.ts'
import { lanesOf } from './lanes.ts'
import { createPatientPull, type Pull, rest } from './patient-pull.ts'
import type { Source } from './source.ts'
import type { Started } from './start-batch.ts'

export type BridgeDependencies = {
  readonly source: Source
  /** Resolves when the batch is durable. `crowdedBy` names the partner whose crowd it is of, if any. */
  readonly start: (messages: readonly Message[], crowdedBy: string | null) => Promise<Started>
  /** Resolves when more may be pulled. */
  readonly admit: () => Promise<void>
  readonly log: Logger
  readonly metrics: BridgeMetrics
}

export type BridgeOptions = Gathering &
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
  const patientPull = createPatientPull(deps.source, deps.log)
  const pull: Pull = async (max, stopping) => {
    await deps.admit()
    return stopping.aborted ? [] : patientPull(max, stopping)
  }
  // All loops take from it: while one's batches are started, the next gathers.
  const gatherings = gather(pull, options, signal)
  const runLoop = async () => {
    for await (const deliveries of gatherings) {
      deps.metrics.messagesReceived.add(deliveries.length)
      const shipped = await Promise.all(
        lanesOf(deliveries).flatMap(({ deliveries: own, crowdedBy }) =>
          cutBatches(own, options).map((shipment) => ship(deps, shipment, crowdedBy)),
        ),
      )
      if (!shipped.every(Boolean)) await rest(PAUSE_AFTER_FAILURE_MS, signal)
    }
  }
  await Promise.all(Array.from({ length: options.starts }, runLoop))
}

/**
 * The one place that acknowledges.
 * @returns false where the messages stay with Pub/Sub, which delivers them again after their ack deadline
 */
async function ship(
  { source, start, log, metrics }: BridgeDependencies,
  { batches, ackIds }: Shipment,
  crowdedBy: string | null,
): Promise<boolean> {
  try {
    for (const started of await Promise.all(batches.map((batch) => start(batch, crowdedBy)))) {
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
