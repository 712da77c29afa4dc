// Activities in threads: what crosses from one to the other, and what becomes of a thread that does not come to an end.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Info } from '@temporalio/activity'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { createLogger } from '#runtime/log'
import { isolationMetrics } from '#runtime/metrics/groups'
import { startActivityThread } from '../../../workers/isolation/activity-thread.ts'
import {
  type IsolatedActivities,
  isolateActivities,
} from '../../../workers/isolation/isolated-activities.ts'
import type { MetricUpdate } from '../../../workers/isolation/protocol.ts'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { createSupply } from '../../../workers/isolation/thread-supply.ts'
import { recordingLog } from '../../support/recording-log.ts'

const LIMIT_MS = 180_000
const MAIN = new URL('../../support/activity-thread/main.ts', import.meta.url)
const recorded: MetricUpdate[] = []
const counted = createThreadMeter()
let isolated: IsolatedActivities

beforeAll(async () => {
  isolated = await isolateActivities({
    main: MAIN,
    record: (updates) => void recorded.push(...updates),
    metrics: isolationMetrics(counted.meter),
    log: createLogger('test', 'silent'),
  })
}, LIMIT_MS)
afterAll(() => isolated.close(), LIMIT_MS)

const quiet = new DefaultLogger('ERROR')
let runs = 0

/** One attempt, of a run of its own unless `info` names one. */
function attempt(name: string, args: readonly unknown[] = [], info: Partial<Info> = {}) {
  runs += 1
  const workflowExecution = { workflowId: 'batch', runId: `run-${runs}` }
  const environment = new MockActivityEnvironment(
    { activityType: name, workflowExecution, ...info },
    { logger: quiet },
  )
  const activity = isolated.activities[name]
  if (!activity) throw new Error(`there is no ${name}`)
  return { environment, settled: environment.run(activity, ...args) }
}

const resultOf = (name: string, ...args: readonly unknown[]) => attempt(name, args).settled

const errorOf = (settled: Promise<unknown>) =>
  settled.then(
    () => new Error('it succeeded'),
    (error: unknown) => error,
  )

const OVERTIME = { type: 'batch_overtime', nonRetryable: true }

describe('what crosses', () => {
  test('arguments and results, bytes included, and the bytes stay with the caller', async () => {
    expect(await resultOf('add', 1, 2)).toBe(3)
    const bytes = new Uint8Array(1_000).subarray(10, 30)
    expect(await resultOf('sizeOf', bytes)).toBe(20)
    expect(bytes).toHaveLength(20)
  })

  test('what Temporal says of the attempt', async () => {
    const { settled } = attempt('info', [], { attempt: 7, heartbeatDetails: { settledTo: 3 } })
    expect(await settled).toMatchObject({
      attempt: 7,
      heartbeatDetails: { settledTo: 3 },
      activityType: 'info',
    })
  })

  test('heartbeats with their details', async () => {
    const { environment, settled } = attempt('beat', [{ settledTo: 5 }])
    const beats: unknown[] = []
    environment.on('heartbeat', (details: unknown) => beats.push(details))
    await settled
    expect(beats).toEqual([{ settledTo: 5 }])
  })

  test('a failure with type, details, retry delay, cause and whether it is retried', async () => {
    const error = await errorOf(resultOf('refuse'))
    expect(error).toBeInstanceOf(ApplicationFailure)
    expect(String(error)).toContain('come back later')
    expect(error).toMatchObject({
      type: 'warehouse_throttled',
      nextRetryDelay: 7_000,
      details: [7],
      nonRetryable: true,
      cause: { message: 'because' },
    })
  })

  test('a cancellation', async () => {
    const { environment, settled } = attempt('untilCancelled')
    environment.cancel('CANCELLED')
    expect(await errorOf(settled)).toBeInstanceOf(CancelledFailure)
  })

  test('what activities count', async () => {
    await resultOf('count', 12)
    expect(recorded).toContainEqual({
      name: 'events_decided_total',
      value: 12,
      tags: { decision: 'accepted' },
    })
  })
})

describe('a call that stops its thread', () => {
  test.each([
    ['spin', []],
    ['spinLater', []],
    ['allocate', []],
    ['exit', []],
    ['crash', []],
  ])(
    '%s fails as overtime, and its neighbours finish',
    async (name, args) => {
      const waiting = Array.from({ length: 4 }, () => resultOf('wait', 300))
      const guilty = errorOf(resultOf(name, ...args))
      const late = resultOf('add', 20, 22)
      expect(await Promise.all(waiting)).toEqual(Array.from({ length: 4 }).fill('waited'))
      expect(await late).toBe(42)
      expect(await guilty).toMatchObject({ ...OVERTIME, details: [{ suspect: null }] })
      expect(await resultOf('add', 1, 1)).toBe(2)
    },
    LIMIT_MS,
  )

  test(
    'names the message that was being read',
    async () => {
      const error = await errorOf(resultOf('spinReading', 17))
      expect(error).toMatchObject({ ...OVERTIME, details: [{ suspect: 17 }] })
    },
    LIMIT_MS,
  )

  test(
    'does not touch the shared thread again in the same step of the same run',
    async () => {
      const workflowExecution = { workflowId: 'batch', runId: 'the same' }
      const spin = (index: number) =>
        errorOf(attempt('spinReading', [index], { workflowExecution }).settled)
      counted.take()
      expect(await spin(1)).toMatchObject(OVERTIME)
      const isolatedOnce = {
        name: 'steps_isolated_total',
        value: 1,
        tags: { activity: 'spinReading' },
      }
      expect(counted.take().filter(({ name }) => name === isolatedOnce.name)).toEqual([
        isolatedOnce,
      ])
      expect(await spin(2)).toMatchObject({ ...OVERTIME, details: [{ suspect: 2 }] })
      expect(counted.take()).toEqual([
        { name: 'activity_thread_restarts_total', value: 1, tags: { thread: 'quarantine' } },
      ])
    },
    LIMIT_MS,
  )

  test(
    'is not run again once it is proven to stop its thread',
    async () => {
      const workflowExecution = { workflowId: 'batch', runId: 'another' }
      const spin = () => errorOf(attempt('spin', [], { workflowExecution }).settled)
      expect(await spin()).toMatchObject(OVERTIME)
      counted.take()
      expect(await spin()).toMatchObject(OVERTIME)
      expect(counted.take()).toEqual([])
    },
    LIMIT_MS,
  )

  test(
    'is dropped where Temporal has given it up, and the next one is not blamed for it',
    async () => {
      const { environment, settled } = attempt('spin')
      const failed = errorOf(settled)
      environment.cancel('TIMED_OUT')
      expect(await failed).toBeInstanceOf(CancelledFailure)
      expect(await resultOf('add', 2, 3)).toBe(5)
    },
    LIMIT_MS,
  )
})

test(
  'a thread that fails while it starts is tried again, and its end ends nothing else',
  async () => {
    const { log, lines } = recordingLog()
    const mains = [new URL('data:text/javascript,throw new Error("Temporal does not answer")')]
    const start = () => startActivityThread({ main: mains.shift() ?? MAIN, record: () => {} })
    const supply = createSupply(start, log)
    const thread = await supply.take()
    expect(thread.names).toContain('add')
    expect(lines.map(({ msg, err }) => [msg, err])).toEqual([
      [
        'an activity thread cannot be started, and is tried again',
        expect.objectContaining({ message: 'Temporal does not answer' }),
      ],
    ])
    await Promise.all([thread.close(), supply.close()])
  },
  LIMIT_MS,
)
