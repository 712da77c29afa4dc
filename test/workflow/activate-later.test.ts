// Events that wait until Segment can be told of them, with the time between two looks skipped.

import { randomUUID } from 'node:crypto'
import { beforeEach, expect, test } from '@jest/globals'
import { activityInfo } from '@temporalio/activity'
import { ApplicationFailure } from '@temporalio/common'
import { activationQueue, type Message, type WaitingActivated, WORKFLOW } from '#contracts'
import { decodeBatch } from '#contracts/batch-payload'
import { failure } from '#runtime/service-error'
import type { WaitingRequest } from '../../activities/activate-waiting.ts'
import type { Undeliverable } from '../../activities/open-dead-letters.ts'
import { createBatchReader } from '../../activities/read-batch.ts'
import { createRejectPoison } from '../../activities/reject-poison.ts'
import { countMessages, takeMessages } from '../../activities/take-messages.ts'
import { cancellation, message } from '../fixtures/messages.ts'
import { batchOf, countDecisions } from '../support/activities.ts'
import { timersOf, useTimeSkipping } from '../support/time-skipping/server.ts'
import { workflowBundle } from '../support/workflows.ts'

const taskQueue = randomUUID()

const MINUTE = 60
/** What two looks and the tasks between them may take on a machine that is busy, in seconds. */
const SLACK = 25
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A look at the events: when it was, and what the workflow asked. */
type Look = { readonly atSeconds: number; readonly messages: readonly Message[] } & WaitingRequest

const looks: Look[] = []
const letters: Undeliverable[] = []
let answer: (look: Look) => Partial<WaitingActivated>

beforeEach(() => {
  looks.length = 0
  letters.length = 0
})

const NOTHING: WaitingActivated = {
  accepted: 0,
  notActivated: 0,
  waiting: 0,
  failed: [],
  settled: [],
  coolingOff: 0,
  dueInSeconds: null,
}

const activities = {
  activateWaiting: async (batch: Uint8Array, request: WaitingRequest) => {
    const atSeconds = activityInfo().currentAttemptScheduledTimestampMs / 1000
    const look = { atSeconds, messages: decodeBatch(batch), ...request }
    looks.push(look)
    return { ...NOTHING, ...answer(look) }
  },
  openDeadLetters: async (_batch: Uint8Array, of: Undeliverable) => void letters.push(of),
  countMessages,
  takeMessages,
  rejectPoison: createRejectPoison(createBatchReader(), countDecisions),
}

const server = useTimeSkipping(
  { taskQueue, workflowBundle: workflowBundle(), activities },
  { taskQueue: activationQueue(taskQueue), activities },
)

/** The pauses as the workflow asked for them, in seconds. */
let timers: number[] = []

/** Runs the workflow to its end. */
async function run(messages: readonly Message[], workflowId = `batch-1/later-${randomUUID()}`) {
  const args = [batchOf(...messages)]
  const summary: unknown = await server().client.workflow.execute(WORKFLOW.activateLater, {
    taskQueue,
    workflowId,
    args,
  })
  timers = await timersOf(server().client, workflowId)
  return summary
}

const cancelled = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, i) =>
    message({ ...cancellation, order_id: `order-${i}`, ...more }),
  )

/** Seconds between one look and the next. */
const pauses = () =>
  looks.slice(1).map(({ atSeconds }, i) => atSeconds - (looks[i]?.atSeconds ?? 0))

const waitedSeconds = () => (looks.at(-1)?.atSeconds ?? 0) - (looks[0]?.atSeconds ?? 0)

test('what can be sent at once takes one look, and no pause', async () => {
  answer = () => ({ accepted: 2, notActivated: 1, settled: [0, 1, 2] })
  expect(await run(cancelled(3))).toEqual({ accepted: 2, notActivated: 1, failed: 0 })
  expect(looks).toHaveLength(1)
})

test('what waits is looked at again after a minute, and then with pauses that double', async () => {
  answer = () => (looks.length < 9 ? { waiting: 1 } : { accepted: 1, settled: [0] })
  expect(await run(cancelled(1))).toEqual({ accepted: 1, notActivated: 0, failed: 0 })
  expect(timers[0]).toBe(MINUTE)
  const expected = [1, 1, 2, 4, 8, 16, 32, 64].map((minutes) => minutes * MINUTE)
  expect(pauses()).toHaveLength(expected.length)
  for (const [i, pause] of pauses().entries()) {
    expect(pause).toBeGreaterThanOrEqual((expected[i] ?? 0) - 1)
    expect(pause).toBeLessThan((expected[i] ?? 0) * 1.05 + SLACK)
  }
})

test('a purchase that never comes is waited for 54 days, with pauses of five days at most and some twenty looks', async () => {
  answer = () => (waitedSeconds() < 54 * DAY ? { waiting: 1 } : { notActivated: 1, settled: [0] })
  expect(await run(cancelled(1))).toEqual({ accepted: 0, notActivated: 1, failed: 0 })
  expect(waitedSeconds()).toBeLessThan(59 * DAY + HOUR)
  expect(looks.length).toBeLessThanOrEqual(30)
  expect(Math.max(...pauses())).toBeLessThan(5 * DAY + MINUTE)
  expect(Math.max(...timers)).toBe(5 * DAY)
}, 120_000)

