// Every version of the events of some orders that the staging tables have, in one query for all of them.

import { z } from 'zod'
import { DATASET } from '#contracts'
import { microseconds } from './columns.ts'
import type { WantedOrders } from './order-facts.ts'

const version = z.object({
  type: z.enum(['purchase', 'cancellation']),
  partner_id: z.string(),
  order_id: z.string(),
  event_id: z.string(),
  /** Empty in rows of earlier versions. */
  content_hash: z.string(),
  amount: z.string().nullable(),
  partial: z.boolean().nullable(),
  currency: z.string().nullable(),
  car_model: z.string(),
  vehicle_make: z.string().nullable(),
  vehicle_model: z.string().nullable(),
  vehicle_year: z.number().nullable(),
  timestamp: microseconds,
  message_id: z.string(),
  publish_time: microseconds,
  batch_id: z.string(),
  ingested_at: microseconds.nullable(),
})

export type StagedVersionRow = z.output<typeof version>

/** An order has a handful of versions. Of one that has more, the newest are read: a partner may give all its events one order id. */
export const MAX_VERSIONS = 1_000

const versionsOf = (type: 'purchase' | 'cancellation') => `SELECT
    type, partner_id, order_id, event_id, COALESCE(content_hash, '') AS content_hash, amount,
    ${type === 'purchase' ? 'CAST(NULL AS BOOL)' : 'COALESCE(partial, FALSE)'} AS partial,
    currency, car_model, vehicle_make, vehicle_model, vehicle_year, timestamp,
    message_id, publish_time, batch_id, ingested_at
  FROM ${DATASET}.staging_${type}
  WHERE publish_time >= @since AND partner_id IN UNNEST(@partners) AND order_id IN UNNEST(@orders)`

export const stagedVersions = (params: WantedOrders) => ({
  sql: `SELECT * FROM (
  ${versionsOf('purchase')}
  UNION ALL
  ${versionsOf('cancellation')}
)
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY partner_id, order_id ORDER BY publish_time DESC, message_id DESC) <= ${MAX_VERSIONS}`,
  params,
  row: version,
})
