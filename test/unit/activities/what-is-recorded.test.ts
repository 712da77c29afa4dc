// What activities write and count: each row with all it has, each count with its label, and what is refused.

import { expect, test } from '@jest/globals'
import { MAX_EVENTS_WITH_VIOLATIONS, type Resolution, type TableName } from '#contracts'
import { activityMetrics } from '#runtime/metrics/groups'
import type { Row, Warehouse } from '#warehouse/warehouse'
import { appendAll } from '../../../activities/append-all.ts'
import { createWriteReceipt } from '../../../activities/erase/write-receipt.ts'
import { createBatchReader } from '../../../activities/read-batch.ts'
import { createRecordFailedAgain } from '../../../activities/record-failed-again.ts'
import { createRecordResolution } from '../../../activities/record-resolution.ts'
import { createRejectPoison } from '../../../activities/reject-poison.ts'
import { createStageEvents } from '../../../activities/stage-events.ts'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { cancellation, message, purchase } from '../../fixtures/messages.ts'
import { attempt, batchOf } from '../../support/activities.ts'

const row = (key: string): Row => ({ key: [key], columns: {} })

/** A warehouse that notes rows and refuses those at these places, and a meter. */
function sink(refused: readonly number[] = []) {
  const { meter, take } = createThreadMeter()
  const written: (readonly [TableName, Row])[] = []
  const warehouse: Warehouse = {
    append: async (table, rows) => {
      const failed = refused.filter((index) => index < rows.length)
      const taken = rows.filter((_, index) => !failed.includes(index))
      written.push(...taken.map((one) => [table, one] as const))
      const reason = 'warehouse_invalid_currency'
      return { written: taken.length, failed: failed.map((index) => ({ index, reason })) }
    },
  }
  const counted = () =>
    Object.fromEntries(
      take().map(({ name, tags, value }) => [[name, ...Object.values(tags)].join(' '), value]),
    )
  return { warehouse, metrics: activityMetrics(meter), written, counted }
}

test('rows of our own count as written where BigQuery took them, and one that it refuses is a defect', async () => {
  const of = sink([1, 2])
  await expect(appendAll(of, 'batch_ledger', [row('a'), row('b'), row('c')])).rejects.toMatchObject(
    {
      type: 'warehouse_request',
      message:
        'BigQuery refused 2 rows of batch_ledger, the first at index 1: warehouse_invalid_currency',
    },
  )
  expect(of.counted()).toEqual({ 'rows_written_total batch_ledger': 1 })
  await appendAll(of, 'batch_ledger', [])
  expect(of.counted()).toEqual({})
})

test('staged rows count by table, and the latency of those that BigQuery took', async () => {
  const of = sink([0])
  const stage = createStageEvents(createBatchReader(), of.warehouse, of.metrics)
  const order = (order_id: string) => message({ ...purchase, order_id })
  const batch = batchOf(order('a'), order('b'), order('c'), message(cancellation))
  expect(await attempt(stage, [batch, 'batch-1', []])).toMatchObject({
    purchase: 2,
    cancellation: 0,
    failed: [
      { index: 0, reasons: ['warehouse_invalid_currency'] },
      { index: 3, reasons: ['warehouse_invalid_currency'] },
    ],
  })
  const counted = of.counted()
  expect(counted).toMatchObject({ 'rows_written_total staging_purchase': 2 })
  expect(counted['rows_written_total staging_cancellation'] ?? 0).toBe(0)
})

const RESOLUTION: Resolution = {
  action: 'redrive',
  events: 3,
  attempt: 2,
  actor: 'ann',
  reason: 'agreed with dealer-7',
  patch: '{"all":[]}',
  occurredAt: '2026-11-20T10:00:00.000000Z',
  previousRunId: 'run-0',
  staged: [],
  limitedTo: {
    messageIds: ['m1', 'm2', 'm3'],
    others: { events: 1, stages: ['validation'], reasons: [], eventTypes: [] },
  },
}

