// Starts the workflows of a shipment and acknowledges it; what Temporal can never take is set aside, and the rest goes on.

import type { Message } from '#contracts'
import type { Logger } from '#runtime/log'
import type { BridgeMetrics } from '#runtime/metrics'
import { type AckGroup, halveGroup } from './cut-batches.ts'
import type { Source } from './source.ts'
import type { Started } from './start-batch.ts'

export type StartAndAck = {
  readonly source: Source
  /** Resolves when the batch is durable, or refused for good. `crowdedBy` names the partner whose crowd it is of, if any. */
  readonly start: (messages: readonly Message[], crowdedBy: string | null) => Promise<Started>
  /** Resolves when a message that Temporal can never take is durable elsewhere. */
  readonly toDeadLetterTopic: (message: Message) => Promise<void>
  readonly log: Logger
  readonly metrics: BridgeMetrics
}

/**
 * The one place that acknowledges. A batch that is refused for good is halved until only the messages at fault are
 * left; each half is acknowledged by itself.
 * @returns false where messages stay with Pub/Sub, which delivers them again after their ack deadline
 */
export async function ship(
  deps: StartAndAck,
  shipment: AckGroup,
  crowdedBy: string | null,
): Promise<boolean> {
  const { source, log, metrics } = deps
  const { deliveries } = shipment
  try {
    if (!(await startAll(deps, shipment, crowdedBy))) {
      if (deliveries.length > 1) return await shipHalves(deps, shipment, crowdedBy)
      for (const { message } of deliveries) await deps.toDeadLetterTopic(message)
    }
    await source.acknowledge(deliveries.map(({ ackId }) => ackId))
    return true
  } catch (error) {
    const messages = deliveries.length
    metrics.messagesReturned.add(messages)
    log.warn({ err: error, messages }, 'left to Pub/Sub, which delivers them again')
    return false
  }
}

async function shipHalves(
  deps: StartAndAck,
  shipment: AckGroup,
  crowdedBy: string | null,
): Promise<boolean> {
  const halves = halveGroup(shipment).map((half) => ship(deps, half, crowdedBy))
  return (await Promise.all(halves)).every(Boolean)
}

/** @returns false where one is refused for good; those after it are not started then */
async function startAll(
  { start, metrics }: StartAndAck,
  { batches }: AckGroup,
  crowdedBy: string | null,
): Promise<boolean> {
  for (const batch of batches) {
    const started = await start(batch, crowdedBy)
    if (started === 'refused') return false
    const counter = started === 'started' ? metrics.batchesStarted : metrics.batchesRepeated
    counter.add(1)
  }
  return true
}
