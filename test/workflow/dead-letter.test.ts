// A dead letter keeps its events, fails with what a person needs, and is found by its search attributes.

import { randomUUID } from 'node:crypto'
import { expect, test } from '@jest/globals'
import {
  Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowIdReusePolicy,
} from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { type DeadEvent, type DeadLetter, type Resolution, type Stage, WORKFLOW } from '#contracts'
import { failure } from '#runtime/service-error'
import type { Activities } from '../../activities/index.ts'
import { createOpenDeadLetters } from '../../activities/open-dead-letters.ts'
import { createBatchReader } from '../../activities/read-batch.ts'
import { cancellation, message, purchase } from '../fixtures/messages.ts'
import { attempt, batchOf, metrics } from '../support/activities.ts'
import { useStack } from '../support/stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { useWorkflows } from '../support/workflows.ts'

useStack('temporal')
const { client, serve, taskQueue } = useWorkflows()

const notHere = async (): Promise<never> => {
  throw failure('batch_unreadable', 'a dead letter has no business here')
}

/** Only `recordDeadLetter` is the business of a dead letter that opens. */
const recording = (recordDeadLetter: Activities['recordDeadLetter']): Activities => ({
  validateEvents: notHere,
  writeAuditLog: notHere,
  stageEvents: notHere,
  activateEvents: notHere,
  activateWaiting: notHere,
  publishOrderChanges: notHere,
  openDeadLetters: notHere,
  keepUnreadableBatch: notHere,
  writeLedger: notHere,
  recordFailedAgain: notHere,
  recordHandling: notHere,
  forgetFailedRuns: notHere,
  countMessages: notHere,
  takeMessages: notHere,
  rejectPoison: notHere,
  recordDeadLetter,
})

const deadEvent = (...reasons: string[]): DeadEvent => ({
  messageId: randomUUID(),
  publishTime: '2026-11-20T10:00:00.000000Z',
  attributes: {},
  data: { text: '{}' },
  eventType: 'purchase',
  eventId: null,
  orderId: null,
  faults: reasons.map((reason) => ({ reason, path: 'amount', expected: 'x', received: 'y' })),
})

const letterOf = (stage: Stage, ...events: DeadEvent[]): DeadLetter => ({
  batchId: 'batch-1',
  partnerId: 'dealer-7',
  stage,
  part: 0,
  events,
})

function start(letter: DeadLetter, workflowId = `dead-letter/${randomUUID()}`) {
  return client().workflow.start(WORKFLOW.deadLetter, { taskQueue, workflowId, args: [letter] })
}

async function failureOf(result: Promise<unknown>): Promise<unknown> {
  const error: unknown = await result.then(
    () => new Error('it completed'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof WorkflowFailedError)) throw error
  return error.cause
}

test.each<[string, DeadLetter]>([
  [
    '3 events rejected from dealer-7: amount_not_a_number (2), timestamp_in_future (1)',
    letterOf(
      'validation',
      deadEvent('timestamp_in_future'),
      deadEvent('amount_not_a_number'),
      deadEvent('amount_not_a_number'),
    ),
  ],
  ['1 event rejected from dealer-7: not_json (1)', letterOf('validation', deadEvent('not_json'))],
  [
    '1 event rejected from dealer-7: consent_not_a_boolean (1), order_id_empty (1)',
    letterOf(
      'validation',
      deadEvent('consent_not_a_boolean', 'consent_not_a_boolean', 'order_id_empty'),
    ),
  ],
  [
    '1 event not staged from dealer-7: warehouse_invalid_currency (1)',
    letterOf('staging', deadEvent('warehouse_invalid_currency')),
  ],
  [
    '2 events not activated from dealer-7: segment_refused (2)',
    letterOf('activation', deadEvent('segment_refused'), deadEvent('segment_refused')),
  ],
])('it fails with "%s"', async (expected, letter) => {
  await serve(
    recording(async () => {}),
    async () => {
      const handle = await start(letter)
      expect(await failureOf(handle.result())).toMatchObject({
        message: expected,
        type: 'dead_letter',
        nonRetryable: true,
        // It fails by design, which must raise no alarm on the worker's own metrics.
        category: 'BENIGN',
        // Our own code would push the message off the screen.
        stack: '',
      })
      expect((await handle.describe()).status.name).toBe('FAILED')
    },
  )
})

