// The rows of a receipt: what the bridge acknowledged with a batch, one for each day of publishing.

import type { Receipt } from '#contracts'
import type { Row } from '#warehouse/warehouse'

/** @param source who writes them: the batch itself, or the sweep where the batch has not */
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
