// Which messages of a batch the table of dead letters has, and in which dead letter.

import { z } from 'zod'
import { DATASET } from '#contracts'
import type { PublishSpan } from './publish-span.ts'

export const batchDeadLetters = (params: PublishSpan & { readonly batchId: string }) => ({
  sql: `SELECT dead_letter_id AS id, message_id AS messageId, publish_time AS publishTime
FROM ${DATASET}.dead_letter
WHERE batch_id = @batchId AND publish_time BETWEEN @oldest AND @newest`,
  params,
  row: z.object({ id: z.string(), messageId: z.string(), publishTime: z.string() }),
})
