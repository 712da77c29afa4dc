// What the bridge acknowledged is compared with the audit log, apart from what any worker or BigQuery says of it.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { type Message, type Progress, type SweepResult, WORKFLOW } from '#contracts'
import { receiptFor } from '#runtime/receipt'
import { createInsertAllWarehouse } from '#warehouse/insert-all'
import { createReader } from '#warehouse/read'
import { createBatchReader, readEach } from '../../../activities/read-batch.ts'
import { readAudited } from '../../../activities/sweep/read-audited.ts'
import { auditRow, createWriteAuditLog } from '../../../activities/write-audit-log.ts'
import { cutBatches } from '../../../bridge/cut-batches.ts'
import { batchId, startBatch } from '../../../bridge/start-batch.ts'
import { message, purchase, purchases } from '../../fixtures/messages.ts'
import { attempt, batchOf, metrics } from '../../support/activities.ts'
import { type LyingBigQuery, startLyingBigQuery } from '../../support/lying-bigquery.ts'
import { useStackWithTables } from '../../support/stack.ts'
import { useSweep } from '../../support/sweep.ts'
import { waitFor } from '../../support/wait-for.ts'

const stack = useStackWithTables('temporal', 'bigquery')
const sweepOf = useSweep(stack)
const { activities, bigquery, client, listed, nowhere, rows, startWorker, taskQueue } = sweepOf

/** The queue of a worker whose BigQuery can lie. */
const lyingQueue = randomUUID()
let liar: LyingBigQuery
let stopLiar = async () => {}

beforeAll(async () => {
  liar = await startLyingBigQuery(stack().bigquery.url)
  const warehouse = createInsertAllWarehouse(liar.bigquery)
  stopLiar = await startWorker({ queue: lyingQueue, warehouse })
}, 60_000)
afterAll(async () => {
  await stopLiar()
  await liar.close()
})

const NEVER: Progress = { until: null, postponed: [] }
const soon = () => new Date(Date.now() + 60_000).toISOString()

const check = (from: Progress = NEVER) => attempt(activities().checkReceipts, [from, soon()])

/** Starts a batch as the bridge does, and waits for its end. */
async function run(messages: readonly Message[], queue = taskQueue): Promise<string> {
  await startBatch(client(), queue, messages)
  const id = batchId(messages)
  await client().workflow.getHandle(id).result()
  await listed(id)
  return id
}

const acknowledged = (id: string) =>
  rows(
    `SELECT acknowledged, audited, not_audited, is_unreadable FROM streaming.acknowledged AS batch
     WHERE batch_id = @id`,
    { id },
  )

const sums = async () => {
  const [row] = await rows(
    `SELECT SUM(received) AS received, SUM(staged) AS staged, SUM(not_audited) AS notAudited,
       SUM(unaccounted) AS unaccounted
     FROM streaming.reconciliation`,
  )
  return {
    received: Number(row?.['received'] ?? 0),
    staged: Number(row?.['staged'] ?? 0),
    notAudited: Number(row?.['notAudited'] ?? 0),
    unaccounted: Number(row?.['unaccounted'] ?? 0),
  }
}

const increaseOver = (before: Awaited<ReturnType<typeof sums>>) => async () => {
  const now = await sums()
  return {
    received: now.received - before.received,
    staged: now.staged - before.staged,
    notAudited: now.notAudited - before.notAudited,
    unaccounted: now.unaccounted - before.unaccounted,
  }
}

async function deadLettered(): Promise<number> {
  const [row] = await rows('SELECT SUM(dead_lettered) AS events FROM streaming.reconciliation')
  return Number(row?.['events'] ?? 0)
}

/** Ends a batch as a person may. */
const terminate = (messages: readonly Message[]) =>
  client().workflow.getHandle(batchId(messages)).terminate('by a test')

/** Waits until the dead letter of a terminated batch accounts for its events. */
async function openDeadLetter(messages: readonly Message[]): Promise<void> {
  const before = await deadLettered()
  const isOpen = async () => {
    await attempt(activities().openEndedBatches, [NEVER, soon()])
    return (await deadLettered()) === before + messages.length
  }
  await waitFor(isOpen, 'the dead letter of the terminated batch', 30_000)
}

const foundOf = (id: string, { examples }: Awaited<ReturnType<typeof check>>) =>
  examples.filter((one) => one.id === id).map(({ what, missing }) => ({ what, missing }))

test('an honest batch writes its receipt itself, and nothing disagrees', async () => {
  const before = await sums()
  const id = await run(purchases(12))
  const receipts = await rows(
    'SELECT messages, source FROM streaming.batch_receipt WHERE batch_id = @id',
    { id },
  )
  expect(receipts).toEqual([{ messages: 12, source: 'batch' }])
  expect(await acknowledged(id)).toEqual([
    { acknowledged: 12, audited: 12, not_audited: 0, is_unreadable: false },
  ])
  expect(await increaseOver(before)()).toMatchObject({ received: 12, staged: 12, unaccounted: 0 })
  const checked = await check()
  expect(foundOf(id, checked)).toEqual([])
  expect(checked.checked).toBeGreaterThan(0)
})

