// The governor as a workflow, with the time between its steps skipped and a task queue's limit that the test holds.

import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { WorkflowHandle } from '@temporalio/client'
import {
  type Admission,
  GOVERNOR_ADMISSION,
  GOVERNOR_REPORT,
  governedBy,
  type QueueLimit,
  type QueueReading,
  type SegmentReport,
  WORKFLOW,
} from '#contracts'
import { failure } from '#runtime/service-error'
import { useTimeSkipping } from '../support/time-skipping/server.ts'
import { waitFor } from '../support/wait-for.ts'
import { workflowBundle } from '../support/workflows.ts'

const taskQueue = randomUUID()
const NONE: QueueLimit = { perSecond: null, reason: '', identity: '' }
const ANN: QueueLimit = { perSecond: 8, reason: '2000 calls a second', identity: 'ann' }
const down: SegmentReport = { kind: 'unavailable', status: 503 }

/** What Temporal would hold of the queue. */
const queue = {
  limit: NONE,
  written: [] as QueueLimit[],
  /** When each of them was set, by the server's clock in milliseconds. */
  writtenAt: [] as number[],
  failures: 0,
  onProbe: async (): Promise<unknown> => undefined,
}

/** Each limit was set once. */
const times = new Map<QueueLimit, string>()
function setAtOf(limit: QueueLimit): string {
  const setAt = times.get(limit) ?? `time ${times.size}`
  times.set(limit, setAt)
  return setAt
}

const activities = {
  readActivationLimit: async (): Promise<QueueReading> => ({
    limit: queue.limit,
    setAt: setAtOf(queue.limit),
    dispatchedPerSecond: 4,
  }),
  setActivationLimit: async (limit: QueueLimit): Promise<void> => {
    if (queue.failures-- > 0) throw failure('temporal_unavailable', 'no answer')
    queue.writtenAt.push(await server().currentTimeMs())
    queue.limit = limit
    queue.written.push(limit)
    if (governedBy(limit.identity)?.state === 'probing') await queue.onProbe()
  },
}

const server = useTimeSkipping({ taskQueue, workflowBundle: workflowBundle(), activities })

beforeEach(() => {
  Object.assign(queue, {
    limit: NONE,
    written: [],
    writtenAt: [],
    failures: 0,
    onProbe: async (): Promise<unknown> => undefined,
  })
})

const workflowId = () => `governor/${randomUUID()}`

const report = (id: string, ...reports: readonly SegmentReport[]) =>
  reports.reduce<Promise<WorkflowHandle>>(
    async (before, one) => {
      await before
      return server().client.workflow.signalWithStart(WORKFLOW.governActivation, {
        workflowId: id,
        taskQueue,
        signal: GOVERNOR_REPORT,
        signalArgs: [one],
      })
    },
    Promise.resolve(server().client.workflow.getHandle(id)),
  )

const statesOf = (limits: readonly QueueLimit[]) =>
  limits.map(({ perSecond, identity }) => [governedBy(identity)?.state ?? identity, perSecond])

const sixFailures = Array.from({ length: 6 }, () => down)

const stateOf = ({ identity }: QueueLimit) => governedBy(identity)?.state

/** Resolves once the last limit that was set is one of this state. */
const reached = (state: ReturnType<typeof stateOf>) =>
  waitFor(() => stateOf(queue.limit) === state, `the state ${state}`)

const openBreaker = async (id: string) => {
  const handle = await report(id, ...sixFailures)
  await reached('open')
  return handle
}

test('a 429 stops the queue for its Retry-After, and the limit of a person is back after the steps', async () => {
  queue.limit = ANN
  const handle = await report(workflowId(), { kind: 'throttled', retryAfterSeconds: 90 })
  const { startTime } = await handle.describe()
  await handle.result()
  expect(statesOf(queue.written)).toEqual([
    ['throttled', 0],
    ['recovering', 4],
    ['ann', 8],
  ])
  expect((queue.writtenAt[1] ?? 0) - startTime.getTime()).toBeGreaterThanOrEqual(90_000)
  expect(queue.limit).toEqual(ANN)
})

