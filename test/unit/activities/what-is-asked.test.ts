// What activities ask of Temporal and of Segment: how dead letters are started, what is deleted, and what is listed.

import { afterEach, expect, jest, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { ATTRIBUTE_KEY, type EventFailure, WORKFLOW } from '#contracts'
import { activityMetrics } from '#runtime/metrics/groups'
import { createLookUpVersions } from '../../../activities/changes/look-up-versions.ts'
import { createAskSegment } from '../../../activities/erase/ask-segment.ts'
import { createForgetFailedRuns } from '../../../activities/forget-failed-runs.ts'
import { createOpenDeadLetters } from '../../../activities/open-dead-letters.ts'
import { createBatchReader } from '../../../activities/read-batch.ts'
import { countUnaccounted } from '../../../activities/sweep/count-unaccounted.ts'
import { publishSpan } from '../../../activities/sweep/publish-span.ts'
import { createRecordEndedLetters } from '../../../activities/sweep/record-ended-letters.ts'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { message, purchase } from '../../fixtures/messages.ts'
import { attempt, batchOf, metrics, recordingWarehouse } from '../../support/activities.ts'

afterEach(() => void jest.useRealTimers())

/** A batch of invalid events of so many partners, and its failures. */
function failedOf(partners: number) {
  const ids = Array.from({ length: partners }, (_, i) => `p${i}`)
  const batch = batchOf(...ids.map((partner_id) => message({ ...purchase, partner_id })))
  const casualties = ids.map(
    (partnerId, index): EventFailure => ({ index, partnerId, reasons: ['amount_missing'] }),
  )
  return [batch, { batchId: 'batch-1', stage: 'validation', casualties }] as const
}

/** A Temporal that notes the dead letters it is given. */
function opening(start: () => Promise<unknown> = async () => null) {
  const started: [type: string, options: Readonly<Record<string, unknown>>][] = []
  let [underWay, most] = [0, 0]
  const client: Client = Object({
    workflow: {
      start: async (type: string, options: Readonly<Record<string, unknown>>) => {
        started.push([type, options])
        most = Math.max(most, ++underWay)
        await start().finally(() => {
          underWay -= 1
        })
      },
    },
  })
  const { meter, take } = createThreadMeter()
  const open = createOpenDeadLetters(createBatchReader(), client, 'q', activityMetrics(meter))
  const run = (partners: number, isLocal = false) => {
    const [batch, undeliverable] = failedOf(partners)
    return attempt(open, [batch, undeliverable], { isLocal })
  }
  return { run, started, take, most: () => most }
}

test('a dead letter is started after live traffic, once, with what people read and search', async () => {
  const { run, started, take } = opening()
  await run(2)
  const [[type, options] = []] = started
  expect(type).toBe(WORKFLOW.deadLetter)
  expect(options).toMatchObject({
    workflowId: expect.stringMatching(/^dead-letter\/batch-1\/p0-[0-9a-f]{8}\/validation$/),
    taskQueue: 'q',
    args: [{ batchId: 'batch-1', partnerId: 'p0', stage: 'validation' }],
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    typedSearchAttributes: expect.arrayContaining([
      { key: ATTRIBUTE_KEY.partnerId, value: 'p0' },
      { key: ATTRIBUTE_KEY.eventCount, value: 1 },
    ]),
    staticSummary: expect.stringContaining('1 event of p0 rejected: amount_missing (1)'),
    staticDetails: expect.stringContaining('amount'),
    // Temporal's default is 3, and lower numbers come first.
    priority: { priorityKey: 4, fairnessKey: expect.stringMatching(/^[0-9a-f]{8}$/) },
  })
  const keys = started.map(([, { priority }]) => Object(priority).fairnessKey)
  expect(new Set(keys).size).toBe(2)
  const one = { name: 'dead_letters_opened_total', value: 1, tags: { stage: 'validation' } }
  expect(take()).toEqual([one, one])
})

test('four dead letters are started at the same time, and where one is not taken the others are, and the attempt fails', async () => {
  let starts = 0
  const { run, started, most } = opening(async () => {
    starts += 1
    const isRefused = starts === 2
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    if (isRefused) throw new Error('no answer')
  })
  await expect(run(20)).rejects.toMatchObject({ type: 'temporal_unavailable' })
  expect([started.length, most()]).toEqual([20, 4])
})

test('forty dead letters are opened at once and then twenty a second, by batches that wait half a minute at most', async () => {
  jest.useFakeTimers({
    doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'setTimeout', 'setInterval'],
  })
  const { run } = opening()
  const waits: unknown[] = []
  const failures: unknown[] = []
  for (let batch = 0; batch < 50; batch += 1) {
    const thrown: unknown = await run(20, true).then(
      () => null,
      (error: unknown) => error,
    )
    waits.push(thrown === null ? 0 : Object(thrown).details[0])
    if (thrown !== null) failures.push(thrown)
  }
  expect(waits.slice(0, 6)).toEqual([0, 0, 0, 1, 2, 3])
  expect(waits.at(-1)).toBe(30)
  expect(failures[0]).toMatchObject({
    type: 'dead_letters_paced',
    message: 'Many dead letters are being opened: these wait for 1.0 s',
  })
  // An ordinary attempt has waited already.
  await expect(run(20)).resolves.toBeUndefined()
})

