// The staged rows of a customer of a partner, with what else the person is known by.

import { z } from 'zod'
import { DATASET, type Person } from '#contracts'
import { microseconds } from './columns.ts'
import { MESSAGE_KEY } from './person-messages.ts'

const staged = z.object({
  key: z.string(),
  message_id: z.string(),
  publish_time: microseconds,
  order_id: z.string(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  vehicle_vin: z.string().nullable(),
})

export type PersonStaged = z.output<typeof staged>

/** @param limit most rows of a table */
export const personStaged = (
  table: 'staging_purchase' | 'staging_cancellation',
  { partnerId, customerId }: Person,
  limit: number,
) => ({
  sql: `SELECT ${MESSAGE_KEY} AS key, message_id, publish_time, order_id, email, phone, vehicle_vin
FROM ${DATASET}.${table}
WHERE partner_id = @partner AND customer_id = @customer
ORDER BY publish_time, message_id LIMIT ${limit}`,
  params: { partner: partnerId, customer: customerId },
  row: staged,
})
