// Records the receipt of an erasure, which Temporal keeps for its retention only.

import type { ErasureReceipt } from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics/groups'
import type { Warehouse } from '#warehouse/warehouse'
import { appendAll } from '../append-all.ts'

/** Idempotent by the key of the row. @throws ApplicationFailure of the registry */
export function createWriteReceipt(warehouse: Warehouse, metrics: ActivityMetrics) {
  return async function writeErasureReceipt(receipt: ErasureReceipt): Promise<void> {
    const { subject, actor, reason, requestedAt, finishedAt } = receipt
    const row = {
      key: [subject, requestedAt],
      columns: {
        subject,
        actor,
        reason,
        requested_at: requestedAt,
        finished_at: finishedAt,
        receipt: JSON.stringify(receipt),
      },
    }
    await appendAll({ warehouse, metrics }, 'erasure_log', [row])
  }
}