test('the failed runs of a dead letter are deleted, with the one that the list may not have, and never the own one', async () => {
  const deleted: unknown[] = []
  const queries: string[] = []
  const client: Client = Object({
    options: { namespace: 'default' },
    workflow: {
      async *list({ query }: { query: string }) {
        queries.push(query)
        yield* ['run-1', 'own', 'run-2'].map((runId) => ({ runId }))
      },
    },
    workflowService: {
      deleteWorkflowExecution: async ({ workflowExecution }: { workflowExecution: object }) =>
        void deleted.push(workflowExecution),
    },
  })
  const forget = createForgetFailedRuns(client)
  const workflowExecution = { workflowId: 'l', runId: 'own' }
  await attempt(forget, ['l', 'run-0'], { workflowExecution })
  expect(deleted).toEqual(['run-0', 'run-1', 'run-2'].map((runId) => ({ workflowId: 'l', runId })))
  expect(queries).toEqual(["WorkflowId = 'l' AND ExecutionStatus != 'Running'"])
})

const PERSON = { partnerId: 'dealer:7', customerId: 'C101' }

test('Segment is asked to delete a person, and not to suppress the id', async () => {
  const asked: unknown[] = []
  const api = (answer: unknown) => ({
    request: async (...args: readonly unknown[]) => {
      asked.push(args)
      return answer
    },
  })
  const ask = createAskSegment(Object(api({ regulateId: 'r-1' })))
  expect(await ask(PERSON)).toEqual({ isAsked: true, regulationId: 'r-1' })
  expect(asked).toEqual([
    [
      'POST',
      '/regulations',
      { regulationType: 'DELETE_ONLY', subjectType: 'USER_ID', subjectIds: ['dealer%3A7:C101'] },
    ],
  ])
  for (const answer of [{}, { regulateId: '' }, null])
    await expect(createAskSegment(Object(api(answer)))(PERSON)).rejects.toMatchObject({
      message: expect.stringContaining('the answer has no regulation id'),
    })
  expect(await createAskSegment(null)(PERSON)).toEqual({ isAsked: false, why: 'no_token' })
})

const UNTIL = '2026-11-20T12:00:00.000Z'

test('messages of two days are looked for that are nowhere, but for those of batches that are under way', async () => {
  const asked: unknown[] = []
  const read = Object(async ({ params }: { params: unknown }) => {
    asked.push(params)
    return [
      { id: 'b1', messages: 3 },
      { id: 'b2', messages: 4 },
      { id: 'b3', messages: 5 },
    ]
  })
  const queries: string[] = []
  const client: Client = Object({
    workflow: {
      count: async (query: string) => {
        queries.push(query)
        return { count: query.includes("'b2'") ? 1 : 0 }
      },
    },
  })
  expect(await countUnaccounted(client, read, UNTIL)).toEqual({
    messages: 8,
    batches: ['b1', 'b3'],
  })
  expect(asked).toEqual([{ since: new Date('2026-11-18T12:00:00.000Z'), until: new Date(UNTIL) }])
  expect(queries[0]).toBe(
    "WorkflowType = 'processBatch' AND ExecutionStatus = 'Running' AND (WorkflowId = 'b1' OR WorkflowId STARTS_WITH 'b1/')",
  )
})

test('the span of messages ends a millisecond after the newest, which may have microseconds', () => {
  const times = ['2026-11-20T10:00:00.000999Z', '2026-11-20T09:00:00Z', '2026-11-20T09:30:00Z']
  expect(publishSpan(times.map((publishTime) => ({ publishTime })))).toEqual({
    oldest: new Date('2026-11-20T09:00:00.000Z'),
    newest: new Date('2026-11-20T10:00:00.001Z'),
  })
})

test('dead letters that ended in any way before they were recorded are listed, and none that failed', async () => {
  const queries: string[] = []
  const client: Client = Object({
    workflow: {
      count: async () => ({ count: 0 }),
      async *list({ query }: { query: string }) {
        queries.push(query)
        yield* []
      },
    },
  })
  const { warehouse } = recordingWarehouse()
  const record = createRecordEndedLetters(
    client,
    warehouse,
    Object(async () => []),
    metrics,
  )
  await attempt(record, [{ until: '2026-11-20T11:00:00.000Z', postponed: [] }, UNTIL])
  expect(queries).toEqual([
    `WorkflowType IN ('deadLetter') AND ExecutionStatus IN ('Terminated', 'TimedOut', 'Canceled') AND CloseTime >= '2026-11-20T11:00:00.000Z' AND CloseTime < '${UNTIL}'`,
  ])
})

const versionAt = (publish_time: string, order_id: string) =>
  Object({ partner_id: 'dealer-7', order_id, publish_time })

test('versions of orders are looked up for 400 days before the oldest event, each order once', async () => {
  const asked: unknown[] = []
  const read = Object(async ({ params }: { params: unknown }) => {
    asked.push(params)
    return []
  })
  await createLookUpVersions(
    read,
    0,
  )([
    versionAt('2026-11-20T11:00:00.000000Z', 'A1'),
    versionAt('2026-11-20T10:00:00.000000Z', 'A2'),
    versionAt('2026-11-20T12:00:00.000000Z', 'A1'),
  ])
  expect(asked).toEqual([
    expect.objectContaining({
      partners: ['dealer-7'],
      orders: ['A1', 'A2'],
      since: new Date('2025-10-16T10:00:00.000Z'),
    }),
  ])
})