test('an outage of six hours is probed with growing pauses, and after it the queue recovers by steps', async () => {
  const id = workflowId()
  queue.onProbe = () => report(id, down)
  const handle = await openBreaker(id)
  await server().sleep('6 hours')
  // No probe is under way then.
  await reached('open')
  const probes = queue.written.filter(({ identity }) => governedBy(identity)?.state === 'probing')
  // Pauses of 30 s, 1, 2 and 4 minutes, and then one every five minutes.
  expect(probes.length).toBeGreaterThanOrEqual(70)
  expect(probes.length).toBeLessThanOrEqual(76)
  expect(new Set(probes.map(({ perSecond }) => perSecond))).toEqual(new Set([0.5]))
  const written = queue.written.length
  queue.onProbe = () => report(id, { kind: 'accepted' })
  await handle.result()
  expect(statesOf(queue.written.slice(written))).toEqual([
    ['probing', 0.5],
    ['recovering', 1],
    ['recovering', 2],
    ['', null],
  ])
  expect(queue.limit).toEqual(NONE)
}, 120_000)

test('one failure that an acceptance follows changes nothing', async () => {
  const handle = await report(workflowId(), down, { kind: 'accepted' })
  await handle.result()
  expect(queue.written).toEqual([])
})

describe('a person', () => {
  const paused: QueueLimit = { perSecond: 0, reason: 'campaign', identity: 'ann' }

  test('who has paused the queue is not overruled', async () => {
    queue.limit = paused
    await (await report(workflowId(), ...sixFailures)).result()
    expect([queue.limit, queue.written]).toEqual([paused, []])
  })

  test('who pauses the queue while the breaker is open ends the governor', async () => {
    const handle = await openBreaker(workflowId())
    queue.limit = paused
    await handle.result()
    expect([queue.limit, statesOf(queue.written)]).toEqual([paused, [['open', 0]]])
  })

  test('who sets a rate during recovery keeps it', async () => {
    const handle = await report(workflowId(), { kind: 'throttled', retryAfterSeconds: 1 })
    await server().sleep('1 second')
    await reached('recovering')
    queue.limit = ANN
    await handle.result()
    expect([queue.limit, statesOf(queue.written)]).toEqual([
      ANN,
      [
        ['throttled', 0],
        ['recovering', 2],
      ],
    ])
  })
})

test('a limit that Temporal does not take is set as soon as it does', async () => {
  queue.failures = 5
  const handle = await report(workflowId(), { kind: 'throttled', retryAfterSeconds: 1 })
  await handle.result()
  expect(statesOf(queue.written).at(-1)).toEqual(['', null])
  expect(queue.limit).toEqual(NONE)
})

test('one activity is the probe, and the others wait', async () => {
  const id = workflowId()
  const handle = await openBreaker(id)
  const ask = () => handle.executeUpdate<Admission, []>(GOVERNOR_ADMISSION)
  expect(await ask()).toBe('wait')
  await server().sleep('30 seconds')
  await reached('probing')
  const asked = await Promise.all([ask(), ask(), ask(), ask()])
  expect(asked.toSorted()).toEqual(['probe', 'wait', 'wait', 'wait'])
  await report(id, { kind: 'accepted' })
  await waitFor(async () => (await ask()) === 'all', 'all activities to be admitted')
  await handle.result()
})

test('where the probe fails, the next pause ends with another probe', async () => {
  const id = workflowId()
  const handle = await openBreaker(id)
  const ask = () => handle.executeUpdate<Admission, []>(GOVERNOR_ADMISSION)
  await server().sleep('30 seconds')
  await reached('probing')
  expect(await ask()).toBe('probe')
  await report(id, down)
  await reached('open')
  await server().sleep('60 seconds')
  await reached('probing')
  expect([await ask(), await ask()]).toEqual(['probe', 'wait'])
  await report(id, { kind: 'accepted' })
  await handle.result()
})

test('a governor that was terminated leaves its limit to the next one, which lifts it', async () => {
  await (await openBreaker(workflowId())).terminate()
  expect(queue.limit.perSecond).toBe(0)
  await (await report(workflowId(), down, { kind: 'accepted' })).result()
  expect(queue.limit).toMatchObject({ perSecond: null, identity: 'governActivation' })
})
