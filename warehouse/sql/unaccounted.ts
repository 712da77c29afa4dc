// Which batches have accepted messages that are neither staged nor in a dead letter, and how many.

import { z } from 'zod'
import { CONTENTS, DATASET, ROOT_BATCH } from '#contracts'
import { count } from './columns.ts'

/**
 * Messages that were published in the span. A message counts as staged where a row has its contents, as in the view
 * `reconciliation`: a repeated one was staged with another message. The span keeps the bytes read small.
 * @param params.until the end of the span: older messages are staged by now, unless their batch is still running
 */
export const unaccounted = (params: { readonly since: Date; readonly until: Date }) => ({
  sql: `WITH message AS (
  SELECT DISTINCT
    message_id, publish_time, ${ROOT_BATCH} AS id, partner_id, type, order_id, event_id,
    ${CONTENTS} AS contents
  FROM ${DATASET}.audit_log
  WHERE publish_time BETWEEN @since AND @until AND decision = 'accepted' AND part = 0
),
staged AS (
  SELECT DISTINCT partner_id, type, order_id, event_id, ${CONTENTS} AS contents
  FROM ${DATASET}.staging_purchase WHERE publish_time >= @since
  UNION ALL
  SELECT DISTINCT partner_id, type, order_id, event_id, ${CONTENTS} AS contents
  FROM ${DATASET}.staging_cancellation WHERE publish_time >= @since
),
dead AS (
  SELECT DISTINCT message_id, publish_time FROM ${DATASET}.dead_letter WHERE publish_time >= @since
)
SELECT id, COUNT(*) AS messages
FROM message
LEFT JOIN staged
  ON staged.partner_id = message.partner_id AND staged.type = message.type
  AND staged.order_id = message.order_id AND staged.event_id = message.event_id
  AND staged.contents = message.contents
LEFT JOIN dead ON dead.message_id = message.message_id AND dead.publish_time = message.publish_time
WHERE staged.event_id IS NULL AND dead.message_id IS NULL
GROUP BY id
ORDER BY messages DESC
LIMIT ${MAX_BATCHES}`,
  params,
  row: z.object({ id: z.string(), messages: count }),
})

/** Each is looked up in Temporal. */
const MAX_BATCHES = 500
