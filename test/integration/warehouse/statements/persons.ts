// What is found of a person, what an erasure makes of it, and what stays: rows of others, and what the counts need.

import { beforeAll, expect, test } from '@jest/globals'
import { type ErasureReceipt, NO_ROWS } from '#contracts'
import { createChanger } from '#warehouse/change'
import { erasePerson, isNothing } from '#warehouse/erasure/erase-person'
import { findPerson } from '#warehouse/erasure/find-person'
import { createReader } from '#warehouse/read'
import { readErasureReceipt } from '#warehouse/sql/erasure-receipts'
import { openLetterEvents } from '#warehouse/sql/open-letter-events'
import { type bigqueryAt, flushStreamingBuffer, rowsOf } from '../../../support/parts.ts'
import { at, type Given, insert, insertRaw } from './rows.ts'

const PERSON = { partnerId: 'eraser-1', customerId: 'C900' }
const LETTER = 'dead-letter/batch-erase/eraser-1-0/validation'
const CLOSED = 'dead-letter/batch-erase/eraser-1-1/validation'
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')

const sent = (message_id: string, time: string, more: Given = {}) => ({
  partner_id: 'eraser-1',
  order_id: 'E1',
  batch_id: 'batch-erase',
  message_id,
  event_id: `event-${message_id}`,
  content_hash: 'hash-of-e',
  publish_time: at(time),
  ...more,
})

const named = (message_id: string, time: string, customer_id: string, more: Given = {}) =>
  sent(message_id, time, { data: base64({ customer_id, email: 'a@b.example' }), ...more })

const AUDITED = [
  named('e1', '21:00', 'C900', { attributes: '{"note":"C900"}' }),
  // No customer id can be read in it.
  sent('e2', '21:01', { order_id: null, data: base64('call C900 back') }),
  sent('e3', '21:02', { order_id: null, data: base64('C9001 is another') }),
  sent('e4', '21:03', { data: base64('of the same order') }),
  // Whoever brought the same order.
  named('e5', '21:04', 'C901'),
  named('e6', '21:05', 'C900', { partner_id: 'eraser-2' }),
  sent('e7', '21:06', {
    partner_id: 'unknown',
    order_id: null,
    data: base64({ customer_id: 'C900' }),
  }),
  sent('e8', '21:07', { order_id: null, data: base64('the car WVWZZZ99') }),
]

const bought = (message_id: string, time: string, customer_id: string, more: Given = {}) =>
  sent(message_id, time, {
    customer_id,
    amount: '45000.5',
    email: 'a@b.example',
    vehicle_vin: 'WVWZZZ99',
    timestamp: at('09:30'),
    ...more,
  })

const told = (message_id: string, time: string, more: Given = {}) =>
  sent(message_id, time, { outcome: 'accepted', reason: 'why', ...more })

function failed(message_id: string, dead_letter_id: string, time: string, more: Given = {}) {
  const { content_hash: _, ...row } = sent(message_id, time)
  const contents = { data: base64('call C900 back'), faults: '[{"received":"C900"}]' }
  return { ...row, dead_letter_id, order_id: null, ...contents, ...more }
}

const action = (run_id: string, more: Given) => ({
  dead_letter_id: CLOSED,
  action: 'redrive',
  attempt: 1,
  outcome: 'closed',
  actor: 'ann',
  reason: 'fixed',
  events: 1,
  failed: 0,
  run_id,
  occurred_at: at('21:30'),
  ...more,
})

const PATCH = [
  { patch: [{ op: 'replace', path: '/amount', value: 1 }], messages: ['e2', 'm-of-others'] },
]

const RECEIPT = { subject: 'subject-1', rows: NO_ROWS }

