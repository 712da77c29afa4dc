// The limit of the activation queue on a real Temporal: pause, rate and resume, the governor, and a bridge that pulls meanwhile.

import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals'
import { activityInfo } from '@temporalio/activity'
import { Client, Connection } from '@temporalio/client'
import { noopMetricMeter } from '@temporalio/common'
import { Worker } from '@temporalio/worker'
import { activationQueue, governedBy, governorId, type QueueLimit, WORKFLOW } from '#contracts'
import {
  limitActivation,
  pauseActivation,
  resumeActivation,
} from '#operations/activation/change-limit'
import { setUpSearchAttributes } from '#operations/setup/search-attributes'
import { readActivationQueue, writeActivationLimit } from '#runtime/activation-queue'
import { governorMetrics } from '#runtime/metrics/groups'
import { failure } from '#runtime/service-error'
import { connectClient, connectWorker } from '#runtime/temporal'
import { createGovernorActivities } from '../../activities/governor/index.ts'
import { createGovernorReport } from '../../activities/governor/report.ts'
import { WORKFLOWS_PATH } from '../../workers/options.ts'
import { message } from '../fixtures/messages.ts'
import { attempt, batchOf } from '../support/activities.ts'
import { terminateAll } from '../support/batches.ts'
import { startBridge } from '../support/bridge.ts'
import { useStack } from '../support/stack.ts'
import { createTopic, type Topic } from '../support/topic.ts'
import { waitFor } from '../support/wait-for.ts'
import { installQuietRuntime, useBundle } from '../support/workflows.ts'

const stack = useStack('temporal', 'pubsub')
const ann = { actor: 'ann', reason: 'campaign' }
let activated = 0
/** The limits that the governor has set, the oldest first. */
const written: QueueLimit[] = []
let client: Client
/** Named like the task queue, as `startBridge` has it. */
let topic: Topic
let stopWorkers: () => Promise<void>

const bundle = useBundle({
  workflowsPath: WORKFLOWS_PATH,
  workflowInterceptorModules: [
    fileURLToPath(new URL('../support/short-governor.ts', import.meta.url)),
  ],
})

/** Every step but activation does nothing, and activation runs on its queue alone. */
const steps = {
  validateEvents: async () => ({ received: 1, accepted: 1, rejected: [], duplicates: [] }),
  writeAuditLog: async () => {},
  stageEvents: async () => ({ purchase: 1, cancellation: 0, failed: [] }),
  activateEvents: async () => {
    if (activityInfo().isLocal) throw failure('segment_unavailable', 'not as a local activity')
    activated += 1
    return { failed: [], groups: [] }
  },
  writeLedger: async () => {},
}

beforeAll(async () => {
  installQuietRuntime()
  client = await connectClient()
  await setUpSearchAttributes(client)
  topic = createTopic(stack().pubsub.host)
  await topic.create()
  const { connection, ...connected } = await connectWorker()
  const governor = createGovernorActivities(client, topic.name, governorMetrics(noopMetricMeter))
  const setActivationLimit = async (limit: QueueLimit) => {
    await governor.setActivationLimit(limit)
    written.push(limit)
  }
  const activities = { ...steps, ...governor, setActivationLimit }
  const common = { connection, ...connected, activities }
  const workers = await Promise.all([
    Worker.create({ ...common, workflowBundle: bundle(), taskQueue: topic.name }),
    Worker.create({ ...common, taskQueue: activationQueue(topic.name) }),
  ])
  const running = Promise.all(workers.map((worker) => worker.run()))
  stopWorkers = async () => {
    for (const worker of workers) worker.shutdown()
    await running
    await connection.close()
  }
}, 120_000)
afterAll(async () => {
  await stopWorkers()
  await topic.close()
  await client.connection.close()
})
afterEach(async () => {
  await client.workflow
    .getHandle(governorId(topic.name))
    .terminate()
    .catch(() => {})
  await setLimit({ perSecond: null, reason: '', identity: '' })
  const isQuiet = async () => (await client.workflow.count(running)).count === 0
  await waitFor(isQuiet, 'what was started to end', 30_000)
  activated = 0
  written.splice(0)
})

const running = `WorkflowType = '${WORKFLOW.processBatch}' AND ExecutionStatus = 'Running'`

const place = () => ({ client, taskQueue: topic.name })
const read = () => readActivationQueue(client, topic.name)
const setLimit = (limit: QueueLimit) => writeActivationLimit(client, topic.name, limit)
const stateNow = async () => governedBy((await read()).limit.identity)?.state

