// How many events a partner corrected in a period, and how many it published that only their contents tell apart.

import { z } from 'zod'
import { CONTENTS, DATASET, IS_DERIVED } from '#contracts'
import { count } from './columns.ts'
import { inPeriod, type PartnerPeriod, periodParams } from './partner-period.ts'

const IDENTITY = 'type, order_id, event_id'

const stagedRows = (table: string) => `SELECT
    ${IDENTITY}, timestamp, ${CONTENTS} AS contents, ${IS_DERIVED} AS is_derived, publish_time
  FROM ${DATASET}.${table} WHERE partner_id = @partner`

/** A correction, or a lookalike, is of the period in which its contents were published first. */
export const partnerVersions = (of: PartnerPeriod) => ({
  sql: `WITH staged_row AS (
  ${stagedRows('staging_purchase')}
  UNION ALL
  ${stagedRows('staging_cancellation')}
),
version AS (
  SELECT
    ${IDENTITY}, timestamp, is_derived, contents, MIN(publish_time) AS publish_time
  FROM staged_row
  GROUP BY ${IDENTITY}, timestamp, is_derived, contents
),
placed AS (
  SELECT
    publish_time, is_derived,
    ROW_NUMBER() OVER (PARTITION BY ${IDENTITY} ORDER BY publish_time, contents) AS place,
    COUNT(*) OVER (PARTITION BY type, order_id, timestamp, is_derived) AS alike
  FROM version
)
SELECT
  COUNTIF(NOT is_derived AND place > 1) AS corrections,
  COUNTIF(is_derived AND alike > 1) AS lookalikes
FROM placed
WHERE TRUE ${inPeriod(of)}`,
  params: periodParams(of),
  row: z.object({ corrections: count, lookalikes: count }),
})
