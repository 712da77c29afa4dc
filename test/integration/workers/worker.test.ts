// The worker as a process: what it finishes on SIGTERM, what another finishes after SIGKILL, and what it refuses to start with.

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { Client, WorkflowHandle } from '@temporalio/client'
import { WORKFLOW } from '#contracts'
import { setUpSearchAttributes } from '#operations/setup/search-attributes'
import { setUpTables } from '#operations/setup/tables'
import { connectClient } from '#runtime/temporal'
import type { RunningProcess } from '../../../deploy/local/process.ts'
import { cancellation, message, purchase } from '../../fixtures/messages.ts'
import { batchOf } from '../../support/activities.ts'
import { startMain } from '../../support/main-process.ts'
import { bigqueryAt, callsAt, clearFaults, failCalls, rowsOf } from '../../support/parts.ts'
import { NOWHERE } from '../../support/ports.ts'
import { useStackWithTables } from '../../support/stack.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startWorker } from '../../support/worker.ts'

const stack = useStackWithTables('temporal', 'bigquery', 'segment')
const segmentUrl = () => stack().segment.url

let client: Client
const running: RunningProcess[] = []

beforeAll(async () => {
  client = await connectClient()
  await setUpSearchAttributes(client)
  await setUpTables(bigqueryAt(stack().bigquery.url), 'EU')
})
afterEach(async () => {
  await clearFaults(segmentUrl())
  await Promise.all(running.splice(0).map((worker) => worker.stop()))
})
afterAll(() => client.connection.close())

async function start(
  taskQueue: string,
  own: Readonly<Record<string, string>> = {},
): Promise<RunningProcess> {
  const secret = { SEGMENT_WRITE_KEY: 'very-secret', ...own }
  const worker = await startWorker(stack().env, stack().logDir, taskQueue, secret)
  running.push(worker)
  return worker
}

const buyers = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    message({ ...purchase, customer_id: `C${i}`, order_id: randomUUID() }),
  )

function startBatch(taskQueue: string, count: number): Promise<WorkflowHandle> {
  const workflowId = `batch-${randomUUID()}`
  const args = [batchOf(...buyers(count))]
  return client.workflow.start(WORKFLOW.processBatch, { taskQueue, workflowId, args })
}

const ordersOf = async (batchId: string) => {
  const query = 'SELECT DISTINCT order_id FROM streaming.staging_purchase WHERE batch_id = @batchId'
  return rowsOf(bigqueryAt(stack().bigquery.url), query, { batchId })
}

/** Waits until Segment has been asked once more: the worker is in the middle of that activity then. */
async function untilAsked(before: number): Promise<void> {
  const isAsked = async () => (await callsAt(segmentUrl())).requests > before
  await waitFor(isAsked, 'the worker to ask Segment', 30_000)
}

/** Ordinary activities by the history: a step becomes one where its first attempt, beside the workflow, has failed. */
async function attemptsOf({ workflowId }: WorkflowHandle) {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory()
  return (events ?? []).flatMap(({ activityTaskStartedEventAttributes: started }) =>
    started ? [{ attempt: started.attempt, failure: started.lastFailure?.message ?? null }] : [],
  )
}

test('on SIGTERM it finishes the step under way, and no step is done twice', async () => {
  const taskQueue = randomUUID()
  const first = await start(taskQueue)
  const before = await callsAt(segmentUrl())
  await failCalls(segmentUrl(), { delayMs: 2_000, times: 1 })
  const batch = await startBatch(taskQueue, 3)
  await untilAsked(before.requests)
  process.kill(first.pid, 'SIGTERM')
  expect(await first.exited).toEqual({ code: 0, signal: null })
  const log = readFileSync(first.logFile, 'utf8')
  expect(log).toContain('"msg":"stopped"')
  expect(log).toContain(segmentUrl())
  expect(log).not.toContain('very-secret')

  await start(taskQueue)
  expect(await batch.result()).toMatchObject({ received: 3, activated: 3 })
  const after = await callsAt(segmentUrl())
  expect([after.requests - before.requests, after.accepted - before.accepted]).toEqual([1, 3])
  expect(await attemptsOf(batch)).toEqual([{ attempt: 1, failure: null }])
}, 120_000)

test('after SIGKILL in the middle of a step another worker finishes the batch, and loses no event', async () => {
  const taskQueue = randomUUID()
  const first = await start(taskQueue)
  const before = await callsAt(segmentUrl())
  // Segment takes the calls, and its answer never comes.
  await failCalls(segmentUrl(), { hang: true, accept: true, times: 1 })
  const batch = await startBatch(taskQueue, 3)
  await untilAsked(before.requests)
  process.kill(first.pid, 'SIGKILL')
  expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' })

  await start(taskQueue)
  expect(await batch.result()).toMatchObject({ received: 3, activated: 3, undeliverable: 0 })
  expect(await attemptsOf(batch)).toEqual([{ attempt: 2, failure: 'activity Heartbeat timeout' }])
  expect(await ordersOf(batch.workflowId)).toHaveLength(3)
  // The calls that were sent again had the ids of the first: Segment has each event once.
  const after = await callsAt(segmentUrl())
  expect([after.accepted - before.accepted, after.duplicates - before.duplicates]).toEqual([6, 3])
}, 120_000)

