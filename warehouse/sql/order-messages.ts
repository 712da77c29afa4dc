// Which messages of a table have an id as their order, their event or their own; narrow columns only.

import { z } from 'zod'
import { DATASET, type TableName } from '#contracts'
import type { Params } from '../read.ts'
import { microseconds } from './columns.ts'

export type OrderSearch = {
  /** An order id, an event id or a message id. */
  readonly id: string
  readonly partner?: string | undefined
  readonly since?: Date | undefined
}

/** More messages than this are not one order, but a partner who sends the same id with every event. */
const MAX_MESSAGES = 500

const message = z.object({
  partner_id: z.string(),
  order_id: z.string().nullable(),
  message_id: z.string(),
  publish_time: microseconds,
})

export type OrderMessage = z.output<typeof message>

/** With a partner, clustering prunes; with `since`, partitions do. */
export const orderMessages = (table: TableName, { id, partner, since }: OrderSearch) => ({
  sql: `SELECT DISTINCT partner_id, order_id, message_id, publish_time
FROM ${DATASET}.${table}
WHERE (order_id = @id OR event_id = @id OR message_id = @id)
  ${partner === undefined ? '' : 'AND partner_id = @partner'}
  ${since === undefined ? '' : 'AND publish_time >= @since'}
ORDER BY publish_time LIMIT ${MAX_MESSAGES}`,
  params: {
    id,
    ...(partner !== undefined && { partner }),
    ...(since !== undefined && { since }),
  } satisfies Params,
  row: message,
})
