// What the tables have of an order, as a trace reads it: by order, event or message, and the messages a redrive gave an order.

import { beforeAll, expect, test } from '@jest/globals'
import type { Temporal } from '#operations/trace/runs'
import { trace } from '#operations/trace/trace'
import { createReader } from '#warehouse/read'
import { type OrderSearch, orderMessages } from '#warehouse/sql/order-messages'
import type { bigqueryAt } from '../../../support/parts.ts'
import { at, type Given, insert, insertRaw } from './rows.ts'

const LETTER = 'dead-letter/batch-trace/unknown-0/validation'

const sent = (message_id: string, time: string, more: Given = {}) => ({
  partner_id: 'tracer-1',
  order_id: 'T1',
  batch_id: 'batch-trace',
  message_id,
  event_id: `event-${message_id}`,
  content_hash: `hash-${message_id}`,
  publish_time: at(time),
  ...more,
})

const UNREADABLE = { partner_id: 'unknown', type: null, order_id: null, event_id: null }
const OTHER_ORDER = { order_id: 'T2', batch_id: 'batch-other' }

const AUDITED = [
  sent('t1', '17:00', { attributes: JSON.stringify({ redrive_of: 'dead-letter/before' }) }),
  sent('t1', '17:00', { part: 1, parts: 2 }),
  sent('t2', '17:05', { ...UNREADABLE, decision: 'rejected', reasons: ['order_id_missing'] }),
  sent('t3', '17:10', { partner_id: 'tracer-2' }),
  sent('t5', '17:15', OTHER_ORDER),
  sent('t6', '17:30', { ...UNREADABLE, decision: 'rejected', reasons: ['not_json'] }),
]

const STAGED = [
  sent('t1', '17:00'),
  // The redrive of a person gave the message its partner and its order.
  sent('t2', '17:05', { batch_id: LETTER }),
  sent('t5', '17:15', OTHER_ORDER),
]

const action = (run_id: string, time: string, more: Given = {}) => ({
  dead_letter_id: LETTER,
  action: 'redrive',
  attempt: 1,
  outcome: 'closed',
  actor: 'ann',
  reason: 'order added',
  events: 2,
  failed: 1,
  message_ids: ['t2'],
  run_id,
  occurred_at: at(time),
  ingested_at: at('18:00'),
  ...more,
})

/** A Temporal that has no runs, and remembers which it was asked for. */
function temporalWith() {
  const asked: string[][] = []
  const temporal: Temporal = {
    read: async (ids) => {
      asked.push([...ids].toSorted())
      return { runs: [], missing: [] }
    },
    countOpenBatches: async () => 3,
    close: async () => {},
  }
  return { temporal, asked }
}