test('it fails only after its events are recorded, under its own id, however often that is tried', async () => {
  const recorded: unknown[] = []
  const record = async (...args: Parameters<Activities['recordDeadLetter']>) => {
    recorded.push(args)
    if (recorded.length === 1) throw failure('warehouse_unavailable', 'down for a moment')
  }
  const letter = letterOf('validation', deadEvent('not_json'))
  const workflowId = `dead-letter/${randomUUID()}`
  await serve(recording(record), async () => {
    const handle = await start(letter, workflowId)
    expect(await failureOf(handle.result())).toMatchObject({ type: 'dead_letter' })
  })
  expect(recorded).toEqual([
    [workflowId, letter],
    [workflowId, letter],
  ])
})

const refuse = async (): Promise<never> => {
  throw failure('warehouse_request', 'BigQuery refused dead_letter')
}

test('where BigQuery refuses its rows, it fails as that bug', async () => {
  await serve(recording(refuse), async () => {
    const handle = await start(letterOf('validation', deadEvent('not_json')))
    expect(await failureOf(handle.result())).toMatchObject({
      message: 'Activity task failed',
      cause: { type: 'warehouse_request' },
    })
  })
})

const BAD = message({ ...purchase, amount: 'x' }, { publishTime: '2026-11-20T10:00:05.000000Z' })
const BATCH = batchOf(
  BAD,
  message({ ...cancellation, order_id: '' }, { publishTime: '2026-11-20T10:00:01.000000Z' }),
  message('not json', { attributes: { partner_id: '経'.repeat(256) } }),
)
const FAILED_EVENTS = [
  { index: 0, partnerId: 'dealer-7', reasons: ['amount_not_a_number'] },
  { index: 1, partnerId: 'dealer-7', reasons: ['order_id_empty'] },
  { index: 2, partnerId: '経'.repeat(256), reasons: ['not_json'] },
]

function open(batchId: string, at = client()) {
  const activity = createOpenDeadLetters(createBatchReader(), at, taskQueue, metrics)
  const of = { batchId, stage: 'validation', casualties: FAILED_EVENTS } as const
  return attempt(activity, [BATCH, of])
}

async function find(query: string): Promise<string[]> {
  const ids: string[] = []
  for await (const { workflowId } of client().workflow.list({ query })) ids.push(workflowId)
  return ids
}

test('the dead letters of a batch are one for each partner, and are found by every search attribute', async () => {
  const batchId = `batch-${randomUUID()}`
  await serve(
    recording(async () => {}),
    async () => {
      await open(batchId)
      const inBatch = `BatchId = '${batchId}' AND ExecutionStatus = 'Failed'`
      await waitFor(
        async () => (await find(inBatch)).length === 2,
        'two failed dead letters',
        20_000,
      )
      const [own = '', ...others] = await find(`${inBatch} AND PartnerId = 'dealer-7'`)
      expect(others).toEqual([])
      expect(own).toMatch(new RegExp(`^dead-letter/${batchId}/dealer-7-[0-9a-f]{8}/validation$`))
      const queries = [
        `Stage = 'validation'`,
        `Reason = 'amount_not_a_number'`,
        `Reason = 'order_id_empty'`,
        `EventType = 'purchase'`,
        `EventType = 'cancellation'`,
        'EventCount = 2',
        `OldestEventAt BETWEEN '2026-11-20T10:00:01Z' AND '2026-11-20T10:00:02Z'`,
      ]
      for (const query of queries) {
        expect([query, await find(`${inBatch} AND PartnerId = 'dealer-7' AND ${query}`)]).toEqual([
          query,
          [own],
        ])
      }
      expect(await find(`${inBatch} AND Stage = 'staging'`)).toEqual([])
      expect(await find(`${inBatch} AND EventType = 'unknown'`)).toHaveLength(1)
    },
  )
})

