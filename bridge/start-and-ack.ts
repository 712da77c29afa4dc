// Starts the workflows of an acknowledgement group and then acknowledges it. Messages that Temporal can never take go to the
// dead-letter topic, and the others are started all the same.

import type { Message } from '#contracts'
import type { Logger } from '#runtime/log'
import type { BridgeMetrics } from '#runtime/metrics/groups'
import { countBatch } from './count-batches.ts'
import { type AckGroup, halveGroup } from './cut-batches.ts'
import type { Source } from './source.ts'
import { batchId, type Started } from './start-batch.ts'

export type StartAndAckDependencies = {
  readonly source: Source
  /** Resolves when the batch is durable, or refused permanently. `noisyPartner` is the partner whose batch it is, if it is noisy. */
  readonly start: (messages: readonly Message[], noisyPartner: string | null) => Promise<Started>
  /** Resolves when a message that Temporal can never take is durable in the dead-letter topic. */
  readonly toDeadLetterTopic: (message: Message) => Promise<void>
  readonly log: Logger
  readonly metrics: BridgeMetrics
}

/**
 * The one place that acknowledges messages. A batch that Temporal refuses permanently is halved until only the messages it
 * cannot take are left; each half is acknowledged by itself.
 * @returns false where messages stay with Pub/Sub, which delivers them again after their ack deadline
 */
export async function startAndAck(
  deps: StartAndAckDependencies,
  group: AckGroup,
  noisyPartner: string | null,
): Promise<boolean> {
  const { source, log, metrics } = deps
  const { deliveries } = group
  try {
    if (!(await startAll(deps, group, noisyPartner))) {
      if (deliveries.length > 1) return await startHalves(deps, group, noisyPartner)
      for (const { message } of deliveries) await deps.toDeadLetterTopic(message)
    }
    await source.acknowledge(deliveries.map(({ ackId }) => ackId))
    return true
  } catch (error) {
    const messages = deliveries.length
    metrics.messagesReturned.add(messages)
    const workflowIds = group.batches.map(batchId)
    log.warn({ err: error, messages, workflowIds }, 'left to Pub/Sub, which delivers them again')
    return false
  }
}

async function startHalves(
  deps: StartAndAckDependencies,
  group: AckGroup,
  noisyPartner: string | null,
): Promise<boolean> {
  const halves = halveGroup(group)
  for (const half of halves) countBatch(deps.metrics, half, 'refused')
  const started = halves.map((half) => startAndAck(deps, half, noisyPartner))
  return (await Promise.all(started)).every(Boolean)
}

/** @returns false where Temporal refuses a batch permanently; the batches after it are not started then */
async function startAll(
  { start, metrics }: StartAndAckDependencies,
  { batches }: AckGroup,
  noisyPartner: string | null,
): Promise<boolean> {
  for (const batch of batches) {
    const started = await start(batch, noisyPartner)
    if (started === 'refused') return false
    const counter = started === 'started' ? metrics.batchesStarted : metrics.batchesRepeated
    counter.add(1)
  }
  return true
}
