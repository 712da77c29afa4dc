// Which batches a check of receipts compares, reports, and leaves to the next check.

import { expect, test } from '@jest/globals'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import type { ReceiptCheck } from '#contracts'
import { sweepMetrics } from '#runtime/metrics/groups'
import { createCheckReceipts } from '../../../activities/sweep/check-receipts.ts'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { metrics, recordingWarehouse } from '../../support/activities.ts'

const UNTIL = '2026-11-20T12:00:00.000Z'
const DAY = '2026-11-20T10:00:00.000Z'

type Run = { readonly id: string; readonly status: string; readonly messages?: number }

const listed = ({ id, status, messages = 2 }: Run) => ({
  workflowId: id,
  runId: `${id}#1`,
  status: { name: status },
  memo: { receipt: { digest: `digest-${id}`, days: [{ oldest: DAY, messages }] } },
})

type Audited = { readonly messages: number; readonly digest?: string; readonly isWhole?: boolean }

/** What Temporal lists, what BigQuery has of each batch, and which batches have a run under way. */
async function check(given: {
  readonly ended?: readonly Run[]
  readonly open?: readonly Run[]
  readonly postponed?: readonly Run[]
  readonly audited?: Readonly<Record<string, Audited>>
  readonly known?: readonly string[]
  readonly underWay?: readonly string[]
  /** Messages that are audited, and neither staged nor in a dead letter, by batch. */
  readonly lost?: Readonly<Record<string, number>>
}) {
  const { ended = [], open = [], postponed = [], audited = {}, known = [], underWay = [] } = given
  const { meter, take } = createThreadMeter()
  const client: Client = Object({
    workflow: {
      async *list({ query }: { query: string }) {
        yield* (query.includes('Stage IS NULL') ? open : ended).map(listed)
      },
      count: async (query: string) => ({
        count: query.includes('CloseTime')
          ? ended.length
          : underWay.filter((id) => query.includes(`'${id}'`)).length,
      }),
      getHandle: (id: string) => ({
        describe: async () => {
          const run = postponed.find((one) => one.id === id && one.status !== 'DELETED')
          if (!run) throw new WorkflowNotFoundError('not found', id, undefined)
          return listed(run)
        },
      }),
    },
  })
  const read = Object(async ({ sql }: { sql: string }) => {
    if (sql.includes('batch_receipt')) return known.map((id) => ({ id }))
    if (!sql.includes('is_whole'))
      return Object.entries(given.lost ?? {}).map(([id, messages]) => ({ id, messages }))
    return Object.entries(audited).map(([id, one]) => ({
      id,
      digest: `digest-${id}`,
      isWhole: false,
      ...one,
    }))
  })
  const { warehouse, of } = recordingWarehouse()
  const activity = createCheckReceipts({
    client,
    warehouse,
    read,
    metrics: { ...metrics, ...sweepMetrics(meter) },
  })
  const last = {
    until: null,
    postponed: postponed.map(({ id }) => ({ workflowId: id, runId: `${id}#0` })),
  }
  // What is found is logged as an error, which is what most of these tests cause.
  const environment = new MockActivityEnvironment(
    {},
    { logger: new DefaultLogger('ERROR', () => {}) },
  )
  const result: ReceiptCheck = await environment.run(activity, last, UNTIL)
  return { ...result, receipts: of('batch_receipt'), counted: take() }
}

const idsOf = (runs: readonly { readonly workflowId: string }[]) =>
  runs.map(({ workflowId }) => workflowId)

const ENDINGS = ['COMPLETED', 'FAILED', 'TERMINATED', 'TIMED_OUT', 'CANCELLED']

test.each(ENDINGS)('a batch that ended as %s is compared', async (status) => {
  const missing = { id: 'b', what: 'not_audited', missing: 2 }
  const found = await check({ ended: [{ id: 'b', status }] })
  expect(found).toMatchObject({ checked: 1, examples: [missing] })
  expect(idsOf(found.postponed)).toEqual(['b'])
})

test.each<[string, Audited, object[]]>([
  ['all of its messages', { messages: 2 }, []],
  ['its bytes as a whole', { messages: 0, digest: 'other', isWhole: true }, []],
  [
    'one message fewer',
    { messages: 1, digest: 'other' },
    [{ id: 'b', what: 'not_audited', missing: 1 }],
  ],
  [
    'as many other messages',
    { messages: 2, digest: 'other' },
    [{ id: 'b', what: 'other_audited', missing: 0 }],
  ],
  [
    'one message more',
    { messages: 3, digest: 'other' },
    [{ id: 'b', what: 'other_audited', missing: 0 }],
  ],
])('a batch of which the audit log has %s', async (_what, audited, examples) => {
  const ended = [{ id: 'b', status: 'COMPLETED' }]
  expect((await check({ ended, audited: { b: audited } })).examples).toEqual(examples)
})

test('a batch that is open is not compared, and its receipt is written where the table lacks it', async () => {
  const open = [
    { id: 'b', status: 'RUNNING' },
    { id: 'c', status: 'RUNNING' },
  ]
  const found = await check({ open, known: ['c'] })
  expect(found).toMatchObject({ checked: 0, written: 1, examples: [], postponed: [] })
  expect(found.receipts).toEqual([
    {
      batch_id: 'b',
      publish_time: DAY,
      messages: 2,
      message_digest: 'digest-b',
      source: 'sweep',
    },
  ])
})

test('a batch that is under way again is not reported, and is compared by the next check', async () => {
  const ended = [{ id: 'b', status: 'TERMINATED' }]
  const found = await check({ ended, underWay: ['b'] })
  expect(found).toMatchObject({ checked: 1, examples: [] })
  expect(idsOf(found.postponed)).toEqual(['b'])
})

test('what disagreed before is compared again, until Temporal has deleted it', async () => {
  const postponed = [
    { id: 'b', status: 'COMPLETED' },
    { id: 'c', status: 'DELETED' },
  ]
  const found = await check({ postponed })
  expect(found).toMatchObject({ checked: 1, disagreements: { not_audited: 1, other_audited: 0 } })
  expect(idsOf(found.postponed)).toEqual(['b'])
})

test('what is missing is measured: batches by how they disagree, and messages that nothing has', async () => {
  const ended = [
    { id: 'b', status: 'COMPLETED', messages: 5 },
    { id: 'c', status: 'COMPLETED', messages: 2 },
    { id: 'd', status: 'COMPLETED', messages: 2 },
  ]
  const audited = {
    b: { messages: 3, digest: 'other' },
    c: { messages: 2, digest: 'other' },
    d: { messages: 2 },
  }
  const before = Date.now() / 1000
  const { counted } = await check({ ended, audited, lost: { x: 30, y: 7 }, underWay: ['y'] })
  const gauges = Object.fromEntries(
    counted.map(({ name, tags, value }) => [[name, ...Object.values(tags)].join(' '), value]),
  )
  expect(gauges).toEqual({
    'batch_receipt_disagreements not_audited': 1,
    'batch_receipt_disagreements other_audited': 1,
    // Two of the batch that has fewer, and those of the batch that has ended.
    ledger_unaccounted_events: 32,
    'sweep_last_run_timestamp_seconds receipts': expect.any(Number),
  })
  const ran = gauges['sweep_last_run_timestamp_seconds receipts'] ?? 0
  expect(ran).toBeGreaterThanOrEqual(before)
  expect(ran).toBeLessThanOrEqual(Date.now() / 1000)
})