test('events that wait have the priority of their batch', async () => {
  const taskQueue = randomUUID()
  await start(taskQueue)
  const priority = { priorityKey: 4, fairnessKey: 'noisy', fairnessWeight: 2 }
  const workflowId = `batch-${randomUUID()}`
  const args = [batchOf(message({ ...cancellation, order_id: randomUUID() }))]
  const options = { taskQueue, workflowId, args, priority }
  expect(await client.workflow.execute(WORKFLOW.processBatch, options)).toMatchObject({
    waiting: 1,
  })
  const query = `WorkflowId STARTS_WITH '${workflowId}/'`
  const later = await waitFor(async () => {
    for await (const run of client.workflow.list({ query })) return run
    return null
  }, 'the list of the events that wait')
  const { priority: inherited } = await client.workflow.getHandle(later.workflowId).describe()
  expect(inherited).toEqual(priority)
}, 120_000)

/** What a worker says that ends while it starts, with the code of its end. */
async function refusalOf(env: Readonly<Record<string, string>>): Promise<string> {
  const starting = startMain('worker', stack().logDir, env)
  return String(
    await starting.then(
      () => new Error('it started'),
      (thrown: unknown) => thrown,
    ),
  )
}

test('a configuration that cannot be used ends it with code 2, and every problem by name', async () => {
  const text = await refusalOf({
    SEGMENT_WRITE_KEY: '',
    SEGMENT_HOST: 'nowhere',
    WORKER_MAX_ACTIVITIES: 'many',
    LOG_LEVEL: 'loud',
  })
  expect(text).toContain('ended with code 2')
  for (const name of ['SEGMENT_WRITE_KEY', 'SEGMENT_HOST', 'WORKER_MAX_ACTIVITIES', 'LOG_LEVEL'])
    expect(text).toContain(name)
}, 120_000)

const ABLE = { GOOGLE_CLOUD_PROJECT: 'local', SEGMENT_WRITE_KEY: 'test' }

test('a Temporal that is not there ends it with one message and no stack trace', async () => {
  const text = await refusalOf({ ...stack().env, ...ABLE, TEMPORAL_ADDRESS: NOWHERE })
  expect(text).toContain('ended with code 1')
  expect(text).toContain(`Temporal does not answer at ${NOWHERE}`)
  expect(text).not.toMatch(/Unhandled|\n {4}at /)
}, 120_000)

test('workflows that it cannot load end it, whatever it has started by then', async () => {
  const text = await refusalOf({ ...stack().env, ...ABLE, WORKFLOW_BUNDLE: '/no/such/bundle.js' })
  expect(text).toContain('ended with code 1')
  expect(text).toContain('/no/such/bundle.js')
}, 120_000)

test('it serves the sweep with all its activities, and keeps the webhook a secret', async () => {
  const taskQueue = randomUUID()
  const worker = await start(taskQueue, {
    ALERT_WEBHOOK_URL: 'http://127.0.0.1:9/very-secret-hook',
  })
  const result = await client.workflow.execute(WORKFLOW.sweep, {
    workflowId: `sweep-${randomUUID()}`,
    taskQueue,
    args: [0],
  })
  expect(result).toMatchObject({ failed: [], comparison: { unchecked: 0 }, isMoreLeft: false })
  expect(readFileSync(worker.logFile, 'utf8')).not.toContain('very-secret')
}, 120_000)

test('with its deployment named, it works once Temporal is told that its version is the current one', async () => {
  const taskQueue = randomUUID()
  const [deploymentName, buildId] = [`car-events-${taskQueue}`, 'build-1']
  await start(taskQueue, {
    TEMPORAL_DEPLOYMENT_NAME: deploymentName,
    TEMPORAL_WORKER_BUILD_ID: buildId,
  })
  const batch = await startBatch(taskQueue, 2)
  const queues = await queuesOf(deploymentName, buildId)
  expect(queues).toEqual([taskQueue, `${taskQueue}-activation`, taskQueue].toSorted())
  expect((await batch.describe()).status.name).toBe('RUNNING')

  await setCurrentVersion(deploymentName, buildId)
  expect(await batch.result()).toMatchObject({ received: 2, activated: 2 })
  expect((await batch.describe()).raw.workflowExecutionInfo?.versioningInfo).toMatchObject({
    deploymentVersion: { deploymentName, buildId },
  })
}, 120_000)

/** The task queues that a version serves, one for each kind of task; waits until Temporal knows them all. */
async function queuesOf(deploymentName: string, buildId: string): Promise<string[]> {
  let names: string[] = []
  const request = {
    namespace: client.options.namespace,
    deploymentVersion: { deploymentName, buildId },
  }
  const areKnown = async () => {
    const answer = await client.workflowService
      .describeWorkerDeploymentVersion(request)
      .catch(() => undefined)
    names = (answer?.versionTaskQueues ?? []).map(({ name }) => name ?? '').toSorted()
    return names.length >= 3
  }
  await waitFor(areKnown, 'Temporal to know the version', 30_000)
  return names
}

/** What `temporal worker deployment set-current-version` does. */
async function setCurrentVersion(deploymentName: string, buildId: string): Promise<void> {
  const { namespace } = client.options
  await client.workflowService.setWorkerDeploymentCurrentVersion({
    namespace,
    deploymentName,
    buildId,
    identity: 'test',
  })
}
