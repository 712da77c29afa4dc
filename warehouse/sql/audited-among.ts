// Of some batches, those of which the audit log has messages.

import { z } from 'zod'
import { DATASET } from '#contracts'

/** A message may have waited in Pub/Sub for its 31 days, and a batch may run for a week. */
const SINCE = 'TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 45 DAY)'

export const auditedAmong = (batches: readonly string[]) => ({
  sql: `SELECT DISTINCT batch_id FROM ${DATASET}.audit_log
WHERE publish_time >= ${SINCE} AND batch_id IN UNNEST(@batches)`,
  params: { batches },
  row: z.object({ batch_id: z.string() }),
})