const startBatches = (count: number) =>
  Promise.all(
    Array.from({ length: count }, () =>
      client.workflow.start(WORKFLOW.processBatch, {
        workflowId: `batch-${randomUUID()}`,
        taskQueue: topic.name,
        args: [batchOf(message())],
      }),
    ),
  )

test('a pause stops all dispatch, and everything that waits is dispatched once it is resumed', async () => {
  await pauseActivation(place(), ann)
  const handles = await startBatches(60)
  const isWaiting = async () => (await read()).backlog === 60
  await waitFor(isWaiting, 'all activities to wait', 30_000)
  expect(activated).toBe(0)
  await resumeActivation(place(), ann)
  await Promise.all(handles.map((handle) => handle.result()))
  expect(activated).toBe(60)
}, 120_000)

test('who, when and why are on record, and a command that is repeated changes nothing', async () => {
  const before = Date.now() - 1_000
  const first = await pauseActivation(place(), ann)
  expect(first).toMatchObject({
    isChanged: true,
    before: { limit: { perSecond: null } },
    after: { limit: { perSecond: 0, reason: 'campaign', identity: 'ann' } },
  })
  expect(Date.parse(first.after.setAt ?? '')).toBeGreaterThan(before)
  const again = await pauseActivation(place(), { ...ann, actor: 'ben' })
  expect([again.isChanged, again.after.setAt]).toEqual([false, first.after.setAt])

  const rate = { calls: 100, callsPerActivity: 7 }
  const limited = await limitActivation(place(), rate, {
    actor: 'ben',
    reason: '100 calls a second',
  })
  expect(limited.after.limit.perSecond).toBeCloseTo(100 / 7, 2)
  const alike = { ...rate, callsPerActivity: 7.3 }
  const same = { actor: 'ben', reason: '100 calls a second' }
  expect((await limitActivation(place(), alike, same)).isChanged).toBe(false)
  expect((await resumeActivation(place(), ann)).after.limit).toMatchObject({ perSecond: null })
  expect((await resumeActivation(place(), ann)).isChanged).toBe(false)
})

test.each(['', 'a\nb', 'governActivation/open/none'])('%p is no name', async (actor) => {
  await expect(pauseActivation(place(), { actor, reason: 'x' })).rejects.toMatchObject({
    code: 'actor_invalid',
  })
  expect((await read()).limit.perSecond).toBeNull()
})

test('a bridge with a small cap pulls at full speed while activation is paused', async () => {
  await pauseActivation(place(), ann)
  const counted = jest.spyOn(client.workflow, 'count')
  const looks = () =>
    counted.mock.calls.filter(([query]) => query?.includes('Stage IS NULL')).length
  const since = new Date().toISOString()
  const started = `WorkflowType = '${WORKFLOW.processBatch}' AND TaskQueue = '${topic.name}' AND StartTime >= '${since}'`
  const areStarted = async (count: number) => (await client.workflow.count(started)).count === count
  const publishTen = () =>
    topic.publish(...Array.from({ length: 10 }, (_, i) => ({ data: `event ${i}` })))
  const bridge = startBridge({
    client,
    topic,
    options: { pulls: 1, starts: 1, maxEvents: 1 },
    maxOpenWorkflows: 5,
  })
  try {
    await publishTen()
    await waitFor(() => areStarted(10), 'the first batches to be started', 60_000)
    const before = looks()
    // The second look has begun after the first batches were listed.
    await waitFor(() => looks() >= before + 2, 'the bridge to count what is open', 20_000)
    await publishTen()
    // A batch shows by its Stage that it waits after a minute: the backlog of the queue must do until then.
    await waitFor(() => areStarted(20), 'all batches to be started', 45_000)
    expect(activated).toBe(0)
  } finally {
    await bridge.stop()
    counted.mockRestore()
  }
}, 150_000)

test('batches that wait for anything but Segment are counted as before', async () => {
  const bridge = startBridge({
    client,
    topic,
    options: { pulls: 1, starts: 1, maxEvents: 1 },
    maxOpenWorkflows: 1,
  })
  try {
    await client.workflow.start(WORKFLOW.processBatch, {
      workflowId: `batch-${randomUUID()}`,
      taskQueue: `${topic.name}-nowhere`,
      args: [batchOf(message())],
    })
    const isPaused = () => bridge.lines.some(({ msg }) => msg === 'paused: too many open workflows')
    expect(await waitFor(isPaused, 'the bridge to stop pulling', 20_000)).toBe(true)
  } finally {
    await bridge.stop()
    await terminateAll(client, `${topic.name}-nowhere`)
  }
}, 60_000)

