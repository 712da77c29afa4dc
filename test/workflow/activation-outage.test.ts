// Segment is unavailable for hours, and activation is paused for an hour or a month, with the time skipped. The activities, the
// tables and the stand-in for Segment are real.

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, expect, test } from '@jest/globals'
import { activityInfo } from '@temporalio/activity'
import type { WorkflowHandle } from '@temporalio/client'
import { Worker } from '@temporalio/worker'
import { createHttpSegment } from '#activation/segment/segment-http'
import { activationQueue, type Message, SEARCH_ATTRIBUTES, WORKFLOW } from '#contracts'
import { encodeBatch } from '#contracts/batch-payload'
import { SEARCH_ATTRIBUTE_TYPES } from '#operations/setup/search-attributes'
import { createInsertAllWarehouse } from '#warehouse/insert-all'
import { type Activities, createActivities } from '../../activities/index.ts'
import { WORKFLOWS_PATH } from '../../workers/options.ts'
import { message, purchase } from '../fixtures/messages.ts'
import { metrics } from '../support/activities.ts'
import { lookUpOrdersIn } from '../support/order-look-up.ts'
import { bigqueryAt, clearFaults, failCalls, rowsOf } from '../support/parts.ts'
import { useStackWithTables } from '../support/stack.ts'
import { useTimeSkipping } from '../support/time-skipping/server.ts'
import { waitFor } from '../support/wait-for.ts'
import { useBundle } from '../support/workflows.ts'

const stack = useStackWithTables('bigquery', 'segment')
const taskQueue = randomUUID()
const HOUR_MS = 60 * 60 * 1_000

let real: Activities
/** When attempts of activation were scheduled, by the server's clock in milliseconds. */
let attemptsAt: number[] = []
/** How long Segment is unavailable, from the first attempt on. */
let outageMs = 0

/** The server skips time, and Segment's stand-in does not: the first attempt after the outage ends it there. */
async function endOutage(): Promise<void> {
  const at = activityInfo().currentAttemptScheduledTimestampMs
  attemptsAt.push(at)
  if (at - (attemptsAt[0] ?? at) >= outageMs) await clearFaults(stack().segment.url)
}

const activationSteps = {
  activateEvents: async (...args: Parameters<Activities['activateEvents']>) => {
    await endOutage()
    return real.activateEvents(...args)
  },
  activateWaiting: async (...args: Parameters<Activities['activateWaiting']>) => {
    await endOutage()
    return real.activateWaiting(...args)
  },
}

const NO_LIMIT = { perSecond: null, reason: '', identity: '' }

const otherSteps = {
  validateEvents: async (batch: Uint8Array) => real.validateEvents(batch),
  writeAuditLog: async (...args: Parameters<Activities['writeAuditLog']>) =>
    real.writeAuditLog(...args),
  stageEvents: async (...args: Parameters<Activities['stageEvents']>) => real.stageEvents(...args),
  openDeadLetters: async (...args: Parameters<Activities['openDeadLetters']>) =>
    real.openDeadLetters(...args),
  // This server has no limits of task queues.
  readActivationLimit: async () => ({ limit: NO_LIMIT, setAt: null, dispatchedPerSecond: 1 }),
  setActivationLimit: async () => {},
}

const bundle = useBundle({
  workflowsPath: WORKFLOWS_PATH,
  workflowInterceptorModules: [
    fileURLToPath(new URL('../support/short-turns.ts', import.meta.url)),
  ],
})
const server = useTimeSkipping({
  taskQueue,
  activities: otherSteps,
  get workflowBundle() {
    return bundle()
  },
})
const bigquery = () => bigqueryAt(stack().bigquery.url)

beforeAll(async () => {
  const { connection, options } = server().client
  const searchAttributes = Object.fromEntries(
    Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, SEARCH_ATTRIBUTE_TYPES[type]]),
  )
  await connection.operatorService.addSearchAttributes({
    namespace: options.namespace,
    searchAttributes,
  })
  real = createActivities({
    warehouse: createInsertAllWarehouse(bigquery()),
    segment: createHttpSegment({ host: stack().segment.url, writeKey: 'key' }),
    lookUpOrders: lookUpOrdersIn(bigquery()),
    temporal: server().client,
    taskQueue,
    segmentNamespace: 'test',
    metrics,
  })
})
afterEach(async () => {
  attemptsAt = []
  outageMs = 0
  await clearFaults(stack().segment.url)
})

