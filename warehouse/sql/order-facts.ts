// What the staging tables and the activation log have of some orders, in one query for all of them.

import { z } from 'zod'
import { DATASET } from '#contracts'
import { microseconds } from './columns.ts'

const fact = z.object({
  source: z.enum(['purchase', 'cancellation', 'log']),
  partner_id: z.string(),
  order_id: z.string(),
  type: z.enum(['purchase', 'cancellation']),
  event_id: z.string(),
  /** Empty in rows of earlier versions. */
  content_hash: z.string(),
  customer_id: z.string().nullable(),
  amount: z.string().nullable(),
  currency: z.string().nullable(),
  is_partial: z.boolean(),
  publish_time: microseconds,
  message_id: z.string(),
  batch_id: z.string(),
  ingested_at: microseconds.nullable(),
  outcome: z
    .enum(['accepted', 'not_activated', 'failed', 'waiting', 'sending', 'unsent'])
    .nullable(),
  reason: z.string().nullable(),
  call: z
    .enum(['Order Completed', 'Order Updated', 'Order Cancelled', 'Order Refunded'])
    .nullable(),
  value: z.string().nullable(),
  told_at: microseconds.nullable(),
  google_ads: z.string().nullable(),
  click_id: z.enum(['gclid', 'gbraid', 'wbraid']).nullable(),
})

export type OrderFactRow = z.output<typeof fact>

export type WantedOrders = {
  /** Partner ids and order ids, which need not be in the same order: rows of other pairs of them may come as well. */
  readonly partners: readonly string[]
  readonly orders: readonly string[]
  /** Rows of messages that were published before are not read. */
  readonly since: Date
}

const COMMON = `partner_id, order_id, type, event_id, COALESCE(content_hash, '') AS content_hash, customer_id,
  amount, currency`

const ORIGIN = 'publish_time, message_id, batch_id, ingested_at'

const WHERE =
  'WHERE publish_time >= @since AND partner_id IN UNNEST(@partners) AND order_id IN UNNEST(@orders)'

const stagedRows = (source: 'purchase' | 'cancellation') => `SELECT
  '${source}' AS source, ${COMMON},
  ${source === 'purchase' ? 'FALSE' : 'COALESCE(partial, FALSE)'} AS is_partial, ${ORIGIN},
  CAST(NULL AS STRING) AS outcome, CAST(NULL AS STRING) AS reason, CAST(NULL AS STRING) AS call,
  CAST(NULL AS NUMERIC) AS value, CAST(NULL AS TIMESTAMP) AS told_at,
  CAST(NULL AS STRING) AS google_ads, CAST(NULL AS STRING) AS click_id
FROM ${DATASET}.staging_${source} ${WHERE}`

export const orderFacts = (params: WantedOrders) => ({
  sql: `SELECT
  'log' AS source, ${COMMON}, FALSE AS is_partial, ${ORIGIN},
  outcome, reason, call, value, told_at, google_ads, click_id
FROM ${DATASET}.activation_log ${WHERE}
UNION ALL
${stagedRows('purchase')}
UNION ALL
${stagedRows('cancellation')}`,
  params,
  row: fact,
})
