// Steps that a worker cannot finish: the batch is cut until the message at fault stands alone, and all others go on.

import { randomUUID } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { ApplicationFailure } from '@temporalio/common'
import { type ActivationRequest, type Message, WORKFLOW } from '#contracts'
import { decodeBatch } from '#contracts/batch-payload'
import type { Activities } from '../../activities/index.ts'
import type { Undeliverable } from '../../activities/open-dead-letters.ts'
import { createBatchReader } from '../../activities/read-batch.ts'
import { createRejectPoison } from '../../activities/reject-poison.ts'
import { countMessages, takeMessages } from '../../activities/take-messages.ts'
import { createValidateEvents } from '../../activities/validate-events.ts'
import { message, purchase } from '../fixtures/messages.ts'
import { batchOf, countDecisions } from '../support/activities.ts'
import { useStack } from '../support/stack.ts'
import { useWorkflows } from '../support/workflows.ts'

useStack('temporal')
const { client, serve, taskQueue } = useWorkflows()

const SIZE = 60
const POISON = [7, 41]

const isPoison = ({ data }: Message) => Buffer.from(data).includes('POISON')

const batch = () =>
  batchOf(
    ...Array.from({ length: SIZE }, (_, index) =>
      message({
        ...purchase,
        order_id: `order-${index}`,
        ...(POISON.includes(index) && { note: 'POISON' }),
        ...(index === 50 && { amount: 'abc' }),
      }),
    ),
  )

const overtime = (suspect: number | null) =>
  ApplicationFailure.create({
    type: 'batch_overtime',
    message: 'a worker could not finish',
    nonRetryable: true,
    details: [{ suspect }],
  })

/** Fails as a worker would where the bytes hold poison. */
function stopAt(bytes: Uint8Array, hint: (index: number) => number | null): void {
  const index = decodeBatch(bytes).findIndex(isPoison)
  if (index >= 0) throw overtime(hint(index))
}

const orderOf = ({ data }: Message) => String(JSON.parse(Buffer.from(data).toString()).order_id)

/** Activities over the real reader that note which orders they had. */
function recording() {
  const reader = createBatchReader()
  const staged: string[] = []
  const audited: string[] = []
  const activated: string[] = []
  const letters: Undeliverable[] = []
  const requests: ActivationRequest[] = []
  const ledger: unknown[] = []
  const goingOn = (bytes: Uint8Array, skip: readonly number[]) =>
    decodeBatch(bytes).filter((_, index) => !skip.includes(index))
  const validate = createValidateEvents(reader, countDecisions)
  const activities: Activities = {
    validateEvents: (bytes) => validate(bytes),
    writeAuditLog: async (bytes) => void audited.push(...decodeBatch(bytes).map(orderOf)),
    stageEvents: async (bytes, _batchId, skip) => {
      const orders = goingOn(bytes, skip).map(orderOf)
      staged.push(...orders)
      return { purchase: orders.length, cancellation: 0, failed: [] }
    },
    activateEvents: async (bytes, request) => {
      const orders = goingOn(bytes, request.skip).map(orderOf)
      requests.push(request)
      activated.push(...orders)
      return { accepted: orders.length, notActivated: 0, waiting: 0, failed: [] }
    },
    activateWaiting: async () => {
      throw new Error('no event of this file waits')
    },
    publishOrderChanges: async () => {
      throw new Error('change events are off')
    },
    openDeadLetters: async (_bytes, undeliverable) => void letters.push(undeliverable),
    recordDeadLetter: async () => {},
    recordFailedAgain: async () => [],
    recordHandling: async () => {},
    forgetFailedRuns: async () => {},
    writeLedger: async (bytes, entry) =>
      void ledger.push({ messages: decodeBatch(bytes).length, ...entry }),
    countMessages,
    takeMessages,
    rejectPoison: createRejectPoison(reader, countDecisions),
    keepUnreadableBatch: async () => {
      throw new Error('every batch of this file can be read')
    },
  }
  return { activities, staged, audited, activated, letters, requests, ledger }
}

const RECEIPT = { digest: 'd', days: [{ oldest: '2026-11-20T10:00:00Z', messages: SIZE }] }

