// Random lives of orders as rows of the staging tables: corrections, repeats, cancellations before and after, and rows that arrive late.

import { createHash } from 'node:crypto'
import fc from 'fast-check'

/** A row of a staging table, with the table's name. */
export type StagedRow = {
  readonly table: 'staging_purchase' | 'staging_cancellation' | 'audit_log'
  readonly row: Readonly<Record<string, string | number | boolean | readonly string[] | null>>
}

/** The first instant of all lives. */
export const BEGIN = Date.parse('2026-03-01T22:00:00Z')

const HOUR_MS = 3_600_000

/** Few values, so that orders meet, versions are many, contents come again after others, and instants are shared. */
const life = fc.record({
  isPurchase: fc.boolean(),
  partner: fc.constantFrom('dealer:7', 'dealer%2'),
  order: fc.constantFrom('1', '2', '3', '4', '5', '6'),
  eventId: fc.constantFrom('a', 'b'),
  amount: fc.integer({ min: 1, max: 2 }),
  currency: fc.constantFrom('EUR', 'EUR', 'EUR', 'USD', null),
  model: fc.constantFrom('SUV', 'SUV', 'SUV', 'Hatch'),
  partial: fc.constantFrom(null, false, true),
  occurredHour: fc.constantFrom(-30, -30, -30, 3),
  publishedHour: fc.integer({ min: 0, max: 20 }).map((step) => step * 4),
  /** Mostly at once; a redrive comes after days, and 30 days are the edge of a feature's window. */
  delayHours: fc.constantFrom(0, 0, 0, 1, 48, 30 * 24),
  /** Whether the same message is staged once more, and with other contents: an edited redrive. */
  again: fc.constantFrom('no', 'no', 'same', 'edited'),
})

const iso = (hours: number) => new Date(BEGIN + hours * HOUR_MS).toISOString()

type Life = typeof life extends fc.Arbitrary<infer One> ? One : never

/** The same seed makes the same rows. */
export function stagedLives(seed: number, count: number): readonly StagedRow[] {
  return fc.sample(life, { seed, numRuns: count }).flatMap((one, i) => {
    const messageId = String(1000 + (i % 7) * 100 + i)
    const first = rowOf(one, messageId, one.publishedHour + one.delayHours)
    if (one.again === 'no') return [first]
    const edited = { ...one, amount: one.amount + (one.again === 'edited' ? 10 : 0) }
    return [first, rowOf(edited, messageId, one.publishedHour + one.delayHours + 24)]
  })
}

function rowOf(one: Life, messageId: string, ingestedHour: number): StagedRow {
  const { isPurchase, partner, order, eventId, currency, model, partial } = one
  const contents = {
    partner_id: partner,
    type: isPurchase ? 'purchase' : 'cancellation',
    order_id: order,
    event_id: eventId,
    car_model: model,
    currency,
    amount: isPurchase || partial === true ? String(one.amount) : null,
    ...(!isPurchase && { reason: 'changed mind', partial }),
    timestamp: iso(one.occurredHour),
  }
  return {
    table: isPurchase ? 'staging_purchase' : 'staging_cancellation',
    row: {
      ...contents,
      customer_id: 'C1',
      content_hash: createHash('sha256')
        .update(JSON.stringify(contents))
        .digest('hex')
        .slice(0, 32),
      message_id: messageId,
      publish_time: iso(one.publishedHour),
      batch_id: `batch-${messageId}`,
      ingested_at: iso(ingestedHour),
    },
  }
}

const IN_AUDIT_LOG = ['partner_id', 'type', 'order_id', 'publish_time', 'batch_id', 'ingested_at']

/** What the audit log has of the messages of staged rows: a row for each, and some that were rejected. */
export function auditedLives(staged: readonly StagedRow[]): readonly StagedRow[] {
  return staged.flatMap(({ row }, i) => {
    const received = {
      ...Object.fromEntries(IN_AUDIT_LOG.map((name) => [name, row[name] ?? null])),
      data: '',
      attributes: '{}',
      part: 0,
      parts: 1,
    }
    const { message_id = null, content_hash = null, event_id = null } = row
    const ids = { event_id: i % 5 === 0 ? `derived-${String(content_hash)}` : event_id }
    const accepted = { ...received, ...ids, message_id, content_hash, decision: 'accepted' }
    const reasons = i % 2 === 0 ? ['amount_missing'] : ['currency_unknown', 'amount_missing']
    const rejected = { ...received, message_id: `9${i}`, decision: 'rejected', reasons }
    const rows = i % 4 === 0 ? [accepted, rejected] : [accepted]
    return rows.map((one): StagedRow => ({ table: 'audit_log', row: one }))
  })
}
