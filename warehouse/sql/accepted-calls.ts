// The calls that Segment accepted lately.

import { z } from 'zod'
import { DATASET } from '#contracts'
import { count, microseconds } from './columns.ts'

/**
 * A call may tell Segment of several events of one order.
 * @param published only of events published since then
 * @param recent counted where they were recorded since then
 */
export const acceptedCalls = (published: Date, recent: Date) => ({
  sql: `SELECT MAX(ingested_at) AS last_at,
  COUNT(DISTINCT IF(ingested_at >= @recent, segment_message_id, NULL)) AS calls
FROM ${DATASET}.activation_log
WHERE publish_time >= @published AND outcome = 'accepted'`,
  params: { published, recent },
  row: z.object({ last_at: microseconds.nullable(), calls: count }),
})