/** @param bigquery of a stack with tables @param url of the same */
export function describePersonStatements(
  bigquery: () => ReturnType<typeof bigqueryAt>,
  url: () => string,
): void {
  const reader = () => createReader(bigquery())
  beforeAll(async () => {
    await insert(bigquery(), 'audit_log', AUDITED)
    await insert(bigquery(), 'staging_purchase', [
      bought('e1', '21:00', 'C900'),
      bought('e5', '21:04', 'C901'),
      bought('e6', '21:05', 'C900', { partner_id: 'eraser-2' }),
    ])
    await insert(bigquery(), 'activation_log', [
      told('e1', '21:00', { customer_id: 'C900' }),
      // A row of an earlier version has no customer.
      told('e4', '21:03'),
      told('e5', '21:04', { customer_id: 'C901' }),
    ])
    await insert(bigquery(), 'dead_letter', [
      failed('e2', LETTER, '21:01'),
      failed('e2', CLOSED, '21:01', { data: null }),
      failed('e3', CLOSED, '21:02', { data: base64('C9001 is another') }),
    ])
    await insertRaw(bigquery(), 'dead_letter_log', [
      action('of-it', { reason: 'C900 asked for it', patch: JSON.stringify(PATCH) }),
      action('of-others', { patch: JSON.stringify([{ text: 'x', messages: ['e3'] }]) }),
    ])
    const receipts = ['2026-11-20', '2026-11-22', '2026-11-21'].map((day) => ({
      subject: RECEIPT.subject,
      actor: 'ann',
      reason: 'asked',
      requested_at: at('09:00'),
      finished_at: `${day}T10:00:00Z`,
      receipt: JSON.stringify({ ...RECEIPT, finishedAt: day }),
    }))
    await insertRaw(bigquery(), 'erasure_log', receipts)
  })

  const FOUND = {
    ...NO_ROWS,
    audit_log: 4,
    staging_purchase: 1,
    dead_letter: 2,
    dead_letter_log: 1,
    activation_log: 2,
  }

  test('everything of a person is found: by the customer, by the order and by a word', async () => {
    const traces = await findPerson(reader(), PERSON)
    expect(traces.messageIds.toSorted()).toEqual(['e1', 'e2', 'e4', 'e8'])
    expect(traces).toMatchObject({
      from: at('21:00'),
      to: at('21:07'),
      orders: ['E1'],
      batches: ['batch-erase'],
      rows: FOUND,
      unattributed: 1,
    })
    expect(traces.letters.toSorted()).toEqual([LETTER, CLOSED].toSorted())
    expect(traces.identifiers.toSorted()).toEqual(['WVWZZZ99', 'a@b.example'])
    expect(isNothing(traces.rows)).toBe(false)
  })

  test('rows that were streamed lately wait, and the staged rows by which all others are found wait for them', async () => {
    const access = { read: reader(), change: createChanger(reader()) }
    const traces = await findPerson(access.read, PERSON)
    const erased = await erasePerson(access, { person: PERSON, traces, salt: 'salt' })
    expect(erased).toEqual({
      rows: NO_ROWS,
      buffered: ['audit_log', 'dead_letter', 'dead_letter_log', 'activation_log'],
    })
    expect((await findPerson(access.read, PERSON)).rows).toEqual(FOUND)
  })

  test('an erasure leaves nothing of the person, and all of the others', async () => {
    const rows = (sql: string) => rowsOf(bigquery(), sql)
    const others = `SELECT message_id, TO_BASE64(data) AS data FROM streaming.audit_log
      WHERE message_id IN ('e3', 'e5', 'e6', 'e7') ORDER BY message_id`
    const [othersBefore, staged] = [
      await rows(others),
      "SELECT * FROM streaming.staging_purchase WHERE message_id IN ('e5', 'e6') ORDER BY message_id",
    ]
    const stagedBefore = await rows(staged)
    await flushStreamingBuffer(url())
    const access = { read: reader(), change: createChanger(reader()) }
    const traces = await findPerson(access.read, PERSON)
    expect(await erasePerson(access, { person: PERSON, traces, salt: 'salt' })).toEqual({
      rows: FOUND,
      buffered: [],
    })
    const left = await findPerson(access.read, PERSON)
    expect(left).toMatchObject({ keys: [], messageIds: [], rows: NO_ROWS, unattributed: 1 })
    expect(isNothing(left.rows)).toBe(true)
    expect(await rows(others)).toEqual(othersBefore)
    expect(await rows(staged)).toEqual(stagedBefore)
    const [row] = await rows(`SELECT order_id, event_id, customer_id, email, vehicle_vin,
      CAST(amount AS STRING) AS amount, car_model, CAST(timestamp AS STRING) AS timestamp, message_id
      FROM streaming.staging_purchase WHERE message_id = 'e1'`)
    expect(row).toMatchObject({
      order_id: expect.stringMatching(/^erased-[0-9a-f]{32}$/),
      event_id: expect.stringMatching(/^erased-[0-9a-f]{32}$/),
      customer_id: '(erased)',
      email: null,
      vehicle_vin: null,
      amount: '45000.5',
      car_model: 'SUV',
      timestamp: expect.stringMatching(/^2026-11-20 00:00:00/),
    })
    const ids = await rows(`SELECT DISTINCT order_id FROM (
      SELECT order_id FROM streaming.audit_log WHERE message_id IN ('e1', 'e4')
      UNION ALL SELECT order_id FROM streaming.activation_log WHERE message_id IN ('e1', 'e4'))`)
    expect(ids).toEqual([{ order_id: row?.['order_id'] }])
    const log = await rows(`SELECT run_id, reason, TO_JSON_STRING(patch) AS patch
      FROM streaming.dead_letter_log WHERE dead_letter_id = '${CLOSED}' ORDER BY run_id`)
    expect(log.map((one) => ({ ...one, patch: JSON.parse(String(one['patch'])) }))).toEqual([
      {
        run_id: 'of-it',
        reason: '(erased)',
        patch: [{ ...PATCH[0], messages: ['m-of-others'] }],
      },
      { run_id: 'of-others', reason: 'fixed', patch: [{ text: 'x', messages: ['e3'] }] },
    ])
    const reasons = await rows(
      "SELECT DISTINCT reason FROM streaming.activation_log WHERE partner_id = 'eraser-1'",
    )
    expect(reasons).toEqual([{ reason: 'why' }])
  })

  test('the open events of a dead letter are read without their contents', async () => {
    expect(await reader()(openLetterEvents([LETTER, CLOSED]))).toEqual([
      {
        key: expect.stringMatching(/^e2@\d{16}$/),
        dead_letter_id: LETTER,
        batch_id: 'batch-erase',
        stage: 'validation',
        partner_id: 'eraser-1',
        type: 'purchase',
        reasons: ['not_json'],
        message_id: 'e2',
        publish_time: at('21:01'),
      },
    ])
    expect(await reader()(openLetterEvents([]))).toEqual([])
  })

  test('the receipt of a person is the last one', async () => {
    const receipt: ErasureReceipt | null = await readErasureReceipt(reader(), RECEIPT.subject)
    expect(receipt).toMatchObject({ ...RECEIPT, finishedAt: '2026-11-22' })
    expect(await readErasureReceipt(reader(), 'another')).toBeNull()
  })
}
