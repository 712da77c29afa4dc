// Activation on its own task queue, with the real activities: while the queue is paused, and when Segment answers with errors.

import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from '@jest/globals'
import { createHttpSegment } from '#activation/segment/segment-http'
import { type Message, WORKFLOW } from '#contracts'
import { encodeBatch } from '#contracts/batch-payload'
import { writeActivationLimit } from '#runtime/activation-queue'
import { createInsertAllWarehouse } from '#warehouse/insert-all'
import { createActivities } from '../../activities/index.ts'
import { billedActions } from '../../bench/history-cost.ts'
import { WORKFLOWS_PATH } from '../../workers/options.ts'
import { cancellation, message, purchase } from '../fixtures/messages.ts'
import { metrics } from '../support/activities.ts'
import { lookUpOrdersIn } from '../support/order-look-up.ts'
import { bigqueryAt, callsAt, clearFaults, failCalls, rowsOf } from '../support/parts.ts'
import { useStackWithTables } from '../support/stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { useBundle, useWorkflows } from '../support/workflows.ts'

const stack = useStackWithTables('temporal', 'bigquery', 'segment')
const bundle = useBundle({
  workflowsPath: WORKFLOWS_PATH,
  workflowInterceptorModules: [
    fileURLToPath(new URL('../support/short-turns.ts', import.meta.url)),
  ],
})
const { client, serve, taskQueue } = useWorkflows(bundle)

const bigquery = () => bigqueryAt(stack().bigquery.url)
const rows = (query: string, params: Record<string, unknown>) => rowsOf(bigquery(), query, params)

afterEach(() => clearFaults(stack().segment.url))

const activities = () =>
  createActivities({
    warehouse: createInsertAllWarehouse(bigquery()),
    segment: createHttpSegment({ host: stack().segment.url, writeKey: 'key' }),
    lookUpOrders: lookUpOrdersIn(bigquery()),
    temporal: client(),
    taskQueue,
    segmentNamespace: 'test',
    metrics,
  })

const orders = (prefix: string, count: number, more: object = {}): Message[] =>
  Array.from({ length: count }, (_, i) =>
    message({ ...purchase, ...more, order_id: `${prefix}-${i}`, customer_id: `C-${prefix}-${i}` }),
  )

const start = (workflowId: string, messages: readonly Message[]) =>
  client().workflow.start(WORKFLOW.processBatch, {
    taskQueue,
    workflowId,
    args: [encodeBatch(messages)],
  })

const limit = (perSecond: number | null) =>
  writeActivationLimit(client(), taskQueue, { perSecond, reason: 'a test', identity: 'ann' })

const countOf = async (query: string) => (await client().workflow.count(query)).count

/** The final outcomes of a run, and how many events had each. */
const outcomesOf = (batchId: string) =>
  rows(
    `SELECT outcome, COUNT(*) AS n, COUNT(DISTINCT message_id) AS events FROM streaming.activation_log
     WHERE batch_id = @batchId AND outcome NOT IN ('sending', 'unsent') GROUP BY outcome`,
    { batchId },
  )

const stagedOf = (batchId: string) =>
  rows('SELECT COUNT(*) AS n FROM streaming.staging_purchase WHERE batch_id = @batchId', {
    batchId,
  })

const ledgerOf = (batchId: string) =>
  rows(
    'SELECT activated, waiting, undeliverable FROM streaming.batch_ledger WHERE batch_id = @batchId',
    { batchId },
  )

test('a good batch of real activities costs three billed actions, its ledger entry included', async () => {
  await serve(activities(), async () => {
    const batchId = `batch-${randomUUID()}`
    const handle = await start(batchId, orders('good', 20))
    expect(await handle.result()).toMatchObject({ stagedPurchase: 20, activated: 20 })
    expect(billedActions(await handle.fetchHistory())).toBe(3)
    expect(await ledgerOf(batchId)).toEqual([{ activated: 20, waiting: 0, undeliverable: 0 }])
  })
})

