// Which rows of each table are a person's and are not erased yet: the condition, their number, and the runs that wrote them.

import { z } from 'zod'
import { DATASET, ERASED, PSEUDONYM } from '#contracts'
import type { Params } from '../read.ts'
import { count } from './columns.ts'
import { listOf, type Messages, messageParams, OF_MESSAGES } from './person-messages.ts'

/** The tables in which every row is one event. */
export type RowTable =
  | 'audit_log'
  | 'staging_purchase'
  | 'staging_cancellation'
  | 'dead_letter'
  | 'activation_log'

const OF_CUSTOMER = 'partner_id = @partner AND customer_id = @customer'

/** The pseudonym of a value has 32 hexadecimal digits. */
export const isPseudonym = (column: string) =>
  `REGEXP_CONTAINS(${column}, r'^${PSEUDONYM}[0-9a-f]{32}$')`

const IS_LEFT: Readonly<Record<RowTable, string>> = {
  audit_log: `${OF_MESSAGES} AND data != b'${ERASED}'`,
  // By message as well: a row that is staged meanwhile is left to the next pass, which finds everything else of its message by it.
  staging_purchase: `${OF_CUSTOMER} AND ${OF_MESSAGES}`,
  staging_cancellation: `${OF_CUSTOMER} AND ${OF_MESSAGES}`,
  dead_letter: `${OF_MESSAGES} AND (data IS NOT NULL OR TO_JSON_STRING(faults) != '[]')`,
  // A row of an earlier version has no customer: it is the person's where its order is.
  activation_log: `(${OF_CUSTOMER})
  OR (customer_id IS NULL AND partner_id = @partner AND order_id IN UNNEST(@orders)
    AND NOT ${isPseudonym('order_id')} AND ${OF_MESSAGES})`,
}

/** The condition for the rows of the person that are not erased yet, and its parameters. */
export function personCondition(table: RowTable, messages: Messages) {
  const { partnerId, customerId, orders } = messages
  const ofCustomer = { partner: partnerId, customer: customerId }
  const params: Readonly<Record<RowTable, Params>> = {
    audit_log: messageParams(messages),
    staging_purchase: { ...ofCustomer, ...messageParams(messages) },
    staging_cancellation: { ...ofCustomer, ...messageParams(messages) },
    dead_letter: messageParams(messages),
    activation_log: { ...ofCustomer, orders: listOf(orders), ...messageParams(messages) },
  }
  return { where: IS_LEFT[table], params: params[table] }
}

/** The number of rows by the run that wrote them. */
export function personRows(table: RowTable, messages: Messages) {
  const { where, params } = personCondition(table, messages)
  const letter = table === 'dead_letter' ? 'dead_letter_id' : 'CAST(NULL AS STRING)'
  return {
    sql: `SELECT batch_id, ${letter} AS dead_letter_id, COUNT(*) AS events
FROM ${DATASET}.${table}
WHERE ${where}
GROUP BY batch_id, dead_letter_id`,
    params,
    row: z.object({ batch_id: z.string(), dead_letter_id: z.string().nullable(), events: count }),
  }
}
