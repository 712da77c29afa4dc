// What is kept for ever: the audit log, the books of a batch and the events of a dead letter, in the local BigQuery.

import { afterEach, beforeAll, expect, test } from '@jest/globals'
import type { DeadLetter } from '#contracts'
import { setUpTables } from '#operations/setup/tables'
import { createInsertAllWarehouse } from '#warehouse/insert-all'
import { createBatchReader } from '../../../activities/read-batch.ts'
import { createRecordDeadLetter } from '../../../activities/record-dead-letter.ts'
import { createWriteAuditLog } from '../../../activities/write-audit-log.ts'
import { createWriteLedger } from '../../../activities/write-ledger.ts'
import { cancellation, message, purchase } from '../../fixtures/messages.ts'
import { attempt, batchOf, metrics } from '../../support/activities.ts'
import { bigqueryAt, clearFaults, failInserts, rowsOf } from '../../support/parts.ts'
import { useStackWithTables } from '../../support/stack.ts'

const stack = useStackWithTables('bigquery')
const url = () => stack().bigquery.url
const warehouse = () => createInsertAllWarehouse(bigqueryAt(url()))
const rows = (query: string) => rowsOf(bigqueryAt(url()), query)

beforeAll(async () => {
  await setUpTables(bigqueryAt(url()), 'EU')
})
afterEach(() => clearFaults(url()))

const summary = {
  received: 3,
  accepted: 2,
  rejected: 1,
  duplicates: 0,
  stagedPurchase: 1,
  stagedCancellation: 1,
  undeliverable: 0,
  activated: 1,
  notActivated: 1,
  waiting: 0,
}

const rejected = (index: number, ...reasons: string[]) => ({
  index,
  partnerId: 'dealer-7',
  reasons,
})

test('the audit log keeps every message byte for byte, with what was decided', async () => {
  const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  const messages = [
    message(purchase, { messageId: 'm0', attributes: { partner_id: 'dealer-7', größe: '"ü"' } }),
    message(everyByte, { messageId: 'm1' }),
    message(Buffer.alloc(0), { messageId: 'm2', attributes: {} }),
    message('kein JSON: größer \u0000 \u{1f697}', { messageId: 'm3' }),
    message({ ...purchase, order_id: 7, amount: 'x' }, { messageId: 'm4' }),
    message(Buffer.from('part'), { messageId: 'm5', part: { index: 1, of: 3 } }),
  ]
  const verdicts = [
    rejected(1, 'not_utf8'),
    rejected(2, 'empty'),
    rejected(3, 'not_json'),
    rejected(4, 'amount_not_a_number', 'order_id_not_a_string'),
    rejected(5, 'too_large'),
  ]
  const write = createWriteAuditLog(createBatchReader(), warehouse(), metrics)
  await attempt(write, [batchOf(...messages), 'b-audit', verdicts])

  const kept = await rows(
    `SELECT * FROM streaming.audit_log WHERE batch_id = 'b-audit' ORDER BY message_id`,
  )
  expect(kept.map((row) => row['data'])).toEqual(messages.map(({ data }) => Buffer.from(data)))
  const columns = ['message_id', 'decision', 'reasons', 'part', 'parts', 'partner_id', 'order_id']
  expect(kept.map((row) => columns.map((column) => row[column]))).toEqual([
    ['m0', 'accepted', [], 0, 1, 'dealer-7', 'A001'],
    ['m1', 'rejected', ['not_utf8'], 0, 1, 'dealer-7', null],
    ['m2', 'rejected', ['empty'], 0, 1, 'unknown', null],
    ['m3', 'rejected', ['not_json'], 0, 1, 'dealer-7', null],
    ['m4', 'rejected', ['amount_not_a_number', 'order_id_not_a_string'], 0, 1, 'dealer-7', null],
    ['m5', 'rejected', ['too_large'], 1, 3, 'dealer-7', null],
  ])
  expect(kept.map((row) => JSON.parse(String(row['attributes'])))).toEqual(
    messages.map(({ attributes }) => attributes),
  )
})

test('a repeat of the same audit within a minute adds no row, another delivery of it does', async () => {
  const batch = batchOf(message(purchase, { messageId: 'm-again' }))
  const write = createWriteAuditLog(createBatchReader(), warehouse(), metrics)
  await failInserts(url(), { reset: true, afterWrite: true, times: 1 })
  await expect(attempt(write, [batch, 'b-1', []])).rejects.toMatchObject({
    type: 'warehouse_unavailable',
  })
  await attempt(write, [batch, 'b-1', []])
  await attempt(write, [batch, 'b-2', []])
  const kept = await rows(
    `SELECT batch_id FROM streaming.audit_log WHERE message_id = 'm-again' ORDER BY batch_id`,
  )
  expect(kept).toEqual([{ batch_id: 'b-1' }, { batch_id: 'b-2' }])
})

test('a row the audit log cannot take is a bug, and fails at once', async () => {
  const batch = batchOf(message(purchase, { publishTime: '1990-01-01T00:00:00.000000Z' }))
  const write = createWriteAuditLog(createBatchReader(), warehouse(), metrics)
  await expect(attempt(write, [batch, 'b-old', []])).rejects.toMatchObject({
    type: 'warehouse_request',
    nonRetryable: true,
    message: expect.stringContaining('audit_log'),
  })
})