/** What the last check told in the metric of the alert LedgerUnaccounted. */
const unaccounted = () => sweepOf.counted('ledger_unaccounted_events').at(-1)?.value ?? 0

test('a BigQuery that confirms rows of the audit log and stores none shows in the reconciliation and the metric at once', async () => {
  const before = await sums()
  await check()
  const counted = unaccounted()
  liar.loseRowsOf('audit_log')
  const id = await run(purchases(7), lyingQueue)
  expect(await acknowledged(id)).toMatchObject([{ acknowledged: 7, audited: 0, not_audited: 7 }])
  expect(await increaseOver(before)()).toMatchObject({ received: 7, unaccounted: 7 })
  expect(foundOf(id, await check())).toEqual([{ what: 'not_audited', missing: 7 }])
  expect(unaccounted() - counted).toBe(7)
})

test('one that stores nothing at all is found by one sweep, is told until the batch is run again, and then no more', async () => {
  const before = await sums()
  const tables = ['audit_log', 'batch_receipt', 'staging_purchase', 'batch_ledger']
  liar.loseRowsOf(...tables, 'activation_log')
  const id = await run(purchases(9), lyingQueue)
  const increase = increaseOver(before)
  expect(await increase()).toEqual({ received: 0, staged: 0, notAudited: 0, unaccounted: 0 })

  const result: SweepResult = await client().workflow.execute(WORKFLOW.sweep, {
    workflowId: `sweep-${randomUUID()}`,
    taskQueue,
    args: [0],
  })
  expect(result.failed).toEqual([])
  expect(result.acknowledged?.disagreements.not_audited).toBeGreaterThan(0)
  const [notAudited] = sweepOf.counted('batch_receipt_disagreements').slice(-2)
  expect(notAudited).toMatchObject({
    value: result.acknowledged?.disagreements.not_audited,
    tags: { kind: 'not_audited' },
  })
  expect(result.acknowledged?.examples).toContainEqual({ id, what: 'not_audited', missing: 9 })
  expect(await increase()).toEqual({ received: 9, staged: 0, notAudited: 9, unaccounted: 9 })

  liar.loseRowsOf()
  const again = await check(result.receipts)
  expect(foundOf(id, again)).toEqual([{ what: 'not_audited', missing: 9 }])
  await resetBatch(id)
  const postponed = again.postponed.filter(({ workflowId }) => workflowId === id)
  expect(postponed.length).toBe(1)
  expect(foundOf(id, await check({ until: again.until, postponed }))).toEqual([])
  expect(await increase()).toEqual({ received: 9, staged: 9, notAudited: 0, unaccounted: 0 })
})

/** What docs/errors.md says to do: `temporal workflow reset --type FirstWorkflowTask`. */
async function resetBatch(workflowId: string): Promise<void> {
  const { namespace } = client().options
  const { events } = await client().workflow.getHandle(workflowId).fetchHistory()
  const firstTask = events?.find((event) => event.workflowTaskCompletedEventAttributes)?.eventId
  if (!firstTask) throw new Error('the batch has no workflow task')
  await client().workflowService.resetWorkflowExecution({
    namespace,
    workflowExecution: { workflowId },
    reason: 'rows lost',
    requestId: randomUUID(),
    workflowTaskFinishEventId: firstTask,
  })
  await client().workflow.getHandle(workflowId).result()
  await listed(workflowId)
}

test('events that BigQuery confirms and does not store in a staging table are counted as unaccounted', async () => {
  await check()
  const before = unaccounted()
  liar.loseRowsOf('staging_purchase')
  const open = purchases(2)
  await run(purchases(6), lyingQueue)
  await startBatch(client(), nowhere, open)
  await listed(batchId(open))
  await check()
  expect(unaccounted() - before).toBe(6)
  liar.loseRowsOf()
  await terminate(open)
  await openDeadLetter(open)
})

test('a batch that is open counts as acknowledged, and is no disagreement', async () => {
  const before = await sums()
  const messages = purchases(5)
  await startBatch(client(), nowhere, messages)
  await listed(batchId(messages))
  const checked = await check()
  expect(foundOf(batchId(messages), checked)).toEqual([])
  expect(await increaseOver(before)()).toMatchObject({ received: 5, unaccounted: 5 })
  await terminate(messages)
  await listed(batchId(messages))
  expect(foundOf(batchId(messages), await check())).toEqual([{ what: 'not_audited', missing: 5 }])
  await openDeadLetter(messages)
})

test('what the sweep writes of a batch that was terminated is audited as any other', async () => {
  const before = await sums()
  const messages = purchases(4)
  await startBatch(client(), nowhere, messages)
  await terminate(messages)
  await openDeadLetter(messages)
  expect(foundOf(batchId(messages), await check())).toEqual([])
  expect(await increaseOver(before)()).toMatchObject({ received: 4, notAudited: 0 })
})

