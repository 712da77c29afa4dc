// Every row that a table has of one order, by its partner, order and day. No column of these is personal.

import { z } from 'zod'
import { DATASET } from '#contracts'
import type { Params, Statement } from '../read.ts'
import { microseconds } from './columns.ts'
import { violations } from './violations.ts'

const eventType = z.enum(['purchase', 'cancellation']).nullable().catch(null)

const origin = {
  message_id: z.string(),
  publish_time: microseconds,
  batch_id: z.string(),
  ingested_at: microseconds.nullable(),
}

const audited = z.object({
  ...origin,
  decision: z.string(),
  reasons: z.array(z.string()),
  type: eventType,
  event_id: z.string().nullable(),
  redrive_of: z.string().nullable(),
})

const staged = z.object({
  ...origin,
  type: eventType,
  event_id: z.string(),
  /** Null in rows of earlier versions. */
  content_hash: z.string().nullable(),
})

const activated = z.object({
  ...origin,
  type: eventType,
  event_id: z.string(),
  outcome: z.string(),
  reason: z.string().nullable(),
  google_ads: z.string().nullable(),
  google_ads_reason: z.string().nullable(),
  omitted_identifiers: z.array(z.string()),
})

const dead = z.object({
  ...origin,
  dead_letter_id: z.string(),
  stage: z.string(),
  type: eventType,
  event_id: z.string().nullable(),
  reasons: z.array(z.string()),
  faults: violations,
  attempt: z
    .number()
    .nullable()
    .transform((attempt) => attempt ?? 0),
})

export type AuditRow = z.output<typeof audited>
export type StagedRow = z.output<typeof staged>
export type ActivationRow = z.output<typeof activated>
export type DeadRow = z.output<typeof dead>

/** How a row of each table is read. */
const ROWS = {
  audit_log: audited,
  staging_purchase: staged,
  staging_cancellation: staged,
  activation_log: activated,
  dead_letter: dead,
} as const

/** The tables that have events by their order. */
export type OrderTable = keyof typeof ROWS

export type OrderRow<Table extends OrderTable> = z.output<(typeof ROWS)[Table]>

export type OrderSpan = {
  readonly partnerId: string
  /** Null for a message whose order cannot be read. */
  readonly orderId: string | null
  readonly messageIds: readonly string[]
  /** Publish times of the oldest and the newest of the messages. */
  readonly from: string
  readonly to: string
}

/** An order has a handful of rows; a table that has more of it is cut here. */
const MAX_ROWS = 1000

/** By partner and order, as the tables are clustered, from the first day on; and by message on the days of those. */
export function orderRows<Table extends OrderTable>(
  table: Table,
  { partnerId, orderId, messageIds, from, to }: OrderSpan,
): Statement<z.ZodType<OrderRow<Table>>>
export function orderRows(
  table: OrderTable,
  { partnerId, orderId, messageIds, from, to }: OrderSpan,
): Statement {
  const row = ROWS[table]
  const columns = `SELECT ${columnsOf(row)} FROM ${DATASET}.${table}`
  const whole = table === 'audit_log' ? 'AND part = 0' : ''
  const byOrder = `${columns} WHERE publish_time >= TIMESTAMP(@oldest) AND partner_id = @partner AND order_id = @order ${whole}`
  const byMessage = `${columns} WHERE publish_time BETWEEN TIMESTAMP(@oldest) AND TIMESTAMP(@newest)
  AND message_id IN UNNEST(@messages) ${whole}`
  const rest = "AND NOT (partner_id = @partner AND COALESCE(order_id, '') = @order)"
  const hasOrder = orderId !== null
  const params: Params = {
    oldest: from,
    newest: to,
    messages: messageIds,
    ...(hasOrder && { partner: partnerId, order: orderId }),
  }
  const sql = `${hasOrder ? `${byOrder}\nUNION ALL\n${byMessage} ${rest}` : byMessage}\nLIMIT ${MAX_ROWS}`
  return { sql, params, row }
}

/** Columns that are read out of others. */
const EXPRESSIONS: Readonly<Record<string, string>> = {
  redrive_of: "JSON_VALUE(attributes, '$.redrive_of') AS redrive_of",
}

const columnsOf = ({ shape }: z.ZodObject) =>
  Object.keys(shape)
    .map((name) => EXPRESSIONS[name] ?? name)
    .join(', ')