test('the ledger has the sums of the batch, once', async () => {
  const messages = [
    message(purchase, { messageId: 'm0', publishTime: '2026-11-20T10:00:01.500000Z' }),
    message(cancellation, { messageId: 'm1', publishTime: '2026-11-20T10:00:00.250000Z' }),
    message('not json', { messageId: 'm2', publishTime: '2026-11-20T10:00:02.000000Z' }),
  ]
  const books = { batchId: 'b-books', summary }
  const write = createWriteLedger(createBatchReader(), warehouse(), metrics)
  await attempt(write, [batchOf(...messages), books])
  await attempt(write, [batchOf(...messages), books])
  const [ledger, ...more] = await rows(
    `SELECT * EXCEPT (ingested_at, publish_time), CAST(publish_time AS STRING) AS oldest
     FROM streaming.batch_ledger WHERE batch_id = 'b-books'`,
  )
  expect(more).toEqual([])
  expect(ledger).toEqual({
    batch_id: 'b-books',
    oldest: expect.stringContaining('2026-11-20 10:00:00.25'),
    received: 3,
    accepted: 2,
    rejected: 1,
    duplicates: 0,
    staged_purchase: 1,
    staged_cancellation: 1,
    undeliverable: 0,
    activated: 1,
    not_activated: 1,
    waiting: 0,
  })
})

test('a batch without an accepted event has its line in the ledger all the same', async () => {
  const books = { batchId: 'b-none', summary }
  const write = createWriteLedger(createBatchReader(), warehouse(), metrics)
  await attempt(write, [batchOf(message('not json')), books])
  const query = `SELECT rejected FROM streaming.batch_ledger WHERE batch_id = 'b-none'`
  expect(await rows(query)).toEqual([{ rejected: 1 }])
})

const deadEvent = {
  publishTime: '2026-11-20T10:00:00.000000Z',
  attributes: { partner_id: 'dealer-7' },
  eventType: 'purchase',
  eventId: 'e1',
  orderId: null,
  faults: [
    { reason: 'amount_not_a_number', path: 'amount', expected: 'a number', received: '"x"' },
    { reason: 'order_id_missing', path: 'order_id', expected: 'a string', received: 'nothing' },
    { reason: 'order_id_missing', path: 'order_id', expected: 'a string', received: 'nothing' },
  ],
} as const

const letter: DeadLetter = {
  batchId: 'b-letter',
  partnerId: 'dealer-7',
  stage: 'validation',
  part: 0,
  events: [
    { ...deadEvent, messageId: 'm-text', data: { text: '{"größe": 1}' } },
    { ...deadEvent, messageId: 'm-wire', data: { base64: '/wD+' } },
    { ...deadEvent, messageId: 'm-wide', data: null },
  ],
}

test('the events of a dead letter are kept whole, once however often they are recorded', async () => {
  const record = createRecordDeadLetter(warehouse(), metrics)
  await attempt(record, ['dead-letter/b-letter/1', letter])
  await attempt(record, ['dead-letter/b-letter/1', letter])
  const kept = await rows(
    `SELECT dead_letter_id, stage, partner_id, type, event_id, order_id, reasons, data, message_id
     FROM streaming.dead_letter WHERE batch_id = 'b-letter' ORDER BY message_id`,
  )
  const same = {
    dead_letter_id: 'dead-letter/b-letter/1',
    stage: 'validation',
    partner_id: 'dealer-7',
    type: 'purchase',
    event_id: 'e1',
    order_id: null,
    reasons: ['amount_not_a_number', 'order_id_missing'],
  }
  expect(kept).toEqual([
    { ...same, message_id: 'm-text', data: Buffer.from('{"größe": 1}') },
    { ...same, message_id: 'm-wide', data: null },
    { ...same, message_id: 'm-wire', data: Buffer.from([0xff, 0, 0xfe]) },
  ])
  const faults = await rows(
    `SELECT faults, attributes FROM streaming.dead_letter WHERE message_id = 'm-text'`,
  )
  expect(JSON.parse(String(faults[0]?.['faults']))).toEqual(deadEvent.faults)
  expect(JSON.parse(String(faults[0]?.['attributes']))).toEqual(deadEvent.attributes)
})

test('a dead letter BigQuery cannot take now is recorded by a later attempt', async () => {
  const record = createRecordDeadLetter(warehouse(), metrics)
  await failInserts(url(), { status: 403, reason: 'quotaExceeded', times: 1 })
  const later = { ...letter, batchId: 'b-later' }
  await expect(attempt(record, ['dead-letter/b-later', later])).rejects.toMatchObject({
    type: 'warehouse_unavailable',
    nonRetryable: false,
  })
  await attempt(record, ['dead-letter/b-later', later])
  const query = `SELECT COUNT(*) AS n FROM streaming.dead_letter WHERE batch_id = 'b-later'`
  expect(await rows(query)).toEqual([{ n: 3 }])
})
