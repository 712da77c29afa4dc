// First look-up of a trace: which orders, and messages without a readable order, an id stands for.

import type { BigQuery } from '@google-cloud/bigquery'
import { z } from 'zod'
import { DATASET, type TableName } from '#contracts'
import { groupBy } from '#runtime/group-by'
import { type Answer, ask, type Missing, time } from './ask.ts'

export type Search = {
  /** An order id, an event id or a message id. */
  readonly id: string
  readonly partner?: string | undefined
  readonly since?: Date | undefined
}

/** What a trace is about: one order of one partner, or a message whose order cannot be read. */
export type Subject = {
  readonly partnerId: string
  readonly orderId: string | null
  /** The messages the search found; the order may have more. */
  readonly messageIds: readonly string[]
  /** Publish times of the oldest and the newest of them. */
  readonly from: string
  readonly to: string
}

export type Found = { readonly subjects: readonly Subject[]; readonly missing: readonly Missing[] }

/** A redrive may have given an event the order id it lacked, so that the audit log alone does not know all. */
export const SEARCHED: readonly TableName[] = [
  'audit_log',
  'dead_letter',
  'staging_purchase',
  'staging_cancellation',
]

/** More messages than this are no order, but a partner who sends the same id for ever. */
const MAX_MESSAGES = 500

const hit = z.object({
  partner_id: z.string(),
  order_id: z.string().nullable(),
  message_id: z.string(),
  publish_time: time,
})
type Hit = z.output<typeof hit>

/**
 * Reads narrow columns only. With a partner, clustering prunes; with `since`, partitions do.
 * Never throws: tables that cannot be read are `missing`.
 */
export async function find(bigquery: BigQuery, search: Search): Promise<Found> {
  const answers = await Promise.all(SEARCHED.map((table) => findIn(bigquery, table, search)))
  return {
    subjects: toSubjects(answers.flatMap(({ rows }) => rows)),
    missing: answers.flatMap(({ missing }) => missing),
  }
}

function findIn(bigquery: BigQuery, table: TableName, search: Search): Promise<Answer<Hit>> {
  const { id, partner, since } = search
  const sql = `SELECT DISTINCT partner_id, order_id, message_id, publish_time
FROM ${DATASET}.${table}
WHERE (order_id = @id OR event_id = @id OR message_id = @id)
  ${partner === undefined ? '' : 'AND partner_id = @partner'}
  ${since === undefined ? '' : 'AND publish_time >= @since'}
ORDER BY publish_time LIMIT ${MAX_MESSAGES}`
  const params = {
    id,
    ...(partner !== undefined && { partner }),
    ...(since !== undefined && { since }),
  }
  return ask(bigquery, { part: `${DATASET}.${table}`, sql, params }, hit)
}

/** By partner and order; a message without an order goes to the order another row gives it. Pure. */
export function toSubjects(hits: readonly Hit[]): Subject[] {
  const orderOf = new Map(hits.map((one) => [one.message_id, one.order_id]))
  for (const one of hits) if (one.order_id !== null) orderOf.set(one.message_id, one.order_id)
  const placed = hits.map((one) => {
    const order = one.order_id ?? orderOf.get(one.message_id) ?? null
    const partner = order === null ? one.partner_id : partnerOf(hits, one, order)
    return { ...one, partner_id: partner, order_id: order }
  })
  const groups = groupBy(placed, ({ partner_id, order_id, message_id }) =>
    JSON.stringify([partner_id, order_id ?? [message_id]]),
  )
  return [...groups.values()].flatMap(toSubject)
}

/** A redrive may also have named the partner. */
function partnerOf(hits: readonly Hit[], own: Hit, order: string): string {
  if (own.order_id !== null) return own.partner_id
  const named = hits.find((one) => one.message_id === own.message_id && one.order_id === order)
  return named?.partner_id ?? own.partner_id
}

function toSubject(hits: readonly Hit[]): Subject[] {
  const times = hits.map((one) => one.publish_time).toSorted()
  const [first, from, to] = [hits[0], times[0], times.at(-1)]
  if (!first || !from || !to) return []
  const messageIds = [...new Set(hits.map((one) => one.message_id))]
  return [{ partnerId: first.partner_id, orderId: first.order_id, messageIds, from, to }]
}
