// The rows of a receipt, which says how many messages the bridge acknowledged with a batch: one row for each day of publishing.

import type { Receipt } from '#contracts'
import type { Row } from '#warehouse/warehouse'

/** @param source the batch itself, or the sweep where the batch did not write its receipt */
export function receiptRows(
  batchId: string,
  { digest, days }: Receipt,
  source: 'batch' | 'sweep',
): Row[] {
  return days.map(({ oldest, messages }) => ({
    key: [batchId, oldest.slice(0, 10)],
    columns: {
      batch_id: batchId,
      publish_time: oldest,
      messages,
      message_digest: digest,
      source,
    },
  }))
}