test('who did what with a dead letter, why, and to which events, is recorded once a run', async () => {
  const of = sink()
  const record = createRecordResolution(of.warehouse, of.metrics)
  const workflowExecution = { workflowId: 'dead-letter/1', runId: 'run-1' }
  await attempt(record, ['dead-letter/1', { ...RESOLUTION, failed: 1 }], { workflowExecution })
  expect(of.written).toEqual([
    [
      'dead_letter_log',
      {
        key: ['dead-letter/1', 'run-1'],
        columns: {
          dead_letter_id: 'dead-letter/1',
          action: 'redrive',
          attempt: 2,
          outcome: 'failed',
          actor: 'ann',
          reason: 'agreed with dealer-7',
          patch: '{"all":[]}',
          events: 3,
          message_ids: ['m1', 'm2', 'm3'],
          failed: 1,
          run_id: 'run-1',
          occurred_at: '2026-11-20T10:00:00.000000Z',
        },
      },
    ],
  ])
})

test('the receipt of an erasure is recorded whole, once a request', async () => {
  const of = sink()
  const receipt = {
    subject: 's',
    actor: 'ann',
    reason: 'request 7',
    requestedAt: '2026-11-20T10:00:00Z',
    finishedAt: '2026-11-20T11:00:00Z',
    passes: 1,
  }
  await createWriteReceipt(of.warehouse, of.metrics)(Object(receipt))
  expect(of.written).toEqual([
    [
      'erasure_log',
      {
        key: ['s', '2026-11-20T10:00:00Z'],
        columns: {
          subject: 's',
          actor: 'ann',
          reason: 'request 7',
          requested_at: '2026-11-20T10:00:00Z',
          finished_at: '2026-11-20T11:00:00Z',
          receipt: JSON.stringify(receipt),
        },
      },
    ],
  ])
})

test('what failed again has a row of its own attempt with its bytes, and the first fifty tell every violation', async () => {
  const of = sink()
  const count = MAX_EVENTS_WITH_VIOLATIONS + 1
  const messages = Array.from({ length: count }, (_, i) =>
    message({ ...purchase, amount: 'x', consent: { a: 'yes', b: 'no' } }, { messageId: `m${i}` }),
  )
  const casualties = messages.map((_, index) => ({
    index,
    partnerId: 'dealer-7',
    reasons: ['amount_not_a_number', 'consent_not_a_boolean'],
  }))
  const failures = [{ stage: 'validation' as const, casualties }]
  const record = createRecordFailedAgain(createBatchReader(), of.warehouse, of.metrics)
  const again = { batchId: 'batch-1', attempt: 3, failures }
  const workflowExecution = { workflowId: 'dead-letter/1', runId: 'run-1' }
  const failed = await attempt(record, [batchOf(...messages), again], { workflowExecution })
  expect(failed).toHaveLength(count)
  expect(of.written.map(([table, { key, columns }]) => [table, key, columns['data']])).toEqual(
    messages.map(({ messageId, data }) => [
      'dead_letter',
      ['dead-letter/1', messageId, '3'],
      Buffer.from(data),
    ]),
  )
  expect(of.written[0]?.[1].columns).toMatchObject({ batch_id: 'batch-1', attempt: 3 })
  const [first, fiftieth, last] = [failed[0], failed[count - 2], failed[count - 1]]
  expect(first?.faults.map(({ path }) => path)).toEqual(['amount', 'consent.a', 'consent.b'])
  expect(fiftieth?.faults).toHaveLength(3)
  expect(last?.faults).toEqual(
    ['amount_not_a_number', 'consent_not_a_boolean'].map((reason) => ({
      reason,
      path: '',
      expected: '',
      received: '',
    })),
  )
})

test.each([
  [true, 0],
  [false, 1],
])(
  'poison that was read before: %p, is counted as rejected %d times more',
  async (isReadable, times) => {
    const counts: unknown[] = []
    const reject = createRejectPoison(createBatchReader(), (_messages, decisions) => {
      counts.push(decisions)
    })
    const part = message(purchase, { part: { index: 1, of: 2 } })
    const rejected = [{ index: 0, partnerId: 'dealer-7', reasons: ['poison'] }]
    const answer = await attempt(reject, [batchOf(part), { batchId: 'b', isReadable }])
    // The second part of a message is no other message.
    expect(answer).toEqual({ received: 0, accepted: 0, rejected, duplicates: [] })
    expect(counts).toEqual(Array.from({ length: times }, () => ({ rejected, duplicates: [] })))
    const whole = await attempt(reject, [batchOf(message()), { batchId: 'b', isReadable }])
    expect(whole.received).toBe(1)
  },
)