test('other messages than were acknowledged are told although there are as many', async () => {
  const [first, second] = purchases(2)
  if (!first || !second) throw new Error('there are two')
  liar.loseRowsOf('audit_log')
  const id = await run([first], lyingQueue)
  liar.loseRowsOf()
  const write = createWriteAuditLog(createBatchReader(), warehouse(), metrics)
  await attempt(write, [batchOf(second), id, [], null])
  expect(foundOf(id, await check())).toEqual([{ what: 'other_audited', missing: 0 }])
})

const warehouse = () => createInsertAllWarehouse(bigquery())

test('the messages of a batch that was split are those of its parts', async () => {
  const messages = purchases(6)
  liar.loseRowsOf('audit_log')
  const id = await run(messages, lyingQueue)
  liar.loseRowsOf()
  const write = createWriteAuditLog(createBatchReader(), warehouse(), metrics)
  await attempt(write, [batchOf(...messages.slice(0, 3)), `${id}/1`, [], null])
  expect(foundOf(id, await check())).toEqual([{ what: 'not_audited', missing: 3 }])
  await attempt(write, [batchOf(...messages.slice(3)), `${id}/2/1`, [], null])
  expect(foundOf(id, await check())).toEqual([])
  expect(await acknowledged(id)).toMatchObject([{ acknowledged: 6, audited: 6 }])
})

test('a message that comes again in another batch raises no alarm', async () => {
  const before = await sums()
  const messages = purchases(3)
  const ids = [await run(messages), await run([...messages.slice(1), ...purchases(1)])]
  const checked = await check()
  expect(ids.flatMap((id) => foundOf(id, checked))).toEqual([])
  expect(await increaseOver(before)()).toMatchObject({ received: 4, staged: 4, unaccounted: 0 })
})

test('a message that was cut into parts counts once, and each part must be there', async () => {
  const before = await sums()
  const large = message(Buffer.alloc(2_500_000, 'x'), {
    messageId: randomUUID(),
    publishTime: new Date().toISOString().replace('Z', '000Z'),
  })
  const [group] = cutBatches([{ ackId: 'a', message: large }], { maxEvents: 9, maxBytes: 9e6 })
  const parts = group?.batches ?? []
  expect(parts.length).toBeGreaterThan(1)
  const ids: string[] = []
  for (const [index, part] of parts.entries()) {
    liar.loseRowsOf(...(index === 1 ? ['audit_log'] : []))
    ids.push(await run(part, lyingQueue))
  }
  liar.loseRowsOf()
  const checked = await check()
  expect(ids.map((id) => foundOf(id, checked).length)).toEqual(ids.map((_, i) => (i === 1 ? 1 : 0)))
  expect(await increaseOver(before)()).toMatchObject({ received: 1, notAudited: 0 })
})

test('a batch over midnight is counted on both days', async () => {
  const [first, second, third] = purchases(3)
  if (!first || !second || !third) throw new Error('there are three')
  const id = await run([
    { ...first, publishTime: '2026-11-20T23:59:59.999999Z' },
    { ...second, publishTime: '2026-11-21T00:00:00.000000Z' },
    { ...third, publishTime: '2026-11-21T00:00:00.000001Z' },
  ])
  const days = await rows(
    `SELECT CAST(day AS STRING) AS day, acknowledged, not_audited FROM streaming.acknowledged AS batch
     WHERE batch_id = @id ORDER BY day`,
    { id },
  )
  expect(days).toEqual([
    { day: '2026-11-20', acknowledged: 1, not_audited: 0 },
    { day: '2026-11-21', acknowledged: 2, not_audited: 0 },
  ])
  expect(foundOf(id, await check())).toEqual([])
})

const someMessages = fc.array(
  fc.record({
    messageId: fc.string({ minLength: 1, maxLength: 12 }),
    part: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 25 },
)

test('BigQuery digests the ids of the audit log as the bridge digests those of its messages', async () => {
  const read = createReader(bigquery())
  await fc.assert(
    fc.asyncProperty(someMessages, async (some) => {
      const messages = some.map(({ messageId, part }) =>
        message(purchase, {
          messageId,
          ...(part !== undefined && { part: { index: part, of: 4 } }),
        }),
      )
      const workflowId = `batch-${randomUUID()}`
      const audited = readEach(messages).map((one) => auditRow(one, workflowId))
      await warehouse().append('audit_log', [...audited, ...audited.slice(0, 2)])
      const receipt = receiptFor(messages)
      const started = { workflowId, runId: '', receipt, isOpen: false }
      const found = (await readAudited(read, [started])).get(workflowId)
      expect(found).toEqual({
        digest: receipt.digest,
        messages: new Set(
          messages.filter(({ part }) => (part?.index ?? 0) === 0).map((one) => one.messageId),
        ).size,
        isWhole: false,
      })
    }),
    { numRuns: 40 },
  )
})
