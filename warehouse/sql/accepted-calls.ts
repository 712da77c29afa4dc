// The calls that Segment accepted lately.

import { z } from 'zod'
import { DATASET } from '#contracts'
import { count, microseconds } from './columns.ts'

/** @param published only of events published since then @param recent counted where they were recorded since then */
export const acceptedCalls = (published: Date, recent: Date) => ({
  sql: `SELECT MAX(ingested_at) AS last_at, COUNTIF(ingested_at >= @recent) AS calls
FROM ${DATASET}.activation_log
WHERE publish_time >= @published AND outcome = 'accepted'`,
  params: { published, recent },
  row: z.object({ last_at: microseconds.nullable(), calls: count }),
})
