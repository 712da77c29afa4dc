// What the statements about messages answer, at their limits and with rows that must not count.

import { beforeAll, expect, test } from '@jest/globals'
import { createReader } from '#warehouse/read'
import { auditedAmong } from '#warehouse/sql/audited-among'
import { auditedMessages } from '#warehouse/sql/audited-messages'
import { batchReceipts } from '#warehouse/sql/batch-receipts'
import type { StoredEvent } from '#warehouse/sql/dead-letter-stored-events'
import { completeData } from '#warehouse/sql/original-data'
import { partnerMessages } from '#warehouse/sql/partner-messages'
import { partnerVersions } from '#warehouse/sql/partner-versions'
import { partners } from '#warehouse/sql/partners'
import { unaccounted } from '#warehouse/sql/unaccounted'
import type { bigqueryAt } from '../../../support/parts.ts'
import { at, type Given, insert, insertRaw } from './rows.ts'

const PARTS = 12
const textOf = (part: number) => `part ${part};`
const base64 = (text: string) => Buffer.from(text).toString('base64')

const sent = (message_id: string, time: string, more: Given = {}) => ({
  partner_id: 'seller-1',
  batch_id: 'batch-sent',
  message_id,
  event_id: message_id,
  content_hash: `hash-${message_id}`,
  publish_time: at(time),
  ...more,
})

const REDRIVEN = { attributes: JSON.stringify({ redrive_of: 'dead-letter/1' }) }

const AUDITED = [
  sent('first', '15:00'),
  sent('first', '15:00', { batch_id: 'batch-sent/1' }),
  sent('last', '15:30', { decision: 'rejected' }),
  sent('again', '15:10', REDRIVEN),
  sent('lost', '15:15'),
  sent('lost', '15:15', { batch_id: 'batch-sent/2' }),
  sent('lost-in-part', '15:16', { batch_id: 'batch-sent/2' }),
  sent('after', '16:00', { partner_id: 'seller-2' }),
  // Written in another order than that of the parts.
  ...Array.from({ length: PARTS }, (_, place) => PARTS - 1 - place).map((part) =>
    sent('cut', '15:20', { part, parts: PARTS, decision: 'rejected', data: base64(textOf(part)) }),
  ),
  ...[0, 2].map((part) =>
    sent('torn', '15:25', { part, parts: 3, decision: 'rejected', data: base64(textOf(part)) }),
  ),
]

/** Versions of one event with an event id, and two events that only their contents tell apart. */
const STAGED = [
  sent('first', '15:00'),
  sent('corrected', '15:05', { event_id: 'first' }),
  sent('corrected', '15:06', { event_id: 'first' }),
  sent('like-1', '15:07', { event_id: 'derived-hash-like-1' }),
  sent('like-2', '15:40', { event_id: 'derived-hash-like-2' }),
]

const SPAN = { oldest: new Date(at('15:00')), newest: new Date(at('15:30')) }
const PERIOD = { since: new Date(at('15:00')), until: new Date(at('16:00')) }

const lacking = (message_id: string, time: string, data: Buffer | null = null): StoredEvent => ({
  dead_letter_id: 'd',
  batch_id: 'b',
  stage: 'validation',
  partner_id: 'seller-1',
  type: null,
  event_id: null,
  order_id: null,
  reasons: [],
  faults: [],
  data,
  attributes: {},
  message_id,
  publish_time: at(time).replace('.000000Z', '.000Z'),
})

/** @param bigquery of a stack with tables */
export function describeMessageStatements(bigquery: () => ReturnType<typeof bigqueryAt>): void {
  const reader = () => createReader(bigquery())
  beforeAll(async () => {
    await insert(bigquery(), 'audit_log', AUDITED)
    await insert(bigquery(), 'staging_purchase', STAGED)
    const receipt = { publish_time: at('15:30'), messages: 1, source: 'batch' }
    await insertRaw(
      bigquery(),
      'batch_receipt',
      ['one', 'two', 'two'].map((id) => ({ ...receipt, batch_id: id })),
    )
  })

  test('messages of a batch are those of its own, from the oldest to the newest', async () => {
    const found = await reader()(auditedMessages({ batchId: 'batch-sent', ...SPAN }))
    const seen = found
      .filter(({ part }) => part === 0)
      .map(({ messageId, decision }) => `${messageId} ${decision}`)
    expect(seen.toSorted()).toEqual([
      'again accepted',
      'cut rejected',
      'first accepted',
      'last rejected',
      'lost accepted',
      'torn rejected',
    ])
  })

  test('a batch is looked for among the messages of the last 45 days', async () => {
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()
    await insert(bigquery(), 'audit_log', [
      sent('recent', '15:00', { batch_id: 'recent', publish_time: daysAgo(44) }),
      sent('stale', '15:00', { batch_id: 'stale', publish_time: daysAgo(46) }),
    ])
    const found = await reader()(auditedAmong(['recent', 'stale', 'none']))
    expect(found.map(({ batch_id }) => batch_id)).toEqual(['recent'])
  })

  test('receipts are found on their days, and once', async () => {
    const find = (params: object) =>
      reader()(batchReceipts({ ids: ['one', 'two', 'none'], ...SPAN, ...params }))
    expect((await find({})).map(({ id }) => id).toSorted()).toEqual(['one', 'two'])
    expect(await find({ ids: ['one'] })).toEqual([{ id: 'one' }])
    expect(await find({ newest: SPAN.oldest })).toEqual([])
  })

  test('a message in parts is put together in the order of its parts, and not where one is missing', async () => {
    const whole = Array.from({ length: PARTS }, (_, part) => textOf(part)).join('')
    const kept = Buffer.from('as it is')
    const events = await completeData(reader(), [
      lacking('cut', '15:20'),
      lacking('torn', '15:25'),
      lacking('cut', '15:21'),
      lacking('first', '15:00', kept),
    ])
    expect(events.map(({ data }) => data?.toString() ?? null)).toEqual([
      whole,
      null,
      null,
      'as it is',
    ])
  })

  test('a partner has sent each message once, whatever became of it, and no redrive', async () => {
    const of = { partner: 'seller-1', ...PERIOD }
    expect(await reader()(partnerMessages(of))).toEqual([{ received: 6 }])
    const until = new Date(at('15:30'))
    expect(await reader()(partnerMessages({ ...of, until }))).toEqual([{ received: 5 }])
    expect(await reader()(partners(PERIOD))).toEqual([{ partner_id: 'seller-1' }])
  })

  test('a correction counts once, in the period in which it came first, and lookalikes each', async () => {
    const count = (since: string) =>
      reader()(partnerVersions({ partner: 'seller-1', since: new Date(at(since)) }))
    expect(await count('15:00')).toEqual([{ corrections: 1, lookalikes: 2 }])
    expect(await count('15:06')).toEqual([{ corrections: 0, lookalikes: 2 }])
    expect(await count('15:30')).toEqual([{ corrections: 0, lookalikes: 1 }])
  })

  test('an accepted message that is staged nowhere is unaccounted for, by the batch it began in', async () => {
    const found = await reader()(unaccounted({ since: SPAN.oldest, until: SPAN.newest }))
    expect(found.filter(({ id }) => id === 'batch-sent')).toEqual([
      { id: 'batch-sent', messages: 3 },
    ])
  })
}
