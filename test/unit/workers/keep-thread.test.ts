// Activity threads that are lost are replaced, their calls fail in order, and nothing of them keeps a worker from ending.

import { expect, test } from '@jest/globals'
import type { Info } from '@temporalio/activity'
import { noopMetricMeter } from '@temporalio/common'
import { activityMetrics, isolationMetrics, processMetrics } from '#runtime/metrics/groups'
import { createContext } from '../../../workers/isolation/activity-context.ts'
import type { ActivityThread } from '../../../workers/isolation/activity-thread.ts'
import { keepThread } from '../../../workers/isolation/keep-thread.ts'
import { createPendingCalls, ThreadLostError } from '../../../workers/isolation/pending-calls.ts'
import { CELL, createCells, packError } from '../../../workers/isolation/protocol.ts'
import { createRecorder, createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { createSupply } from '../../../workers/isolation/thread-supply.ts'
import { withResolvers } from '../../../workers/isolation/with-resolvers.ts'
import { recordingLog } from '../../support/recording-log.ts'

test('a thread that cannot be started keeps no worker from ending', async () => {
  const { log } = recordingLog()
  const supply = createSupply(() => Promise.reject(new Error('Temporal does not answer')), log)
  const kept = keepThread({
    role: 'quarantine',
    first: supply.take(),
    next: () => supply.take(),
    metrics: isolationMetrics(noopMetricMeter),
    log,
  })
  await expect(Promise.all([kept.close(), supply.close()])).resolves.toBeDefined()
})

function thread() {
  const { promise: lost, resolve: lose } = withResolvers<string>()
  let isClosed = false
  const made: ActivityThread = {
    names: [],
    lost,
    run: async () => {},
    destroy: () => {},
    close: async () => {
      isClosed = true
    },
  }
  return { made, lose, isClosed: () => isClosed }
}

test.each(['shared', 'quarantine'] as const)(
  'a %s thread that is lost is replaced, which is logged and counted',
  async (role) => {
    const [first, second] = [thread(), thread()]
    const { log, lines } = recordingLog()
    const { meter, take } = createThreadMeter()
    const kept = keepThread({
      role,
      first: Promise.resolve(first.made),
      next: async () => second.made,
      metrics: isolationMetrics(meter),
      log,
    })
    expect(await kept.current()).toBe(first.made)
    first.lose('its event loop did not turn')
    await new Promise((resolve) => setImmediate(resolve))
    expect(await kept.current()).toBe(second.made)
    expect(lines).toMatchObject([
      {
        level: 40,
        thread: role,
        reason: 'its event loop did not turn',
        msg: 'an activity thread is replaced',
      },
    ])
    expect(take()).toEqual([
      { name: 'activity_thread_restarts_total', value: 1, tags: { thread: role } },
    ])
    await kept.close()
    expect([first.isClosed(), second.isClosed()]).toEqual([false, true])
  },
)

test('one thread is always in reserve, and it ends with the supply', async () => {
  const made: ReturnType<typeof thread>[] = []
  const start = async () => {
    const one = thread()
    made.push(one)
    return one.made
  }
  const supply = createSupply(start, recordingLog().log)
  expect(await supply.take()).toBe(made[0]?.made)
  expect(await supply.take()).toBe(made[1]?.made)
  await supply.close()
  expect(made.map(({ isClosed }) => isClosed())).toEqual([false, false, true])
})

/** The calls of a thread that has begun the first two of three. @param message the one that was being read */
function threeCalls(message: number) {
  const cells = createCells()
  const calls = createPendingCalls(cells)
  const ended: unknown[] = []
  const beats: unknown[] = []
  const settle = (at: number, settled: Promise<unknown>) =>
    settled.then(
      (result) => void ended.push([at, result]),
      (error: unknown) => void ended.push([at, error]),
    )
  const all = [1, 2, 3].map((at) => {
    const heartbeat = (details: unknown) => void beats.push([at, details])
    const { id, settled } = calls.add(Object({ heartbeat }))
    return { id, over: settle(at, settled) }
  })
  Atomics.store(cells, CELL.call, all[1]?.id ?? 0)
  Atomics.store(cells, CELL.message, message)
  return { calls, all, ended, beats }
}

test.each([
  [17, 17],
  [-1, null],
])(
  'of a lost thread the call that was begun last fails first, and unbegun calls last: message %d',
  async (message, messageIndex) => {
    const { calls, all, ended } = threeCalls(message)
    calls.failAll('stuck', true)
    await Promise.all(all.map(({ over }) => over))
    const failed = (hadBegun: boolean) => ({
      message: 'stuck',
      hadBegun,
      messageIndex,
      isGivenUp: true,
    })
    expect(ended).toMatchObject([
      [2, failed(true)],
      [1, failed(true)],
      [3, failed(false)],
    ])
    expect(ended.every((one) => Object(one)[1] instanceof ThreadLostError)).toBe(true)
  },
)

test('what a thread says reaches the call that it is about, and no other', async () => {
  const { calls, all, ended, beats } = threeCalls(-1)
  const [first = 0, second = 0] = all.map(({ id }) => id)
  calls.take({ kind: 'heartbeat', id: second, details: { settledTo: 3 } })
  calls.take({ kind: 'settled', id: second, outcome: { result: 'two' }, metrics: [] })
  const failure = packError(new RangeError('not this one'))
  calls.take({ kind: 'settled', id: first, outcome: { failure }, metrics: [] })
  calls.take({ kind: 'heartbeat', id: second, details: 'too late' })
  calls.failAll('ended', false)
  await Promise.all(all.map(({ over }) => over))
  expect(beats).toEqual([[2, { settledTo: 3 }]])
  expect(ended).toMatchObject([
    [2, 'two'],
    [1, { message: 'not this one' }],
    [3, { message: 'ended', isGivenUp: false }],
  ])
})

test('what a thread has counted and set is counted and set for the process', () => {
  const ofThread = createThreadMeter()
  const ofProcess = createThreadMeter()
  const record = createRecorder({
    ...activityMetrics(ofProcess.meter),
    ...processMetrics(ofProcess.meter),
  })
  activityMetrics(ofThread.meter).rowsWritten.add(3, { table: 'audit_log' })
  processMetrics(ofThread.meter).heapUsed.set(7, { thread: 'activities' })
  const updates = ofThread.take()
  record([...updates, { name: 'unknown', value: 1, tags: {} }])
  expect(ofProcess.take()).toEqual(updates)
  expect(updates).toEqual([
    { name: 'rows_written_total', value: 3, tags: { table: 'audit_log' } },
    { name: 'nodejs_heap_used_bytes', value: 7, tags: { thread: 'activities' } },
  ])
  expect(ofThread.take()).toEqual([])
})

test('what an activity logs says of which activity, run and trace it is', () => {
  const info: Info = Object({
    activityType: 'stageEvents',
    workflowExecution: { workflowId: `batch-${'0a'.repeat(16)}`, runId: 'run-1' },
  })
  const { log, lines } = recordingLog()
  log.level = 'trace'
  const { context } = createContext(info, () => {}, log)
  for (const level of ['trace', 'debug', 'info', 'warn', 'error'] as const)
    context.log[level](`at ${level}`, { rows: 3 })
  context.log.log('WARN', 'by name')
  expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
    [10, 'at trace'],
    [20, 'at debug'],
    [30, 'at info'],
    [40, 'at warn'],
    [50, 'at error'],
    [40, 'by name'],
  ])
  expect(lines[0]).toMatchObject({
    activityType: 'stageEvents',
    ...info.workflowExecution,
    traceId: '0a'.repeat(16),
    rows: 3,
  })
})

test('an activity that is cancelled knows why', async () => {
  const info: Info = Object({ activityType: 'stageEvents' })
  const { context, cancel } = createContext(info, () => {}, recordingLog().log)
  expect(context.cancellationSignal.aborted).toBe(false)
  cancel('TIMED_OUT')
  expect(context.cancellationSignal.aborted).toBe(true)
  await expect(context.cancelled).rejects.toThrow('TIMED_OUT')
})
