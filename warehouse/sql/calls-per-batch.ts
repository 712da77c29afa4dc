// How many calls the last batches were, of those that had any.

import { z } from 'zod'
import { DATASET } from '#contracts'

/** The last hundred are as events come now. @param since when the oldest message of a batch was published */
export const callsPerBatch = (since: Date) => ({
  sql: `SELECT AVG(activated) AS calls
FROM (
  SELECT activated FROM ${DATASET}.batch_ledger
  WHERE publish_time >= @since AND activated > 0
  ORDER BY ingested_at DESC LIMIT 100
)`,
  params: { since },
  row: z.object({ calls: z.coerce.number().nullable() }),
})
