// Writes the ledger entry of a batch: the counts of what became of its messages.

import type { BatchSummary } from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics/groups'
import type { Row, Warehouse } from '#warehouse/warehouse'
import { appendAll } from './append-all.ts'
import type { BatchReader } from './read-batch.ts'

export type LedgerEntry = {
  readonly batchId: string
  readonly summary: BatchSummary
}

export type WriteLedger = ReturnType<typeof createWriteLedger>

/** @throws ApplicationFailure of the registry; also where BigQuery refuses the row, because the pipeline itself makes it */
export function createWriteLedger(
  reader: BatchReader,
  warehouse: Warehouse,
  metrics: ActivityMetrics,
) {
  return async function writeLedger(batch: Uint8Array, entry: LedgerEntry): Promise<void> {
    const publishTimes = reader.read(batch).map(({ message }) => message.publishTime)
    const oldest = publishTimes.reduce((first, time) => (time < first ? time : first))
    await appendAll({ warehouse, metrics }, 'batch_ledger', [ledgerRow(oldest, entry)])
    reader.forget(batch)
  }
}

/** @param publishTime when the oldest message was published */
export function ledgerRow(publishTime: string, { batchId, summary }: LedgerEntry): Row {
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
      waiting: summary.waiting,
    },
  }
}