test('a batch with a cancellation costs no more, and hands it to a workflow that shows what it waits for', async () => {
  await serve(activities(), async () => {
    const batchId = `batch-${randomUUID()}`
    const alone = message({ ...cancellation, order_id: 'alone-0' })
    const handle = await start(batchId, [...orders('with', 3), alone])
    expect(await handle.result()).toMatchObject({ activated: 3, waiting: 1 })
    expect(billedActions(await handle.fetchHistory())).toBe(3)
    const query = `WorkflowType = 'activateLater' AND WorkflowId STARTS_WITH '${batchId}/later-'`
    const isWaiting = async () =>
      (await countOf(`${query} AND Stage = 'activation' AND EventCount = 1`)) === 1
    await waitFor(isWaiting, 'the workflow of the cancellation')
    const isRecorded = async () => {
      const found = await rows(
        `SELECT reason FROM streaming.activation_log
         WHERE STARTS_WITH(batch_id, @id) AND outcome = 'waiting'`,
        { id: `${batchId}/later-` },
      )
      return found.length > 0 && found
    }
    expect(await waitFor(isRecorded, 'the record of what it waits for')).toEqual([
      { reason: 'purchase_awaited' },
    ])
  })
})

test('while the queue is paused, batches are staged and show that they wait; after that each event is sent once', async () => {
  await serve(activities(), async () => {
    const before = await callsAt(stack().segment.url)
    await limit(0)
    const batchIds = [0, 1, 2].map((i) => `batch-paused-${i}-${randomUUID()}`)
    const handles = await Promise.all(
      batchIds.map((batchId, i) => start(batchId, orders(`paused-${i}`, 10))),
    )
    const ids = batchIds.map((id) => `'${id}'`).join(', ')
    const running = `WorkflowId IN (${ids}) AND ExecutionStatus = 'Running'`
    await waitFor(
      async () => (await countOf(`${running} AND Stage = 'activation'`)) === 3,
      'the batches to show that they wait',
      30_000,
    )
    expect(await countOf(`${running} AND Stage IS NULL`)).toBe(0)
    for (const batchId of batchIds) {
      expect(await stagedOf(batchId)).toEqual([{ n: 10 }])
      expect(await outcomesOf(batchId)).toEqual([])
    }
    expect(await callsAt(stack().segment.url)).toEqual(before)

    await limit(null)
    for (const handle of handles) expect(await handle.result()).toMatchObject({ activated: 10 })
    for (const batchId of batchIds) {
      expect(await outcomesOf(batchId)).toEqual([{ outcome: 'accepted', n: 10, events: 10 }])
      expect(await ledgerOf(batchId)).toEqual([{ activated: 10, waiting: 0, undeliverable: 0 }])
    }
    const after = await callsAt(stack().segment.url)
    expect(after.accepted - before.accepted).toBe(30)
    expect(after.duplicates).toBe(before.duplicates)
  })
}, 120_000)

test('a retry sends nothing again that Segment has accepted', async () => {
  await serve(activities(), async () => {
    const before = await callsAt(stack().segment.url)
    const large = { gclid: 'g'.repeat(1_000), vehicle: { vin: 'v'.repeat(250) } }
    const batchId = `batch-${randomUUID()}`
    // It meets the request that has the last call, which is not the first.
    await failCalls(stack().segment.url, { status: 500, match: '"retry-499"', times: 2 })
    const handle = await start(batchId, orders('retry', 500, large))
    expect(await handle.result()).toMatchObject({ activated: 500 })
    expect(await outcomesOf(batchId)).toEqual([{ outcome: 'accepted', n: 500, events: 500 }])
    const after = await callsAt(stack().segment.url)
    expect(after.accepted - before.accepted).toBe(500)
    expect(after.duplicates).toBe(before.duplicates)
    // The requests before the one that failed, and that one three times.
    expect(after.requests - before.requests).toBeGreaterThan(3)
    expect(await ledgerOf(batchId)).toEqual([{ activated: 500, waiting: 0, undeliverable: 0 }])
  })
}, 90_000)
