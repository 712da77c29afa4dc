// How many events of open dead letters were written in a span of time, by partner and reasons.

import { z } from 'zod'
import { DATASET } from '#contracts'

/** A message may have waited in Pub/Sub for its 31 days, and an attempt may take a week. */
const MAX_PUBLISHED_BEFORE = 'INTERVAL 45 DAY'

export const openedEvents = (params: { readonly since: Date; readonly until: Date }) => ({
  sql: `SELECT
  partner_id, TO_JSON_STRING(reasons) AS why, COUNT(*) AS events, MIN(ingested_at) AS oldest
FROM ${DATASET}.open_dead_letter
WHERE ingested_at >= @since AND ingested_at < @until
  AND publish_time >= TIMESTAMP_SUB(@since, ${MAX_PUBLISHED_BEFORE})
GROUP BY partner_id, why
ORDER BY events DESC
LIMIT 10000`,
  params,
  row: z
    .object({ partner_id: z.string(), why: z.string(), events: z.number(), oldest: z.string() })
    .transform(({ partner_id, why, ...counted }) => ({
      ...counted,
      partnerId: partner_id,
      reasons: z.string().array().parse(JSON.parse(why)),
    })),
})
