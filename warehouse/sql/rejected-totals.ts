// How many messages of a partner were rejected, and how many of them were corrected since.

import { z } from 'zod'
import { count } from './columns.ts'
import { periodParams } from './partner-period.ts'
import { type RejectedOf, rejectedSql } from './rejected.ts'

export const rejectedTotals = (of: RejectedOf) => ({
  sql: `${rejectedSql(of)}
SELECT COUNT(*) AS rejected, COALESCE(SUM(is_corrected), 0) AS corrected,
  COALESCE(SUM(is_waiting), 0) AS waiting,
  MIN(publish_time) AS first_seen, MAX(publish_time) AS last_seen
FROM counted`,
  params: periodParams(of),
  row: z.object({
    rejected: count,
    corrected: count,
    waiting: count,
    first_seen: z.string().nullable(),
    last_seen: z.string().nullable(),
  }),
})