/** @param bigquery of a stack with tables */
export function describeOrderStatements(bigquery: () => ReturnType<typeof bigqueryAt>): void {
  beforeAll(async () => {
    await insert(bigquery(), 'audit_log', AUDITED)
    await insert(bigquery(), 'staging_purchase', STAGED)
    const cancelled = sent('t4', '17:20', { type: 'cancellation', batch_id: 'batch-later' })
    await insert(bigquery(), 'staging_cancellation', [cancelled])
    const told = { outcome: 'accepted', google_ads: 'excluded', google_ads_reason: 'too_old' }
    await insert(bigquery(), 'activation_log', [
      sent('t1', '17:00', { ...told, reason: 'why', omitted_identifiers: ['phone_unparseable'] }),
      sent('t5', '17:15', { ...OTHER_ORDER, ...told }),
    ])
    const fault = {
      reason: 'order_id_missing',
      path: 'order_id',
      expected: 'x',
      received: 'nothing',
    }
    const failed = { ...UNREADABLE, dead_letter_id: LETTER, faults: JSON.stringify([fault]) }
    const { content_hash: _, ...dead } = sent('t2', '17:05', failed)
    await insert(bigquery(), 'dead_letter', [{ ...dead, reasons: ['order_id_missing'] }])
    await insertRaw(bigquery(), 'dead_letter_log', [
      action('of-before', '16:59'),
      action('of-it', '17:00'),
      action('of-another', '17:06', { dead_letter_id: 'dead-letter/another' }),
    ])
  })

  const find = async (search: Parameters<typeof trace>[2]) => {
    const { temporal, asked } = temporalWith()
    const result = await trace(createReader(bigquery()), temporal, search)
    return { ...result, asked }
  }

  test('an order has its rows once, and those of a message that a redrive gave the order', async () => {
    const { traces, others, searched, missing, openBatches, asked } = await find({
      id: 'T1',
      partner: 'tracer-1',
    })
    expect({ others, missing, openBatches, count: traces.length }).toEqual({
      others: [],
      missing: [],
      openBatches: null,
      count: 1,
    })
    expect(searched).toEqual([
      'streaming.audit_log',
      'streaming.dead_letter',
      'streaming.staging_purchase',
      'streaming.staging_cancellation',
    ])
    const [{ subject, rows } = Object({})] = traces
    expect(subject).toMatchObject({
      partnerId: 'tracer-1',
      orderId: 'T1',
      from: at('17:00'),
      to: at('17:20'),
    })
    expect(subject.messageIds.toSorted()).toEqual(['t1', 't2', 't4'])
    const ids = (of: readonly { readonly message_id: string }[]) =>
      of.map(({ message_id }) => message_id).toSorted()
    expect(ids(rows.audited)).toEqual(['t1', 't2'])
    expect(ids(rows.staged)).toEqual(['t1', 't2', 't4'])
    expect(ids(rows.activated)).toEqual(['t1'])
    expect(rows.dead).toMatchObject([
      {
        message_id: 't2',
        dead_letter_id: LETTER,
        stage: 'validation',
        type: null,
        reasons: ['order_id_missing'],
        faults: [{ path: 'order_id', received: 'nothing' }],
        attempt: 0,
      },
    ])
    expect(rows.handled.map((row: { readonly run_id: string }) => row.run_id)).toEqual(['of-it'])
    expect(asked).toEqual([['batch-later', 'batch-trace', LETTER]])
  })

  test('each column of a row is the one of its name', async () => {
    const { traces } = await find({ id: 'event-t1' })
    const [{ rows } = Object({})] = traces
    const origin = {
      message_id: 't1',
      publish_time: at('17:00'),
      batch_id: 'batch-trace',
      ingested_at: at('17:00'),
      type: 'purchase',
      event_id: 'event-t1',
    }
    expect(rows.audited).toEqual([
      { ...origin, decision: 'accepted', reasons: [], redrive_of: 'dead-letter/before' },
    ])
    expect(rows.staged).toContainEqual({ ...origin, content_hash: 'hash-t1' })
    expect(rows.activated).toEqual([
      {
        ...origin,
        outcome: 'accepted',
        reason: 'why',
        google_ads: 'excluded',
        google_ads_reason: 'too_old',
        omitted_identifiers: ['phone_unparseable'],
      },
    ])
  })

  test('an order is searched at one partner, and from the time on that is given', async () => {
    const found = async (more: Omit<OrderSearch, 'id'>) =>
      (
        await Promise.all(
          (['audit_log', 'staging_purchase'] as const).map((table) =>
            createReader(bigquery())(orderMessages(table, { id: 'T1', ...more })),
          ),
        )
      ).map((rows) => rows.map(({ message_id }) => message_id))
    expect(await found({})).toEqual([
      ['t1', 't3'],
      ['t1', 't2'],
    ])
    expect(await found({ partner: 'tracer-2' })).toEqual([['t3'], []])
    expect(await found({ since: new Date(at('17:05')) })).toEqual([['t3'], ['t2']])
    expect(await found({ since: new Date(at('17:06')) })).toEqual([['t3'], []])
  })

  test('a message whose order cannot be read is a trace of its own', async () => {
    const { traces } = await find({ id: 't6' })
    expect(traces).toMatchObject([
      { subject: { partnerId: 'unknown', orderId: null, messageIds: ['t6'] } },
    ])
    expect(traces[0]?.rows.audited).toMatchObject([{ message_id: 't6', reasons: ['not_json'] }])
  })
}