/** While no worker takes its tasks, the queue of activation is as one that is paused. */
async function withActivation<T>(use: () => Promise<T>): Promise<T> {
  const worker = await Worker.create({
    connection: server().nativeConnection,
    taskQueue: activationQueue(taskQueue),
    activities: activationSteps,
  })
  return worker.runUntil(use)
}

const start = (messages: readonly Message[]) =>
  server().client.workflow.start(WORKFLOW.processBatch, {
    taskQueue,
    workflowId: `batch-${randomUUID()}`,
    args: [encodeBatch(messages)],
  })

const orders = (prefix: string, count: number): Message[] =>
  Array.from({ length: count }, (_, i) =>
    message({ ...purchase, order_id: `${prefix}-${i}`, customer_id: `C-${prefix}-${i}` }),
  )

/** The calls that Segment accepted of orders whose id begins so, in their order; each call once for each time it came. */
function callsOf(prefix: string): { readonly name: string; readonly order: string }[] {
  const lines = readFileSync(stack().segment.file ?? '', 'utf8').split('\n')
  return lines
    .filter((line) => line !== '')
    .map((line): { event: string; properties: { partner_order_id: string } } => JSON.parse(line))
    .map(({ event, properties }) => ({ name: event, order: properties.partner_order_id }))
    .filter(({ order }) => order.startsWith(`${prefix}-`))
}

const accepted = (prefix: string) =>
  rowsOf(
    bigquery(),
    `SELECT COUNT(*) AS n, COUNT(DISTINCT order_id) AS orders FROM streaming.activation_log
     WHERE outcome = 'accepted' AND STARTS_WITH(order_id, @prefix)`,
    { prefix: `${prefix}-` },
  )

const deadLetters = () => rowsOf(bigquery(), 'SELECT COUNT(*) AS n FROM streaming.dead_letter')

async function expectEachOnce(prefix: string, count: number): Promise<void> {
  const calls = callsOf(prefix)
  expect(calls.map(({ name }) => name)).toEqual(
    Array.from({ length: count }, () => 'Order Completed'),
  )
  expect(new Set(calls.map(({ order }) => order)).size).toBe(count)
  expect(await accepted(prefix)).toEqual([{ n: count, orders: count }])
  expect(await deadLetters()).toEqual([{ n: 0 }])
}

const numbers = [0, 1]

test('an outage of six hours loses nothing, and sends nothing twice', async () => {
  outageMs = 6 * HOUR_MS
  // The time that Segment is unavailable is made of few attempts here: it asks for pauses of an hour.
  await failCalls(stack().segment.url, { status: 503, retryAfter: 60 * 60 })
  await withActivation(async () => {
    const handles = await Promise.all(numbers.map((i) => start(orders(`outage-${i}`, 5))))
    for (const handle of handles) expect(await handle.result()).toMatchObject({ activated: 5 })
  })
  expect(Math.max(...attemptsAt) - (attemptsAt[0] ?? 0)).toBeGreaterThanOrEqual(outageMs)
  await expectEachOnce('outage', 10)
}, 120_000)

/** Skips time as a pause of the queue lets it pass: this server does not skip it by itself while an activity waits for a worker. */
async function pause(batches: readonly WorkflowHandle[], pauseMs: number): Promise<void> {
  for (const batch of batches)
    await waitFor(async () => (await activationsOf(batch)) === 2, 'activation to wait for longer')
  for (const _ of batches) await server().connection.testService?.unlockTimeSkipping({})
  await server().sleep(pauseMs)
  for (const _ of batches) await server().connection.testService?.lockTimeSkipping({})
}

/** Activities of activation that the batch has scheduled. */
async function activationsOf(batch: WorkflowHandle): Promise<number> {
  const { events = [] } = await batch.fetchHistory()
  const names = (events ?? []).map(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name,
  )
  return names.filter((name) => name === 'activateEvents').length
}

test.each([
  ['an hour', HOUR_MS],
  ['sixty days', 60 * 24 * HOUR_MS],
])(
  'a pause of %s loses nothing, and sends nothing twice',
  async (name, pauseMs) => {
    const prefix = `paused-${name.replace(' ', '-')}`
    const handles = await Promise.all(numbers.map((i) => start(orders(`${prefix}-${i}`, 5))))
    await pause(handles, pauseMs)
    expect(callsOf(prefix)).toEqual([])
    await withActivation(async () => {
      for (const handle of handles) expect(await handle.result()).toMatchObject({ activated: 5 })
    })
    const [first] = handles
    const { startTime, closeTime } = (await first?.describe()) ?? {}
    expect(Number(closeTime) - Number(startTime)).toBeGreaterThanOrEqual(pauseMs)
    await expectEachOnce(prefix, 10)
  },
  60_000,
)
