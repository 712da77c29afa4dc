// Which runs are looked at, in which order they are shown, and how many are slow.

import { afterEach, expect, jest, test } from '@jest/globals'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import proto from '@temporalio/proto'
import { watchRuns } from '#operations/dead-letters/watch-runs'
import { findStuck, stuckSteps } from '#operations/stuck-runs/find'

const NOW_SECONDS = Math.floor(Date.now() / 1000)
const SEARCH = { attempts: 5, waitMs: 60_000, limit: 2 }

/** The runs of Temporal by workflow id: how long ago their step was to be done, in seconds; null for none that is stuck. */
function temporalWith(runs: Readonly<Record<string, number | null>>) {
  const asked: string[] = []
  const of = (query: string) =>
    Object.keys(runs).filter((id) => id.startsWith('later') === query.includes('activateLater'))
  const client: Client = Object({
    workflow: {
      count: async (query: string) => {
        asked.push(query)
        return { count: of(query).length }
      },
      async *list({ query }: { query: string }) {
        for (const workflowId of of(query))
          yield { workflowId, runId: `run-of-${workflowId}`, type: 'processBatch' }
      },
      getHandle: (id: string) => ({
        describe: async () => ({
          status: { name: 'RUNNING' },
          raw: { pendingActivities: pendingOf(runs[id] ?? null) },
        }),
      }),
    },
  })
  return { client, asked }
}

const pendingOf = (secondsAgo: number | null) =>
  secondsAgo === null
    ? []
    : [
        {
          activityId: '1',
          activityType: { name: 'stageEvents' },
          attempt: 1,
          lastFailure: { message: 'no', applicationFailureInfo: { type: 'warehouse_setup' } },
          expirationTime: { seconds: NOW_SECONDS + 100 - secondsAgo },
          activityOptions: { scheduleToCloseTimeout: { seconds: 100 } },
        },
      ]

test('the step that waits longest is the first, and runs that may wait are slow only where they are stuck', async () => {
  const { client } = temporalWith({ a: 100, b: 900, 'later-1': 500, 'later-2': null })
  const { stuck, ...counts } = await findStuck(client, SEARCH)
  expect(stuck.map(({ id }) => id)).toEqual(['b', 'later-1', 'a'])
  expect(stuck[0]).toMatchObject({
    run_id: 'run-of-b',
    since: new Date((NOW_SECONDS - 900) * 1000).toISOString(),
    problem: 'warehouse_setup',
  })
  expect(counts).toEqual({ slow: 3, looked: 3 })
})

test('no more runs are looked at than asked for, and all slow ones are counted', async () => {
  const { client, asked } = temporalWith({ a: 100, b: 100, c: 100, d: null })
  const { stuck, ...counts } = await findStuck(client, SEARCH)
  expect(stuck).toHaveLength(2)
  expect(counts).toEqual({ slow: 4, looked: 2 })
  expect(asked.map((query) => query.replace(/'[^']*Z'/, 'TIME'))).toEqual([
    "WorkflowType IN ('processBatch', 'deadLetter') AND ExecutionStatus = 'Running' AND StartTime < TIME",
    "WorkflowType IN ('activateLater') AND ExecutionStatus = 'Running' AND StartTime < TIME",
  ])
})

const { PendingActivityState, PendingWorkflowTaskState } = proto.temporal.api.enums.v1
const RUN = { workflowId: 'a', runId: 'run-a' }
const ago = (seconds: number) => ({ seconds: NOW_SECONDS - seconds })
const isoAgo = (seconds: number) => new Date((NOW_SECONDS - seconds) * 1000).toISOString()

type World = {
  readonly raw?: object
  readonly status?: string
  /** Of its history, the newest first. */
  readonly events?: readonly object[]
  readonly perSecond?: number
}

/** A Temporal with one run; absent where it has none. */
function temporalOf(world?: World) {
  const asked: object[] = []
  const queues: string[] = []
  const { perSecond, events = [], raw = {}, status = 'RUNNING' } = world ?? {}
  const rateLimit = perSecond === undefined ? null : { requestsPerSecond: perSecond }
  const metadata = { reason: 'the campaign', updateIdentity: 'ann' }
  const client: Client = Object({
    options: { namespace: 'cars' },
    withDeadline: (_deadline: Date, work: () => unknown) => work(),
    workflow: {
      getHandle: () => ({
        describe: async () => {
          if (!world) throw new WorkflowNotFoundError('none', 'a', undefined)
          return { status: { name: status }, raw }
        },
      }),
    },
    workflowService: {
      getWorkflowExecutionHistoryReverse: async (request: object) => {
        asked.push(request)
        return { history: { events } }
      },
      describeTaskQueue: async ({ taskQueue }: { taskQueue: { name: string } }) => {
        queues.push(taskQueue.name)
        return { config: { queueRateLimit: { rateLimit, metadata } } }
      },
    },
  })
  return { client, asked, queues }
}

