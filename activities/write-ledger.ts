// Closes the books of a batch: what became of each event at Segment, and the sums of the batch.

import {
  type ActivationGroup,
  type ActivationOutcome,
  type BatchSummary,
  segmentMessageId,
} from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics'
import { appendAll } from './append-all.ts'
import type { Row, Warehouse } from './clients/warehouse.ts'
import { acceptedOf, type BatchEvent, type BatchMessage, type BatchReader } from './read-batch.ts'

export type Books = {
  readonly batchId: string
  readonly summary: BatchSummary
  /** Indexes that never came as far as activation. */
  readonly skip: readonly number[]
  readonly activation: readonly ActivationGroup[]
}

/** @throws ApplicationFailure of the registry; also where BigQuery refuses a row, since these rows are all ours */
export function createWriteLedger(
  reader: BatchReader,
  warehouse: Warehouse,
  namespace: string,
  metrics: ActivityMetrics,
) {
  return async function writeLedger(batch: Uint8Array, books: Books): Promise<void> {
    const messages = reader.read(batch)
    const { events: accepted } = acceptedOf(messages, books.skip)
    const events = new Map(accepted.map((event) => [event.index, event]))
    const activations = books.activation.flatMap((group) =>
      group.indexes.flatMap((index) => {
        const event = events.get(index)
        return event ? [activationRow(event, group, { ...books, namespace })] : []
      }),
    )
    await appendAll({ warehouse, metrics }, 'activation_log', activations)
    await appendAll({ warehouse, metrics }, 'batch_ledger', [ledgerRow(messages, books)])
    reader.forget()
  }
}

function activationRow(
  { message, event }: BatchEvent,
  { outcome, reason }: { outcome: ActivationOutcome; reason: string | null },
  { batchId, namespace }: { batchId: string; namespace: string },
): Row {
  return {
    key: [batchId, event.partner_id, event.type, event.event_id],
    columns: {
      event_id: event.event_id,
      partner_id: event.partner_id,
      type: event.type,
      order_id: event.order_id,
      outcome,
      reason,
      segment_message_id: segmentMessageId(event, namespace),
      message_id: message.messageId,
      publish_time: message.publishTime,
      batch_id: batchId,
    },
  }
}

function ledgerRow(messages: readonly BatchMessage[], { batchId, summary }: Books): Row {
  const publishTimes = messages.map(({ message }) => message.publishTime)
  return {
    key: [batchId],
    columns: {
      batch_id: batchId,
      publish_time: publishTimes.reduce((oldest, time) => (time < oldest ? time : oldest)),
      received: summary.received,
      accepted: summary.accepted,
      rejected: summary.rejected,
      duplicates: summary.duplicates,
      staged_purchase: summary.stagedPurchase,
      staged_cancellation: summary.stagedCancellation,
      undeliverable: summary.undeliverable,
      activated: summary.activated,
      not_activated: summary.notActivated,
    },
  }
}