/** What an activity of one worker thread would report. */
const threads = () => Array.from({ length: 6 }, () => createGovernorReport(client, topic.name))
const inActivity = <T>(work: () => Promise<T>): Promise<T> => attempt(work, [])

test('a 429 stops the queue for its Retry-After, and the limit is lifted after a step of recovery', async () => {
  const [thread] = threads()
  await inActivity(async () => thread?.reportTrouble('throttled', 3, 429))
  await client.workflow.getHandle(governorId(topic.name)).result()
  const [stopped, recovering, ...later] = written
  expect(stopped).toMatchObject({
    perSecond: 0,
    reason: expect.stringMatching(/^Segment answered 429; activation continues at .* UTC\.$/),
  })
  expect(governedBy(recovering?.identity ?? '')?.state).toBe('recovering')
  // Half of what was dispatched, and no less than one a second.
  expect(recovering?.perSecond).toBeGreaterThanOrEqual(1)
  expect(recovering?.perSecond).toBeLessThan(100)
  const lifted = { perSecond: null, reason: '', identity: '' }
  expect(later.at(-1)).toEqual(lifted)
  expect((await read()).limit).toEqual(lifted)
}, 90_000)

test('six failures open the breaker; after a pause one activity is the probe, and its acceptance lets the rest through', async () => {
  const all = threads()
  const [first, second, third] = all
  await Promise.all(
    all.map((one) => inActivity(() => one.reportTrouble('unavailable', undefined, 503))),
  )
  await waitFor(async () => (await stateNow()) === 'open', 'the breaker to open', 30_000)
  expect((await read()).limit.reason).toMatch(/^Segment answered 503 6 times .* probe is at/)
  await expect(inActivity(async () => first?.isProbing())).rejects.toMatchObject({
    type: 'segment_unavailable',
  })
  const handles = await startBatches(5)
  let activatedWhileOpen = 0
  const isProbing = async () => {
    const before = activated
    const state = await stateNow()
    if (state === 'open') activatedWhileOpen = before
    return state === 'probing'
  }
  await waitFor(isProbing, 'the probe', 40_000)
  expect(activatedWhileOpen).toBe(0)
  expect(await inActivity(async () => first?.isProbing())).toBe(true)
  await expect(inActivity(async () => second?.isProbing())).rejects.toMatchObject({
    type: 'segment_unavailable',
  })
  await inActivity(async () => first?.reportAccepted())
  const isRecovering = ({ identity }: QueueLimit) => governedBy(identity)?.state === 'recovering'
  await waitFor(() => written.some(isRecovering), 'the recovery', 30_000)
  expect(await inActivity(async () => createGovernorReport(client, topic.name).isProbing())).toBe(
    false,
  )
  await Promise.all(handles.map((handle) => handle.result()))

  await inActivity(async () => third?.reportTrouble('throttled', 3_600, 429))
  await waitFor(async () => (await stateNow()) === 'throttled', 'the queue to be stopped', 30_000)
  await resumeActivation(place(), ann)
  const isLifted = async () => {
    const { limit } = await read()
    return limit.identity === 'ann' && limit.perSecond === null
  }
  await waitFor(isLifted, 'the limit to be the one of the person', 20_000)
}, 120_000)

test('without a governor, an acceptance starts none, and nothing is asked of it', async () => {
  const [thread] = threads()
  await inActivity(async () => thread?.reportAccepted())
  expect(await inActivity(async () => thread?.isProbing())).toBe(false)
  const governors = `WorkflowType = '${WORKFLOW.governActivation}' AND ExecutionStatus = 'Running'`
  expect((await client.workflow.count(governors)).count).toBe(0)
})

test('a report to a Temporal that does not answer is lost, and no activity fails for it', async () => {
  const connection = Connection.lazy({ address: '127.0.0.1:1' })
  const thread = createGovernorReport(new Client({ connection }), topic.name)
  const [isProbing] = await Promise.all([
    inActivity(() => thread.isProbing()),
    inActivity(() => thread.reportTrouble('unavailable')),
    inActivity(() => thread.reportAccepted()),
  ])
  expect(isProbing).toBe(false)
  await connection.close()
})