function run(activities: Activities, workflowId = `batch-${randomUUID()}`) {
  return serve(activities, async () => {
    const options = { taskQueue, workflowId, args: [batch()], memo: { receipt: RECEIPT } }
    const summary: unknown = await client().workflow.execute(WORKFLOW.processBatch, options)
    return summary
  })
}

const goodOrders = Array.from({ length: SIZE }, (_, index) => index)
  .filter((index) => !POISON.includes(index) && index !== 50)
  .map((index) => `order-${index}`)
  .toSorted()

const poisonAt = (stage: string) => ({
  stage,
  casualties: POISON.map((index) => ({ index, partnerId: 'dealer-7', reasons: ['poison'] })),
})

const inOrder = (letters: readonly Undeliverable[]) =>
  letters.map(({ stage, casualties }) => ({
    stage,
    casualties: casualties.toSorted((a, b) => a.index - b.index),
  }))

test.each<[string, (index: number) => number | null]>([
  ['the message that was being read', (index) => index],
  ['nothing of where it was stopped', () => null],
  ['a message that is not at fault', () => 0],
  ['a message that is not there', () => 1_000],
])('where the worker tells %s, validation finds both messages at fault', async (_what, hint) => {
  const { activities, staged, audited, letters } = recording()
  const { validateEvents } = activities
  const summary = await run({
    ...activities,
    validateEvents: async (bytes) => {
      stopAt(bytes, hint)
      return validateEvents(bytes)
    },
  })
  expect(summary).toMatchObject({ received: 60, accepted: 57, rejected: 3, stagedPurchase: 57 })
  expect(staged.toSorted()).toEqual(goodOrders)
  expect(audited).toHaveLength(SIZE)
  const [letter] = inOrder(letters)
  expect(letter?.stage).toBe('validation')
  expect(letter?.casualties).toEqual([
    ...poisonAt('').casualties,
    { index: 50, partnerId: 'dealer-7', reasons: ['amount_not_a_number'] },
  ])
})

test('where change events are on, those of the others are published, by indexes of the whole batch', async () => {
  const { activities } = recording()
  const validate = createValidateEvents(createBatchReader(), countDecisions, true)
  const published: string[] = []
  await run({
    ...activities,
    validateEvents: async (bytes) => {
      stopAt(bytes, () => null)
      return validate(bytes)
    },
    publishOrderChanges: async (bytes, { skip }) => {
      const orders = decodeBatch(bytes).filter((_, index) => !skip.includes(index))
      published.push(...orders.map(orderOf))
      return { created: orders.length, corrected: 0, cancelled: 0 }
    },
  })
  expect(published.toSorted()).toEqual(goodOrders)
})

test('where staging cannot be finished, the others are staged and activated, and these are dead letters of staging', async () => {
  const { activities, staged, activated, letters } = recording()
  const { stageEvents } = activities
  const summary = await run({
    ...activities,
    stageEvents: async (bytes, ...rest) => {
      stopAt(bytes, () => null)
      return stageEvents(bytes, ...rest)
    },
  })
  expect(summary).toMatchObject({
    accepted: 59,
    stagedPurchase: 57,
    undeliverable: 2,
    activated: 57,
  })
  expect(staged.toSorted()).toEqual(goodOrders)
  expect(activated.toSorted()).toEqual(goodOrders)
  expect(inOrder(letters)).toContainEqual(poisonAt('staging'))
})

test('where activation cannot be finished, these are dead letters of activation, and the ledger is written once, of the whole batch', async () => {
  const { activities, activated, letters, requests, ledger } = recording()
  const { activateEvents } = activities
  const workflowId = `batch-${randomUUID()}`
  const summary = await run(
    {
      ...activities,
      activateEvents: async (bytes, request) => {
        stopAt(bytes, (index) => index)
        return activateEvents(bytes, request)
      },
    },
    workflowId,
  )
  expect(summary).toMatchObject({ stagedPurchase: 59, undeliverable: 2, activated: 57 })
  expect(activated.toSorted()).toEqual(goodOrders)
  expect(inOrder(letters)).toContainEqual(poisonAt('activation'))
  // The pieces write no ledger entry, and record their outcomes under the id of the batch.
  for (const request of requests)
    expect(request).toEqual({ batchId: workflowId, skip: request.skip })
  expect(ledger).toEqual([{ messages: SIZE, batchId: workflowId, summary }])
})

