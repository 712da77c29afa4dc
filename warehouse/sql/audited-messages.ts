// Which messages of a batch the audit log has, and what was decided on each.

import { z } from 'zod'
import { DATASET } from '#contracts'
import type { PublishSpan } from './publish-span.ts'

export const auditedMessages = (params: PublishSpan & { readonly batchId: string }) => ({
  sql: `SELECT message_id AS messageId, publish_time AS publishTime, part, decision
FROM ${DATASET}.audit_log
WHERE batch_id = @batchId AND publish_time BETWEEN @oldest AND @newest`,
  params,
  row: z.object({
    messageId: z.string(),
    publishTime: z.string(),
    part: z.number(),
    decision: z.string(),
  }),
})
