// How many messages of some batches, and of the parts they were split into, the audit log has, and which by their digest.

import { z } from 'zod'
import { DATASET, IS_WHOLE_BATCH, ROOT_BATCH } from '#contracts'
import type { PublishSpan } from './publish-span.ts'

/** The digest is as `receiptFor` makes it. */
export const auditedBatches = (params: PublishSpan & { readonly ids: readonly string[] }) => ({
  sql: `SELECT
  id,
  COUNT(DISTINCT IF(is_whole OR part > 0, NULL, message_id)) AS messages,
  TO_HEX(SHA256(STRING_AGG(DISTINCT IF(is_whole, NULL, piece_id), '\\n' ORDER BY IF(is_whole, NULL, piece_id)))) AS digest,
  LOGICAL_OR(is_whole) AS isWhole
FROM (
  SELECT
    ${ROOT_BATCH} AS id, ${IS_WHOLE_BATCH} AS is_whole, message_id, part,
    IF(parts > 1, CONCAT(message_id, '#', CAST(part AS STRING)), message_id) AS piece_id
  FROM ${DATASET}.audit_log
  WHERE publish_time BETWEEN @oldest AND @newest
)
WHERE id IN UNNEST(@ids)
GROUP BY id`,
  params,
  row: z.object({
    id: z.string(),
    messages: z.number(),
    digest: z.string().nullable(),
    isWhole: z.boolean(),
  }),
})