test('what waits is recorded by the first look only, whatever becomes of it', async () => {
  answer = () => {
    if (looks.length === 1) throw failure('segment_unavailable', 'down for a moment')
    return looks.length < 5 ? { waiting: 1 } : { accepted: 1, settled: [0] }
  }
  const workflowId = `batch-1/later-${randomUUID()}`
  await run(cancelled(1), workflowId)
  // The second one repeats the first, which failed.
  expect(looks.map(({ isFirst }) => isFirst)).toEqual([true, true, false, false, false])
  expect(new Set(looks.map(({ batchId }) => batchId))).toEqual(new Set([workflowId]))
})

test('an event with a final outcome is not looked at again', async () => {
  const answers: Partial<WaitingActivated>[] = [
    { waiting: 2, accepted: 1, settled: [1] },
    { waiting: 1, notActivated: 1, settled: [2] },
    { accepted: 1, settled: [0] },
  ]
  answer = () => answers[looks.length - 1] ?? {}
  expect(await run(cancelled(3))).toEqual({ accepted: 2, notActivated: 1, failed: 0 })
  expect(looks.map(({ skip }) => skip)).toEqual([[], [1], [1, 2]])
})

test('events that all cool off are looked at when the first of them is due', async () => {
  answer = () =>
    looks.length === 1
      ? { waiting: 2, coolingOff: 2, dueInSeconds: 3 * HOUR }
      : { accepted: 2, settled: [0, 1] }
  await run(cancelled(2))
  const [pause = 0, ...more] = pauses()
  expect(more).toEqual([])
  expect(timers).toEqual([3 * HOUR])
  expect(pause).toBeGreaterThanOrEqual(3 * HOUR - 1)
  expect(pause).toBeLessThan(3 * HOUR + SLACK)
})

test.each([
  [20, 20],
  [3 * HOUR, MINUTE],
])(
  'where one of two cools off for %i s, both are looked at after %i s',
  async (dueInSeconds, expected) => {
    answer = () =>
      looks.length === 1
        ? { waiting: 2, coolingOff: 1, dueInSeconds }
        : { accepted: 2, settled: [0, 1] }
    await run(cancelled(2))
    expect(timers).toEqual([expected])
  },
)

test('what Segment refuses is a dead letter of activation at once, and the others still wait', async () => {
  const failed = [{ index: 2, partnerId: 'dealer-7', reasons: ['segment_refused'] }]
  let lettersAtSecondLook = 0
  answer = () => {
    if (looks.length === 1) return { waiting: 1, accepted: 1, failed, settled: [1, 2] }
    lettersAtSecondLook = letters.length
    return { accepted: 1, settled: [0] }
  }
  const workflowId = `batch-1/later-${randomUUID()}`
  expect(await run(cancelled(3), workflowId)).toEqual({
    accepted: 2,
    notActivated: 0,
    failed: 1,
  })
  expect(letters).toEqual([{ batchId: workflowId, stage: 'activation', casualties: failed }])
  expect(lettersAtSecondLook).toBe(1)
  expect(looks[1]?.skip).toEqual([1, 2])
})

const isPoison = ({ data }: Message) => Buffer.from(data).includes('POISON')

test('a message with which no worker can finish is a dead letter once, and the others are activated', async () => {
  const messages = [...cancelled(6), ...cancelled(1, { note: 'POISON' }), ...cancelled(5)]
  answer = ({ messages: own, skip }) => {
    const open = own
      .map((one, index) => ({ one, index }))
      .filter(({ index }) => !skip.includes(index))
    if (open.some(({ one }) => isPoison(one)))
      throw ApplicationFailure.create({
        type: 'batch_overtime',
        nonRetryable: true,
        details: [{ suspect: null }],
      })
    const isWhole = own.length === messages.length
    if (!isWhole) return { waiting: open.length }
    return { accepted: open.length, settled: open.map(({ index }) => index) }
  }
  expect(await run(messages)).toEqual({ accepted: 11, notActivated: 0, failed: 1 })
  expect(letters).toMatchObject([
    {
      stage: 'activation',
      casualties: [{ index: 6, partnerId: 'dealer-7', reasons: ['poison'] }],
    },
  ])
  expect(looks.at(-1)?.skip).toEqual([6])
})

test('an outage of six hours is waited out by one look, and loses nothing', async () => {
  answer = () => {
    if (waitedSeconds() < 6 * HOUR) throw failure('segment_unavailable', 'down for hours')
    return { accepted: 2, settled: [0, 1] }
  }
  expect(await run(cancelled(2))).toEqual({ accepted: 2, notActivated: 0, failed: 0 })
  expect(Math.max(...pauses())).toBeLessThan(5 * MINUTE + SLACK)
  expect(looks.length).toBeLessThan(90)
  expect(new Set(looks.map(({ skip }) => skip.length))).toEqual(new Set([0]))
})

test('a defect fails the workflow, so that a person sees it', async () => {
  answer = () => {
    throw failure('warehouse_request', 'a defect')
  }
  await expect(run(cancelled(1))).rejects.toMatchObject({
    cause: { cause: { type: 'warehouse_request', message: 'a defect' } },
  })
  expect(looks).toHaveLength(1)
})
