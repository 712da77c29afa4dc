// Looks up the orders of events in the staging tables and the activation log, with one query for many batches.

import { type OrderFacts, orderKeyOf } from '#activation/order/facts'
import { runOf } from '#contracts'
import { monotonicMs } from '#runtime/clock'
import { groupBy } from '#runtime/group-by'
import type { Reader } from '#warehouse/read'
import { type OrderFactRow, orderFacts } from '#warehouse/sql/order-facts'
import type { BatchEvent } from '../read-batch.ts'
import { createCollector, fullAt } from './collector.ts'

/** What the tables have of each order, by `orderKeyOf`; an order of which they have nothing is missing. */
export type FactsByOrder = ReadonlyMap<string, OrderFacts>

/** @throws ApplicationFailure of the registry where BigQuery does not answer */
export type LookUpOrders = (events: readonly BatchEvent[]) => Promise<FactsByOrder>

const DAY_MS = 24 * 60 * 60 * 1000

/** A purchase may be activated for 90 days, and its order changed for 54 days after that. */
const LOOK_BACK_DAYS = 150

/** As many batches wait for one query at the most: a thread has no more slots of activation. */
const MAX_BATCHES = 20

/** The answer has a handful of rows for each event, which take some kilobytes of memory. */
const MAX_EVENTS = 5_000

const isFull = fullAt(MAX_BATCHES, MAX_EVENTS)

/** @param everySeconds while queries follow each other, one begins this long after the one before, with what has come meanwhile */
export function createOrderLookUp(read: Reader, everySeconds: number): LookUpOrders {
  const ask = async (collected: readonly (readonly BatchEvent[])[]): Promise<FactsByOrder> => {
    return byOrder(await read(orderFacts(wantedBy(collected.flat()))))
  }
  const collector = createCollector(ask, { everyMs: everySeconds * 1000, isFull, now: monotonicMs })
  return async (events) => (events.length === 0 ? new Map() : collector.collect(events))
}

function wantedBy(events: readonly BatchEvent[]) {
  const publishedAt = events.map(({ message }) => Date.parse(message.publishTime))
  const oldest = publishedAt.reduce((first, time) => Math.min(first, time))
  return {
    partners: [...new Set(events.map(({ event }) => event.partner_id))],
    orders: [...new Set(events.map(({ event }) => event.order_id))],
    since: new Date(oldest - LOOK_BACK_DAYS * DAY_MS),
  }
}

function byOrder(rows: readonly OrderFactRow[]): FactsByOrder {
  const groups = groupBy(rows, ({ partner_id, order_id }) =>
    orderKeyOf({ partnerId: partner_id, orderId: order_id }),
  )
  return new Map([...groups].map(([key, own]) => [key, factsOf(own)]))
}

function factsOf(rows: readonly OrderFactRow[]): OrderFacts {
  return {
    staged: rows
      .filter(({ source }) => source !== 'log')
      .map((row) => ({ ...versionOf(row), isPartial: row.is_partial })),
    logged: rows
      .filter(({ source }) => source === 'log')
      .map((row) => ({
        ...versionOf(row),
        outcome: row.outcome ?? 'failed',
        reason: row.reason,
        call: row.call,
        value: row.value,
        toldAt: row.told_at,
        googleAds: row.google_ads,
        clickId: row.click_id,
        recordedAt: row.ingested_at ?? row.publish_time,
      })),
  }
}

const versionOf = (row: OrderFactRow) => ({
  type: row.type,
  eventId: row.event_id,
  contentHash: row.content_hash,
  customerId: row.customer_id,
  amount: row.amount,
  currency: row.currency,
  publishTime: row.publish_time,
  messageId: row.message_id,
  runId: runOf(row.batch_id),
})
