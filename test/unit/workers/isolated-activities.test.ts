// Which thread a call runs in, how long one that Temporal has given up may run on, and which call is found guilty of a lost thread.

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { asyncLocalStorage, type Info } from '@temporalio/activity'
import { isolationMetrics } from '#runtime/metrics/groups'
import { createContext } from '../../../workers/isolation/activity-context.ts'
import type { ActivityThread } from '../../../workers/isolation/activity-thread.ts'
import { isolateActivities } from '../../../workers/isolation/isolated-activities.ts'
import { type ActivityCall, ThreadLostError } from '../../../workers/isolation/pending-calls.ts'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { withResolvers } from '../../../workers/isolation/with-resolvers.ts'
import { recordingLog } from '../../support/recording-log.ts'

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'performance'] })
})
afterEach(() => {
  jest.useRealTimers()
})

type Ran = {
  readonly call: ActivityCall
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

/** A thread whose calls a test ends. Where it is destroyed, all of them fail. */
function fakeThread() {
  const { promise: lost, resolve: lose } = withResolvers<string>()
  const ran: Ran[] = []
  const destroyed: (readonly [string, boolean])[] = []
  const destroy = (reason: string, isGivenUp = false, hadBegun = true) => {
    destroyed.push([reason, isGivenUp])
    lose(reason)
    for (const { reject } of ran)
      reject(new ThreadLostError(reason, { hadBegun, messageIndex: 4, isGivenUp }))
  }
  const thread: ActivityThread = {
    names: ['stageEvents', 'sweep'],
    lost,
    run: (call) => {
      const { promise, resolve, reject } = withResolvers<unknown>()
      ran.push({ call, resolve, reject })
      return promise
    },
    destroy,
    close: async () => {},
  }
  return { thread, ran, destroyed, destroy }
}

async function isolated() {
  const threads: ReturnType<typeof fakeThread>[] = []
  const { meter, take } = createThreadMeter()
  const { log, lines } = recordingLog()
  const options = {
    main: new URL('file:///none'),
    record: () => {},
    metrics: isolationMetrics(meter),
    log,
  }
  const { activities } = await isolateActivities(options, async () => {
    const one = fakeThread()
    threads.push(one)
    return one.thread
  })
  const start = (args: readonly unknown[] = [], runId = 'run-1', name = 'stageEvents') => {
    const info: Info = Object({
      activityType: name,
      workflowExecution: { workflowId: 'batch-1', runId },
    })
    const { context, cancel } = createContext(info, () => {}, log)
    const settled = asyncLocalStorage
      .run(context, async () => activities[name]?.(...args))
      .catch((error: unknown) => error)
    return { settled, cancel }
  }
  const [shared, quarantine] = [threads[0], threads[1]]
  if (!shared || !quarantine) throw new Error('there are two threads')
  return { shared, quarantine, threads, start, take, lines }
}

const turns = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

const restartOf = (thread: string) => ({
  name: 'activity_thread_restarts_total',
  value: 1,
  tags: { thread },
})

test('calls share a thread and have its answers, and every activity is counted from zero', async () => {
  const { shared, quarantine, start, take } = await isolated()
  const [one, other] = [start([1]), start([2], 'run-2')]
  await turns()
  expect(shared.ran.map(({ call }) => [call.name, call.args])).toEqual([
    ['stageEvents', [1]],
    ['stageEvents', [2]],
  ])
  shared.ran[1]?.resolve('two')
  shared.ran[0]?.reject(new RangeError('one'))
  expect(await other.settled).toBe('two')
  expect(await one.settled).toBeInstanceOf(RangeError)
  expect(quarantine.ran).toEqual([])
  expect(take()).toEqual(
    ['stageEvents', 'sweep'].map((activity) => ({
      name: 'steps_isolated_total',
      value: 0,
      tags: { activity },
    })),
  )
})

test('calls that a lost thread had begun run again, one at a time, and then share a thread as before', async () => {
  const { shared, quarantine, threads, start, take } = await isolated()
  take()
  const calls = [start([1]), start([2], 'run-2')]
  await turns()
  shared.destroy('stuck')
  await turns()
  expect(quarantine.ran.map(({ call }) => call.args)).toEqual([[1]])
  quarantine.ran[0]?.resolve('one')
  await turns()
  expect(quarantine.ran.map(({ call }) => call.args)).toEqual([[1], [2]])
  quarantine.ran[1]?.resolve('two')
  expect(await Promise.all(calls.map(({ settled }) => settled))).toEqual(['one', 'two'])
  expect(take()).toEqual([restartOf('shared')])
  void start([3])
  await turns()
  expect(threads[2]?.ran.map(({ call }) => call.args)).toEqual([[3]])
})

test('a call that a lost thread had not begun is not suspected', async () => {
  const { shared, quarantine, threads, start } = await isolated()
  const call = start([1])
  await turns()
  shared.destroy('stuck', false, false)
  await turns()
  expect(quarantine.ran).toEqual([])
  threads[2]?.ran[0]?.resolve('one')
  expect(await call.settled).toBe('one')
})

test('a call that stops two threads is found guilty, and never runs again', async () => {
  const { shared, quarantine, threads, start, take, lines } = await isolated()
  take()
  const call = start([1])
  await turns()
  shared.destroy('stuck')
  await turns()
  quarantine.destroy('stuck again')
  expect(await call.settled).toMatchObject({
    type: 'batch_overtime',
    nonRetryable: true,
    message: 'A worker could not finish stageEvents, alone in its thread: stuck again',
    details: [{ suspect: 4 }],
  })
  await turns()
  expect(lines.filter(({ msg }) => msg === 'an activity cannot be finished')).toMatchObject([
    {
      level: 40,
      activityType: 'stageEvents',
      workflowId: 'batch-1',
      runId: 'run-1',
      reason: 'stuck again',
    },
  ])
  expect(take()).toEqual(
    expect.arrayContaining([
      restartOf('shared'),
      restartOf('quarantine'),
      { name: 'steps_isolated_total', value: 1, tags: { activity: 'stageEvents' } },
    ]),
  )
  const ran = () => threads.flatMap((one) => one.ran).length
  const before = ran()
  expect(await start([1]).settled).toMatchObject({ type: 'batch_overtime' })
  expect(ran()).toBe(before)
})

test('an activity that Temporal has given up has three minutes to end, and then its thread is replaced', async () => {
  const { shared, start } = await isolated()
  const [slow, soon] = [start([1]), start([2], 'run-2')]
  await turns()
  slow.cancel('TIMED_OUT')
  soon.cancel('TIMED_OUT')
  shared.ran[1]?.resolve('it ended')
  await soon.settled
  jest.advanceTimersByTime(3 * 60_000 - 1)
  expect(shared.destroyed).toEqual([])
  jest.advanceTimersByTime(1)
  expect(shared.destroyed).toEqual([['stageEvents did not end', false]])
})

test('one that runs alone has three seconds, and is not blamed, but runs alone again', async () => {
  const { shared, quarantine, threads, start, take } = await isolated()
  const call = start([1])
  await turns()
  shared.destroy('stuck')
  await turns()
  take()
  call.cancel('TIMED_OUT')
  jest.advanceTimersByTime(2_999)
  expect(quarantine.destroyed).toEqual([])
  jest.advanceTimersByTime(1)
  expect(quarantine.destroyed).toEqual([['stageEvents did not end', true]])
  expect(await call.settled).toMatchObject({ name: 'CancelledFailure' })
  await turns()
  expect(take()).toEqual([restartOf('quarantine')])
  const ranBefore = threads.map(({ ran }) => ran.length)
  void start([1])
  await turns()
  const running = threads.findIndex(({ ran }, at) => ran.length > (ranBefore[at] ?? 0))
  // The thread that took the place of the shared one has run nothing.
  expect(running).toBeGreaterThan(2)
})