test('opening the dead letters of a batch again opens nothing, while they run and after', async () => {
  const batchId = `batch-${randomUUID()}`
  const query = `BatchId = '${batchId}'`
  let isReleased = false
  const record = async () => {
    await waitFor(() => isReleased, 'the release of recordDeadLetter', 20_000)
  }
  await serve(recording(record), async () => {
    await open(batchId)
    await open(batchId)
    isReleased = true
    const ended = `${query} AND ExecutionStatus = 'Failed'`
    await waitFor(async () => (await find(ended)).length === 2, 'two failed dead letters', 20_000)
    await open(batchId)
    expect(await find(query)).toHaveLength(2)
  })
})

test('where Temporal does not take a dead letter, opening is tried again', async () => {
  const { connection } = client()
  const elsewhere = new Client({ connection, namespace: 'no-such-namespace' })
  await expect(open(`batch-${randomUUID()}`, elsewhere)).rejects.toMatchObject({
    type: 'temporal_unavailable',
    nonRetryable: false,
  })
})

test('the id of a dead letter that has failed is refused to anybody but a redrive', async () => {
  await serve(
    recording(async () => {}),
    async () => {
      const letter = letterOf('validation', deadEvent('not_json'))
      const first = await start(letter)
      await failureOf(first.result())
      const options = { taskQueue, workflowId: first.workflowId, args: [letter] }
      await expect(
        client().workflow.start(WORKFLOW.deadLetter, {
          ...options,
          workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        }),
      ).rejects.toThrow(WorkflowExecutionAlreadyStartedError)
      const redrive = await client().workflow.start(WORKFLOW.deadLetter, {
        ...options,
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
      })
      expect(redrive.firstExecutionRunId).not.toBe(first.firstExecutionRunId)
      expect(await failureOf(redrive.result())).toMatchObject({ type: 'dead_letter' })
    },
  )
})

const RESOLUTION: Resolution = {
  action: 'redrive',
  events: 4,
  attempt: 3,
  actor: 'ann',
  reason: 'a test',
  patch: null,
  occurredAt: '2026-11-20T10:00:00.000000Z',
  previousRunId: null,
  staged: [3],
}

test('a redrive activates and publishes only what is staged, and records unread what no worker can finish with', async () => {
  const batch = batchOf(message(), message(), message(), message())
  const of = (index: number, reason: string) => [
    { index, partnerId: 'dealer-7', reasons: [reason] },
  ]
  const [rejected, unstaged] = [of(0, 'not_json'), of(2, 'warehouse_refused')]
  const asked: (readonly [string, unknown])[] = []
  const activities: Activities = {
    ...recording(notHere),
    validateEvents: async () => ({
      received: 4,
      accepted: 3,
      rejected,
      duplicates: [],
      publishesChanges: true as const,
    }),
    stageEvents: async (_batch, batchId, skip) => {
      asked.push(['stage', { batchId, skip }])
      return { purchase: 1, cancellation: 0, failed: unstaged }
    },
    activateEvents: async (_batch, request) => {
      asked.push(['activate', request])
      return { accepted: 2, notActivated: 0, waiting: 0, failed: [] }
    },
    publishOrderChanges: async (_batch, request) => {
      asked.push(['publish', request])
      return { created: 2, corrected: 0, cancelled: 0 }
    },
    recordFailedAgain: async (_batch, again) => {
      asked.push(['record', again])
      if (!again.isUnread)
        throw ApplicationFailure.create({ type: 'batch_overtime', nonRetryable: true })
      return []
    },
    recordHandling: async () => {},
    forgetFailedRuns: async () => {},
  }
  const workflowId = `dead-letter/${randomUUID()}`
  const letter = letterOf('validation', deadEvent('not_json'))
  await serve(activities, () =>
    client().workflow.execute(WORKFLOW.deadLetter, {
      taskQueue,
      workflowId,
      args: [letter, RESOLUTION, batch],
    }),
  )
  const failures = [
    { stage: 'validation', casualties: rejected },
    { stage: 'staging', casualties: unstaged },
  ]
  const again = { batchId: letter.batchId, attempt: 3, failures }
  const inOrder = asked.toSorted(([one], [other]) => (one < other ? -1 : 1))
  expect(inOrder).toEqual([
    ['activate', { batchId: workflowId, attempt: 3, skip: [0, 2] }],
    ['publish', { batchId: workflowId, skip: [0, 2] }],
    ['record', again],
    ['record', { ...again, isUnread: true }],
    ['stage', { batchId: workflowId, skip: [0, 3] }],
  ])
})
