// For which reasons messages of a partner were rejected; the most frequent reason first.

import { z } from 'zod'
import { count } from './columns.ts'
import { periodParams } from './partner-period.ts'
import { type RejectedOf, rejectedSql } from './rejected.ts'

export const rejectedReasons = (of: RejectedOf) => ({
  sql: `${rejectedSql(of)}
SELECT reason, COUNT(*) AS events, SUM(is_waiting) AS open,
  MIN(publish_time) AS first_seen, MAX(publish_time) AS last_seen
FROM counted CROSS JOIN UNNEST(reasons) AS reason
GROUP BY reason ORDER BY events DESC, reason`,
  params: periodParams(of),
  row: z.object({
    reason: z.string(),
    events: count,
    open: count,
    first_seen: z.string(),
    last_seen: z.string(),
  }),
})
