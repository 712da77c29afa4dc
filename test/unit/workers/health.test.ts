// What the probes say of a worker: it is ready while both of its workers run, and alive until one of them has failed.

import { afterEach, expect, jest, test } from '@jest/globals'
import type { NativeConnection } from '@temporalio/worker'
import { monotonicMs } from '#runtime/clock'
import { createReadiness } from '#runtime/readiness'
import { healthOf } from '../../../workers/health.ts'
import { withResolvers } from '../../../workers/isolation/with-resolvers.ts'
import { type Runnable, runTogether } from '../../../workers/run-together.ts'
import { watchTemporal } from '../../../workers/watch-temporal.ts'

afterEach(() => {
  jest.useRealTimers()
})

const WHY = 'the worker is not running'

test.each([
  ['RUNNING', 'RUNNING', true, []],
  ['RUNNING', 'INITIALIZED', true, [WHY]],
  ['DRAINING', 'RUNNING', true, [WHY]],
  ['STOPPED', 'STOPPED', true, [WHY]],
  ['RUNNING', 'FAILED', false, [WHY]],
  ['FAILED', 'RUNNING', false, [WHY]],
] as const)('%s and %s', (one, other, isAlive, why) => {
  const workers = [{ getState: () => one }, { getState: () => other }]
  const health = healthOf(workers, createReadiness())
  expect(health.isAlive()).toBe(isAlive)
  expect(health.whyNotReady()).toEqual(why)
})

test('a worker is alive and not ready while Temporal does not answer', () => {
  const readiness = createReadiness()
  readiness.unanswered('Temporal', monotonicMs() - 60_000)
  const health = healthOf([{ getState: () => 'RUNNING' }], readiness)
  expect(health.isAlive()).toBe(true)
  expect(health.whyNotReady()).toEqual(['Temporal does not answer'])
})

/** A Temporal that answers when the test says so, asked from the time 0 on. */
function watched() {
  jest.useFakeTimers({ now: 0 })
  const start = performance.now()
  const asked: { readonly answer: () => void; readonly fail: () => void }[] = []
  const waited: number[] = []
  const told: unknown[] = []
  const connection: NativeConnection = Object({
    withDeadline: (deadline: Date, work: () => unknown) => {
      waited.push(deadline.getTime() - Date.now())
      return work()
    },
    workflowService: {
      getSystemInfo: () => {
        const { promise, resolve, reject } = withResolvers<void>()
        asked.push({ answer: () => resolve(), fail: () => reject(new Error('away')) })
        return promise
      },
    },
  })
  const stop = watchTemporal(connection, {
    answered: (service) => void told.push(['answered', service]),
    unanswered: (service, at) => void told.push(['unanswered', service, at - start]),
    unavailable: () => [],
  })
  return { asked, waited, told, stop }
}

test('Temporal is asked every two seconds, for five seconds each, and never twice at once', async () => {
  const { asked, waited, told, stop } = watched()
  await jest.advanceTimersByTimeAsync(1_999)
  expect(asked).toHaveLength(0)
  await jest.advanceTimersByTimeAsync(1)
  expect(asked).toHaveLength(1)
  await jest.advanceTimersByTimeAsync(4_000)
  expect(asked).toHaveLength(1)
  asked[0]?.fail()
  await jest.advanceTimersByTimeAsync(2_000)
  asked[1]?.answer()
  await jest.advanceTimersByTimeAsync(0)
  expect(told).toEqual([
    ['unanswered', 'Temporal', 2_000],
    ['answered', 'Temporal'],
  ])
  expect(waited).toEqual([5_000, 5_000])
  stop()
  await jest.advanceTimersByTimeAsync(10_000)
  expect(asked).toHaveLength(2)
})

/** A worker that runs until it is told to stop. */
function runnable() {
  const { promise, resolve, reject } = withResolvers<void>()
  let state: 'RUNNING' | 'STOPPED' | 'FAILED' = 'RUNNING'
  let shutdowns = 0
  const worker: Runnable = {
    run: () => promise,
    getState: () => state,
    shutdown: () => {
      shutdowns += 1
      state = 'STOPPED'
      resolve()
    },
  }
  const fail = (error: Error) => {
    state = 'FAILED'
    reject(error)
  }
  return { worker, fail, shutdowns: () => shutdowns }
}

test('workers run until all have stopped', async () => {
  const [one, other] = [runnable(), runnable()]
  let isOver = false
  const run = async () => {
    await runTogether([one.worker, other.worker])
    isOver = true
  }
  const running = run()
  one.worker.shutdown()
  await new Promise((resolve) => setImmediate(resolve))
  expect([isOver, other.shutdowns()]).toEqual([false, 0])
  other.worker.shutdown()
  await running
})

test('a worker that fails stops the others, and the process has its error', async () => {
  const [one, other, stopped] = [runnable(), runnable(), runnable()]
  stopped.worker.shutdown()
  const running = runTogether([one.worker, other.worker, stopped.worker])
  one.fail(new Error('it failed'))
  await expect(running).rejects.toThrow('it failed')
  expect([one, other, stopped].map(({ shutdowns }) => shutdowns())).toEqual([0, 1, 1])
})
