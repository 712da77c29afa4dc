// Activation on its own task queue, with the real activities: while the queue is paused, and when Segment answers with errors.

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from '@jest/globals'
import { createHttpSegment } from '#activation/segment/segment-http'
import { type Message, WORKFLOW } from '#contracts'
import { encodeBatch } from '#contracts/batch-payload'
import { limitActivation } from '#operations/activation/change-limit'
import {
  callsPerActivity as callsOfActivity,
  readWaitingEvents,
} from '#operations/activation/waiting'
import { readActivationQueue, writeActivationLimit } from '#runtime/activation-queue'
import { createInsertAllWarehouse } from '#warehouse/insert-all'
import { createReader } from '#warehouse/read'
import { createFindOpenRuns } from '../../activities/activation/open-runs.ts'
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

afterEach(async () => {
  await clearFaults(stack().segment.url)
  await limit(null)
})

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

/** Sets the limit; for a moment after that the server may still have the one before. */
async function limit(perSecond: number | null): Promise<void> {
  await writeActivationLimit(client(), taskQueue, { perSecond, reason: 'a test', identity: 'ann' })
  const isInEffect = async () =>
    (await readActivationQueue(client(), taskQueue)).limit.perSecond === perSecond
  await waitFor(isInEffect, 'the limit to be in effect')
}

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

/** The smallest bill of some batches: where a machine is short of CPU, first attempts fail and cost more. */
async function smallestBill(batchOf: (i: number) => readonly Message[]): Promise<number> {
  const bills: number[] = []
  for (const i of [0, 1, 2]) {
    const handle = await start(`batch-${randomUUID()}`, batchOf(i))
    await handle.result()
    bills.push(billedActions(await handle.fetchHistory()))
  }
  return Math.min(...bills)
}

test('a good batch of real activities costs three billed actions, its ledger entry included', async () => {
  await serve(activities(), async () => {
    const batchId = `batch-${randomUUID()}`
    const handle = await start(batchId, orders('good', 20))
    expect(await handle.result()).toMatchObject({ stagedPurchase: 20, activated: 20 })
    expect(await ledgerOf(batchId)).toEqual([{ activated: 20, waiting: 0, undeliverable: 0 }])
    expect(await smallestBill((i) => orders(`bill-${i}`, 20))).toBe(3)
  })
})

test('a batch with a cancellation costs no more, and hands it to a workflow that shows what it waits for', async () => {
  await serve(activities(), async () => {
    const batchId = `batch-${randomUUID()}`
    const alone = message({ ...cancellation, order_id: 'alone-0' })
    const handle = await start(batchId, [...orders('with', 3), alone])
    expect(await handle.result()).toMatchObject({ activated: 3, waiting: 1 })
    const cancelled = (i: number) => message({ ...cancellation, order_id: `cancelled-${i}` })
    expect(await smallestBill((i) => [...orders(`own-${i}`, 3), cancelled(i)])).toBe(3)
    const query = `WorkflowType = 'activateLater' AND WorkflowId STARTS_WITH '${batchId}/later-'`
    const isWaiting = async () =>
      (await countOf(`${query} AND Stage = 'activation' AND EventCount = 1`)) === 1
    await waitFor(isWaiting, 'the workflow of the cancellation')
    expect(await createFindOpenRuns(client())(new Set([batchId]))).toEqual(new Set([batchId]))
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
    // More of them than one query asks about.
    const asked = new Set([...batchIds, ...Array.from({ length: 12 }, (_, i) => `batch-'${i}`)])
    expect(await createFindOpenRuns(client())(asked)).toEqual(new Set(batchIds))
    // A run whose id only begins so is another run.
    expect(await createFindOpenRuns(client())(new Set(['batch-paused-0']))).toEqual(new Set())
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
    const areClosed = async () => (await createFindOpenRuns(client())(asked)).size === 0
    await waitFor(areClosed, 'no run to be open')
    const after = await callsAt(stack().segment.url)
    expect(after.accepted - before.accepted).toBe(30)
    expect(after.duplicates).toBe(before.duplicates)
  })
}, 120_000)

test('after a pause, Segment gets no more calls a second than the rate that was set', async () => {
  await serve(activities(), async () => {
    await limit(0)
    const numbers = Array.from({ length: 12 }, (_, i) => i)
    const handles = await Promise.all(
      numbers.map((i) => start(`batch-rate-${randomUUID()}`, orders(`rate-${i}`, 5))),
    )
    const waitingBatches = `WorkflowId STARTS_WITH 'batch-rate-' AND Stage = 'activation'`
    const areWaiting = async () => (await countOf(waitingBatches)) === numbers.length
    await waitFor(areWaiting, 'all batches to show that they wait', 40_000)
    const read = createReader(bigquery())
    const waiting = await readWaitingEvents(read, 365)
    const callsPerActivity = await callsOfActivity(read, waiting, numbers.length, 365)
    expect(callsPerActivity).toBeCloseTo(5, 0)
    const setAt = Date.now()
    const place = { client: client(), taskQueue }
    const rate = { calls: 5, callsPerActivity: callsPerActivity ?? 0 }
    await limitActivation(place, rate, { actor: 'ann', reason: 'a test' })
    for (const handle of handles) expect(await handle.result()).toMatchObject({ activated: 5 })
    const arrivals = arrivalsOf('rate').map((at) => (at - setAt) / 1000)
    expect(arrivals).toHaveLength(60)
    // At first, each of the four partitions of the queue lets an activity through at once. A worker that is short of CPU is later.
    for (const [i, second] of arrivals.entries())
      expect([i, second >= (0.9 * (i + 1 - 20 - 5)) / 5]).toEqual([i, true])
  })
}, 120_000)

/** When the stand-in got each call of orders whose id begins so, in milliseconds; the first one first. */
function arrivalsOf(prefix: string): number[] {
  const lines = readFileSync(stack().segment.file ?? '', 'utf8').split('\n')
  return lines
    .filter((line) => line !== '')
    .map((line): { receivedAt: string; properties: { partner_order_id: string } } =>
      JSON.parse(line),
    )
    .filter(({ properties }) => properties.partner_order_id.startsWith(`${prefix}-`))
    .map(({ receivedAt }) => Date.parse(receivedAt))
    .toSorted((one, other) => one - other)
}

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
