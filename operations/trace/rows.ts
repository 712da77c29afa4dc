// Second look-up of a trace: every row the tables have of one order, by its partner, order and day.

import type { BigQuery } from '@google-cloud/bigquery'
import { z } from 'zod'
import { DATASET, type TableName } from '#contracts'
import { faults } from '#warehouse/sql/violations'
import { type Answer, ask, type Missing, time } from './ask.ts'
import type { Subject } from './find.ts'

const eventType = z.enum(['purchase', 'cancellation']).nullable().catch(null)

const origin = {
  message_id: z.string(),
  publish_time: time,
  batch_id: z.string(),
  ingested_at: time.nullable(),
}

const audited = z.object({
  ...origin,
  decision: z.string(),
  reasons: z.array(z.string()),
  type: eventType,
  event_id: z.string().nullable(),
  redrive_of: z.string().nullable(),
})

/** Columns that are read out of others. */
const EXPRESSIONS: Readonly<Record<string, string>> = {
  redrive_of: "JSON_VALUE(attributes, '$.redrive_of') AS redrive_of",
}

const columnsOf = ({ shape }: z.ZodObject) =>
  Object.keys(shape)
    .map((name) => EXPRESSIONS[name] ?? name)
    .join(', ')

const staged = z.object({ ...origin, type: eventType, event_id: z.string() })

const activated = z.object({
  ...origin,
  type: eventType,
  event_id: z.string(),
  outcome: z.string(),
  reason: z.string().nullable(),
})

const dead = z.object({
  ...origin,
  dead_letter_id: z.string(),
  stage: z.string(),
  type: eventType,
  event_id: z.string().nullable(),
  reasons: z.array(z.string()),
  faults,
  attempt: z
    .number()
    .nullable()
    .transform((attempt) => attempt ?? 0),
})

const handled = z.object({
  dead_letter_id: z.string(),
  action: z.string(),
  attempt: z.number(),
  outcome: z.string(),
  actor: z.string(),
  reason: z.string(),
  events: z.number(),
  failed: z.number(),
  /** Events it was limited to; none where it took all that were open. */
  message_ids: z.array(z.string()).optional(),
  run_id: z.string(),
  occurred_at: time,
  ingested_at: time.nullable(),
})

export type AuditRow = z.output<typeof audited>
export type StagedRow = z.output<typeof staged>
export type ActivationRow = z.output<typeof activated>
export type DeadRow = z.output<typeof dead>
export type HandledRow = z.output<typeof handled>

/** What the tables say of a subject. No column of these is personal. */
export type Rows = {
  readonly audited: readonly AuditRow[]
  readonly staged: readonly StagedRow[]
  readonly activated: readonly ActivationRow[]
  readonly dead: readonly DeadRow[]
  readonly handled: readonly HandledRow[]
  readonly missing: readonly Missing[]
}

/** An order has a handful of rows; a table that has more of it is cut here. */
const MAX_ROWS = 1000

/** Never throws: tables that cannot be read are `missing`. */
export async function readRows(bigquery: BigQuery, subject: Subject): Promise<Rows> {
  const read = <Shape extends z.ZodObject>(table: TableName, shape: Shape) =>
    readTable(bigquery, table, subject, shape)
  const [audit, purchases, cancellations, activations, deadRows] = await Promise.all([
    read('audit_log', audited),
    read('staging_purchase', staged),
    read('staging_cancellation', staged),
    read('activation_log', activated),
    read('dead_letter', dead),
  ])
  const letters = [...new Set(deadRows.rows.map((row) => row.dead_letter_id))]
  const log = await readLog(bigquery, letters, subject)
  const answers = [audit, purchases, cancellations, activations, deadRows, log]
  return {
    audited: audit.rows,
    staged: [...purchases.rows, ...cancellations.rows],
    activated: activations.rows,
    dead: deadRows.rows,
    handled: log.rows,
    missing: answers.flatMap(({ missing }) => missing),
  }
}

/** By partner and order, as the tables are clustered, from the first day on; and by message on the days of those. */
function readTable<Shape extends z.ZodObject>(
  bigquery: BigQuery,
  table: TableName,
  { partnerId, orderId, messageIds, from, to }: Subject,
  shape: Shape,
): Promise<Answer<z.output<Shape>>> {
  const columns = `SELECT ${columnsOf(shape)} FROM ${DATASET}.${table}`
  const whole = table === 'audit_log' ? 'AND part = 0' : ''
  const byOrder = `${columns} WHERE publish_time >= TIMESTAMP(@oldest) AND partner_id = @partner AND order_id = @order ${whole}`
  const byMessage = `${columns} WHERE publish_time BETWEEN TIMESTAMP(@oldest) AND TIMESTAMP(@newest)
  AND message_id IN UNNEST(@messages) ${whole}`
  const rest = "AND NOT (partner_id = @partner AND COALESCE(order_id, '') = @order)"
  const hasOrder = orderId !== null
  const sql = `${hasOrder ? `${byOrder}\nUNION ALL\n${byMessage} ${rest}` : byMessage}\nLIMIT ${MAX_ROWS}`
  const params = {
    oldest: from,
    newest: to,
    messages: messageIds,
    ...(hasOrder && { partner: partnerId, order: orderId }),
  }
  return ask(bigquery, { part: `${DATASET}.${table}`, sql, params }, shape)
}

async function readLog(
  bigquery: BigQuery,
  letters: readonly string[],
  { from }: Subject,
): Promise<Answer<HandledRow>> {
  if (letters.length === 0) return { rows: [], missing: [] }
  const sql = `SELECT ${columnsOf(handled)} FROM ${DATASET}.dead_letter_log
WHERE occurred_at >= TIMESTAMP(@oldest) AND dead_letter_id IN UNNEST(@letters)
LIMIT ${MAX_ROWS}`
  const params = { oldest: from, letters }
  return ask(bigquery, { part: `${DATASET}.dead_letter_log`, sql, params }, handled)
}
