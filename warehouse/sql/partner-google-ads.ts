// The purchases of a partner that Segment took and that were not meant for Google Ads, by why and by what was left out of them.

import { z } from 'zod'
import { DATASET } from '#contracts'
import { count } from './columns.ts'
import { inPeriod, type PartnerPeriod, periodParams } from './partner-period.ts'

/**
 * `omitted` is null in the row with all purchases of a reason. A purchase may have several identifiers that were left out, and is
 * counted once for each. A purchase that was activated again counts as it was the last time.
 */
export const partnerGoogleAds = (of: PartnerPeriod) => ({
  sql: `WITH newest AS (
  SELECT google_ads_reason AS reason, omitted_identifiers FROM ${DATASET}.activation_log
  WHERE partner_id = @partner AND type = 'purchase' AND google_ads IS NOT NULL
    AND outcome NOT IN ('sending', 'unsent') ${inPeriod(of)}
  QUALIFY ROW_NUMBER() OVER (PARTITION BY order_id, event_id, message_id ORDER BY ingested_at DESC) = 1
)
SELECT reason, CAST(NULL AS STRING) AS omitted, COUNT(*) AS purchases
FROM newest WHERE reason IS NOT NULL GROUP BY reason
UNION ALL
SELECT reason, omitted, COUNT(*) AS purchases
FROM newest, UNNEST(omitted_identifiers) AS omitted WHERE reason IS NOT NULL GROUP BY reason, omitted
ORDER BY purchases DESC, reason, omitted`,
  params: periodParams(of),
  row: z.object({ reason: z.string(), omitted: z.string().nullable(), purchases: count }),
})
