// Of some batches, those that have a receipt in the table.

import { z } from 'zod'
import { DATASET } from '#contracts'
import type { PublishSpan } from './publish-span.ts'

export const batchReceipts = (params: PublishSpan & { readonly ids: readonly string[] }) => ({
  sql: `SELECT DISTINCT batch_id AS id FROM ${DATASET}.batch_receipt
WHERE batch_id IN UNNEST(@ids) AND publish_time BETWEEN @oldest AND @newest`,
  params,
  row: z.object({ id: z.string() }),
})