const failing = {
  activityId: '7',
  activityType: { name: 'openDeadLetters' },
  attempt: 9,
  lastFailure: { message: 'no', applicationFailureInfo: { type: 'warehouse_setup' } },
  lastStartedTime: ago(10),
}

test('a step without a limit of time is stuck since it was scheduled first, as the history has it', async () => {
  const scheduled = (activityId: string, seconds: number) => ({
    eventTime: ago(seconds),
    activityTaskScheduledEventAttributes: { activityId },
  })
  const events = [scheduled('8', 50), scheduled('7', 900)]
  const { client, asked } = temporalOf({ raw: { pendingActivities: [failing, failing] }, events })
  const steps = await stuckSteps(client, RUN, SEARCH)
  expect(steps.map(({ since }) => since)).toEqual([isoAgo(900), isoAgo(900)])
  // One look at the history, for both.
  expect(asked).toEqual([{ namespace: 'cars', execution: RUN, maximumPageSize: 20 }])
  const unknown = temporalOf({ raw: { pendingActivities: [failing] } })
  expect(await stuckSteps(unknown.client, RUN, SEARCH)).toMatchObject([{ since: isoAgo(10) }])
})

test('a step that no worker takes is that of a limited queue where its queue has a limit', async () => {
  const waits = {
    activityId: '7',
    state: PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED,
    scheduledTime: ago(600),
    activityOptions: { taskQueue: { name: 'events-activation' } },
  }
  const raw = { pendingActivities: [waits, waits] }
  const limited = temporalOf({ raw, perSecond: 0 })
  expect(await stuckSteps(limited.client, RUN, SEARCH)).toMatchObject([
    { problem: 'limited_queue', message: 'the campaign' },
    { problem: 'limited_queue' },
  ])
  expect(limited.queues).toEqual(['events-activation'])
  const free = temporalOf({ raw })
  expect(await stuckSteps(free.client, RUN, SEARCH)).toMatchObject([
    { problem: 'no_worker' },
    { problem: 'no_worker' },
  ])
})

const task = (attempt: number) => ({
  attempt,
  state: PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED,
})

test.each([
  [{ workflowTaskFailedEventAttributes: { failure: { message: 'a defect' } } }, 'workflow_defect'],
  [{ workflowTaskTimedOutEventAttributes: {} }, 'worker_lost'],
])('a workflow task that is tried again says how it ended first: %j', async (end, problem) => {
  const events = [{ eventTime: ago(5) }, { eventTime: ago(300), ...end }]
  const { client } = temporalOf({ raw: { pendingWorkflowTask: task(3) }, events })
  expect(await stuckSteps(client, RUN, SEARCH)).toMatchObject([
    { step: 'workflow task', problem, since: isoAgo(300), attempt: 3 },
  ])
})

test('a first workflow task asks for no history, and a run that has ended for nothing', async () => {
  const first = temporalOf({ raw: { pendingWorkflowTask: task(1) } })
  expect(await stuckSteps(first.client, RUN, SEARCH)).toEqual([])
  expect(first.asked).toEqual([])
  const raw = { pendingActivities: [failing] }
  expect(await stuckSteps(temporalOf({ raw, status: 'FAILED' }).client, RUN, SEARCH)).toEqual([])
  expect(await stuckSteps(temporalOf().client, RUN, SEARCH)).toEqual([])
})

afterEach(() => void jest.useRealTimers())

test('while runs are under way, each problem is told once, and nothing after the end', async () => {
  jest.useFakeTimers()
  const { client } = temporalOf({ raw: { pendingActivities: [failing] } })
  const told: string[][] = []
  const watch = watchRuns(client, (steps) => told.push(steps.map(({ problem }) => problem)))
  await jest.advanceTimersByTimeAsync(10_000)
  expect(told).toEqual([])
  watch.follow({ run: RUN, finished: new Promise(() => {}) })
  await jest.advanceTimersByTimeAsync(9_999)
  expect(told).toEqual([])
  await jest.advanceTimersByTimeAsync(1)
  expect(told).toEqual([['warehouse_setup']])
  await jest.advanceTimersByTimeAsync(60_000)
  expect(told).toHaveLength(1)
  watch.stop()
  expect(jest.getTimerCount()).toBe(0)
})

test('a run that is finished is watched no more', async () => {
  jest.useFakeTimers()
  const { client } = temporalOf({ raw: { pendingActivities: [failing] } })
  const told: unknown[] = []
  const watch = watchRuns(client, (steps) => told.push(steps))
  const outcome = { id: 'a', events: 1, failed: [], outcome: 'closed' } as const
  watch.follow({ run: RUN, finished: Promise.resolve(outcome) })
  watch.follow({ finished: Promise.resolve(outcome) })
  await jest.advanceTimersByTimeAsync(30_000)
  expect(told).toEqual([])
  watch.stop()
})
