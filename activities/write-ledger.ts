// Writes the ledger entry of a batch: the outcome of each event at Segment, and the counts of the batch.

import type { ActivationGroup, BatchSummary } from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics'
import type { Row, Warehouse } from '#warehouse/warehouse'
import { appendAll } from './append-all.ts'
import { activationRows } from './log-activations.ts'
import type { BatchReader } from './read-batch.ts'

export type LedgerEntry = {
  readonly batchId: string
  readonly summary: BatchSummary
  /** Indexes of events that did not reach activation. */
  readonly skip: readonly number[]
  readonly activation: readonly ActivationGroup[]
}

/** @throws ApplicationFailure of the registry; also where BigQuery refuses a row, because the pipeline itself makes these rows */
export function createWriteLedger(
  reader: BatchReader,
  warehouse: Warehouse,
  namespace: string,
  metrics: ActivityMetrics,
) {
  return async function writeLedger(batch: Uint8Array, entry: LedgerEntry): Promise<void> {
    const messages = reader.read(batch)
    const activations = activationRows(messages, entry, namespace)
    await appendAll({ warehouse, metrics }, 'activation_log', activations)
    const publishTimes = messages.map(({ message }) => message.publishTime)
    const oldest = publishTimes.reduce((first, time) => (time < first ? time : first))
    await appendAll({ warehouse, metrics }, 'batch_ledger', [ledgerRow(oldest, entry)])
    reader.forget(batch)
  }
}

/** @param publishTime when the oldest message was published */
export function ledgerRow(
  publishTime: string,
  { batchId, summary }: Pick<LedgerEntry, 'batchId' | 'summary'>,
): Row {
  return {
    key: [batchId],
    columns: {
      batch_id: batchId,
      publish_time: publishTime,
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
