// How many calls the last batches were, of those that had any.

import { z } from 'zod'
import { DATASET } from '#contracts'

/** The last hundred are as events come now. @param since when the oldest message of a batch was published */
export const callsPerBatch = (since: Date) => ({
  sql: `SELECT AVG(calls) AS calls
FROM (
  SELECT COUNT(DISTINCT segment_message_id) AS calls FROM ${DATASET}.activation_log
  WHERE publish_time >= @since AND outcome = 'accepted'
  GROUP BY batch_id
  ORDER BY MAX(ingested_at) DESC LIMIT 100
)`,
  params: { since },
  row: z.object({ calls: z.coerce.number().nullable() }),
})
