// The staged events of each partner that have no final record in the activation log.

import { z } from 'zod'
import { DATASET } from '#contracts'
import { count, microseconds } from './columns.ts'

const STAGED = ['staging_purchase', 'staging_cancellation']
  .map(
    (table) => `SELECT partner_id, message_id, publish_time FROM ${DATASET}.${table}
  WHERE publish_time >= @since`,
  )
  .join('\n  UNION ALL\n  ')

/** A message that was delivered again is one event. @param since when it was published */
export const waitingEvents = (since: Date) => ({
  sql: `WITH staged AS (
  ${STAGED}
),
recorded AS (
  SELECT DISTINCT message_id FROM ${DATASET}.activation_log
  WHERE publish_time >= @since AND outcome IN ('accepted', 'not_activated', 'failed')
)
SELECT staged.partner_id, COUNT(DISTINCT staged.message_id) AS events,
  MIN(staged.publish_time) AS oldest
FROM staged LEFT JOIN recorded ON recorded.message_id = staged.message_id
WHERE recorded.message_id IS NULL
GROUP BY staged.partner_id
ORDER BY events DESC, staged.partner_id`,
  params: { since },
  row: z.object({ partner_id: z.string(), events: count, oldest: microseconds }),
})