test('where an audit row cannot be made, the message is kept unread, and each once', async () => {
  const { activities, audited } = recording()
  const { writeAuditLog } = activities
  const unread: unknown[] = []
  const receipts: unknown[] = []
  await run({
    ...activities,
    writeAuditLog: async (bytes, batchId, rejected, receipt) => {
      if (rejected[0]?.reasons[0] !== 'poison') stopAt(bytes, () => null)
      else unread.push(...rejected)
      receipts.push(receipt)
      return writeAuditLog(bytes, batchId, rejected)
    },
  })
  expect(receipts.filter((receipt) => receipt !== null)).toEqual([RECEIPT])
  expect(new Set(audited).size).toBe(SIZE)
  expect(audited).toHaveLength(SIZE)
  expect(unread).toHaveLength(POISON.length)
})

test('where that is the first message, the receipt of the batch is written with it', async () => {
  const { activities, audited } = recording()
  const { writeAuditLog } = activities
  const receipts: unknown[] = []
  await run({
    ...activities,
    writeAuditLog: async (bytes, batchId, rejected, receipt) => {
      const isFirst = decodeBatch(bytes).map(orderOf).includes('order-0')
      if (isFirst && rejected[0]?.reasons[0] !== 'poison') throw overtime(null)
      receipts.push(receipt)
      return writeAuditLog(bytes, batchId, rejected)
    },
  })
  expect(audited).toHaveLength(SIZE)
  expect(receipts.filter((receipt) => receipt !== null)).toEqual([RECEIPT])
})

test('where dead letters cannot be made, they are made without reading the messages', async () => {
  const { activities, letters } = recording()
  const { openDeadLetters } = activities
  await run({
    ...activities,
    openDeadLetters: async (bytes, undeliverable) => {
      if (!undeliverable.isUnread) throw overtime(50)
      return openDeadLetters(bytes, undeliverable)
    },
  })
  expect(letters).toMatchObject([{ stage: 'validation', isUnread: true }])
})

test('where the ledger entry cannot be written with the outcomes, it is written with no message parsed', async () => {
  const { activities, activated, requests, ledger } = recording()
  const { activateEvents } = activities
  const summary = await run({
    ...activities,
    activateEvents: async (bytes, request) => {
      if (request.counts) throw overtime(null)
      return activateEvents(bytes, request)
    },
  })
  expect(requests.length).toBeGreaterThan(1)
  expect(activated).toHaveLength(SIZE - 1)
  expect(summary).toMatchObject({ activated: SIZE - 1, undeliverable: 0 })
  expect(ledger).toMatchObject([{ messages: SIZE, summary }])
})

test('a message that is dead-lettered already is not dead-lettered again by a step that cannot be finished either', async () => {
  const { activities, letters } = recording()
  const { validateEvents, stageEvents } = activities
  const summary = await run({
    ...activities,
    validateEvents: async (bytes) => {
      stopAt(bytes, (index) => index)
      return validateEvents(bytes)
    },
    stageEvents: async (bytes, ...rest) => {
      stopAt(bytes, () => null)
      return stageEvents(bytes, ...rest)
    },
  })
  expect(summary).toMatchObject({ rejected: 3, stagedPurchase: 57, undeliverable: 0 })
  expect(letters.map(({ stage }) => stage)).toEqual(['validation'])
})

test('no step that stopped a worker once is tried again as it is', async () => {
  const { activities } = recording()
  const workflowId = `batch-${randomUUID()}`
  const { stageEvents } = activities
  const failing = {
    ...activities,
    stageEvents: async (bytes: Uint8Array, batchId: string, skip: readonly number[]) => {
      stopAt(bytes, () => null)
      return stageEvents(bytes, batchId, skip)
    },
  }
  await run(failing, workflowId)
  const { events } = await client().workflow.getHandle(workflowId).fetchHistory()
  const ordinary = events?.filter((event) => event.activityTaskScheduledEventAttributes)
  expect(
    ordinary?.map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name),
  ).toEqual(['activateEvents'])
})
