// First look-up of a trace: which orders, and messages without a readable order, an id stands for.

import type { TableName } from '#contracts'
import { groupBy } from '#runtime/group-by'
import type { Reader } from '#warehouse/read'
import { type OrderMessage, type OrderSearch, orderMessages } from '#warehouse/sql/order-messages'
import type { OrderSpan } from '#warehouse/sql/order-rows'
import { ask, type Missing } from './ask.ts'

export type Search = OrderSearch

/**
 * What a trace is about: one order of one partner, or a message whose order cannot be read. It names the messages that
 * the search found; the order may have more.
 */
export type Subject = OrderSpan

export type Found = { readonly subjects: readonly Subject[]; readonly missing: readonly Missing[] }

/** A redrive may have given an event the order id it lacked, so that the audit log alone does not know all. */
export const SEARCHED: readonly TableName[] = [
  'audit_log',
  'dead_letter',
  'staging_purchase',
  'staging_cancellation',
]

/** Never throws for a table that cannot be read: those are `missing`. */
export async function find(read: Reader, search: Search): Promise<Found> {
  const answers = await Promise.all(
    SEARCHED.map((table) => ask(read, table, orderMessages(table, search))),
  )
  return {
    subjects: toSubjects(answers.flatMap(({ rows }) => rows)),
    missing: answers.flatMap(({ missing }) => missing),
  }
}

/** By partner and order; a message without an order goes to the order another row gives it. Pure. */
export function toSubjects(hits: readonly OrderMessage[]): Subject[] {
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
function partnerOf(hits: readonly OrderMessage[], own: OrderMessage, order: string): string {
  if (own.order_id !== null) return own.partner_id
  const named = hits.find((one) => one.message_id === own.message_id && one.order_id === order)
  return named?.partner_id ?? own.partner_id
}

function toSubject(hits: readonly OrderMessage[]): Subject[] {
  const times = hits.map((one) => one.publish_time).toSorted()
  const [first, from, to] = [hits[0], times[0], times.at(-1)]
  if (!first || !from || !to) return []
  const messageIds = [...new Set(hits.map((one) => one.message_id))]
  return [{ partnerId: first.partner_id, orderId: first.order_id, messageIds, from, to }]
}
