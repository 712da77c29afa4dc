// A batch whose failed events have hundreds of partners opens a handful of dead letters, behind live traffic.

import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from '@jest/globals'
import { WorkflowFailedError, WorkflowIdReusePolicy } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { type DeadLetter, MAX_PARTNERS_APART, type Resolution, WORKFLOW } from '#contracts'
import { encodeBatch } from '#contracts/batch-payload'
import { setUpTables } from '#operations/setup/tables'
import { createInsertAllWarehouse } from '#warehouse/insert-all'
import { buildDeadLetters } from '../../activities/build-dead-letters.ts'
import { createActivities } from '../../activities/index.ts'
import { createOpenDeadLetters } from '../../activities/open-dead-letters.ts'
import { createBatchReader, readEach } from '../../activities/read-batch.ts'
import { message, purchase } from '../fixtures/messages.ts'
import { attempt, metrics } from '../support/activities.ts'
import { lookUpOrdersIn } from '../support/order-look-up.ts'
import { bigqueryAt, rowsOf } from '../support/parts.ts'
import { useStackWithTables } from '../support/stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { useWorkflows } from '../support/workflows.ts'

const stack = useStackWithTables('temporal', 'bigquery')
const { client, serve, taskQueue } = useWorkflows()
const bigquery = () => bigqueryAt(stack().bigquery.url)
const rows = (query: string, params = {}) => rowsOf(bigquery(), query, params)

beforeAll(async () => {
  await setUpTables(bigquery(), 'EU')
})

const activities = () =>
  createActivities({
    warehouse: createInsertAllWarehouse(bigquery()),
    segment: { deliver: async () => null },
    lookUpOrders: lookUpOrdersIn(bigquery()),
    temporal: client(),
    taskQueue,
    segmentNamespace: 'test',
    metrics,
  })

/** An event without an amount, of each of these partners. */
const invalid = (partnerIds: readonly string[]) =>
  partnerIds.map((partner_id) => message({ ...purchase, amount: null, partner_id }))

const partners = (count: number) => Array.from({ length: count }, (_, i) => `p${i}`)

async function find(query: string): Promise<string[]> {
  const ids: string[] = []
  for await (const { workflowId } of client().workflow.list({ query })) ids.push(workflowId)
  return ids
}

const failedOf = (batchId: string, count: number) =>
  waitFor(
    async () => {
      const ids = await find(`BatchId = '${batchId}' AND ExecutionStatus = 'Failed'`)
      return ids.length >= count && ids
    },
    `${count} dead letters of ${batchId}`,
    30_000,
  )

test('three hundred partners have twenty-one dead letters, and every event is recorded once with its own partner', async () => {
  await serve(activities(), async () => {
    const batchId = `batch-${randomUUID()}`
    const run = { workflowId: batchId, taskQueue, args: [encodeBatch(invalid(partners(300)))] }
    const summary = await client().workflow.execute(WORKFLOW.processBatch, run)
    expect(summary).toMatchObject({ received: 300, rejected: 300 })
    const ids = await failedOf(batchId, MAX_PARTNERS_APART + 1)
    expect(ids).toHaveLength(MAX_PARTNERS_APART + 1)
    const recorded = await rows(
      `SELECT COUNT(*) AS events, COUNT(DISTINCT partner_id) AS partners,
         COUNT(DISTINCT message_id) AS messages
       FROM streaming.open_dead_letter WHERE batch_id = @batchId`,
      { batchId },
    )
    expect(recorded).toEqual([{ events: 300, partners: 300, messages: 300 }])
    const [shared = '', ...more] = await find(
      `BatchId = '${batchId}' AND PartnerId = '(several)' AND EventCount = 280`,
    )
    expect(more).toEqual([])
    const handle = client().workflow.getHandle(shared)
    expect(await (await handle.describe()).staticSummary()).toBe(
      '280 events of `280 partners (p116: 1, p117: 1, p118: 1, …)` rejected: amount_missing (280)',
    )
    await expect(handle.result()).rejects.toMatchObject({
      cause: {
        message: expect.stringMatching(/^280 events rejected from 280 partners \(p116: 1,/),
      },
    })
  })
}, 90_000)

test('a dead letter has a lower priority than the batches of live traffic', async () => {
  await serve(activities(), async () => {
    const batchId = `batch-${randomUUID()}`
    const args = [encodeBatch(invalid(['dealer-7']))]
    await client().workflow.execute(WORKFLOW.processBatch, { workflowId: batchId, taskQueue, args })
    const [id = ''] = await failedOf(batchId, 1)
    const { raw } = await client().workflow.getHandle(id).describe()
    expect(raw.workflowExecutionInfo?.priority?.priorityKey).toBe(4)
  })
})

test('after a burst, a first attempt is told to wait and opens nothing; a later attempt opens all', async () => {
  const open = createOpenDeadLetters(createBatchReader(), client(), randomUUID(), metrics)
  const failedEvents = partners(30).map((partnerId, index) => ({
    index,
    partnerId,
    reasons: ['amount_missing'],
  }))
  const openAt = (batchId: string, isLocal: boolean) => {
    const args: Parameters<typeof open> = [
      encodeBatch(invalid(partners(30))),
      { batchId, stage: 'validation', casualties: failedEvents },
    ]
    return attempt(open, args, { isLocal })
  }
  const batchIds = Array.from({ length: 8 }, () => `batch-${randomUUID()}`)
  const ends = await Promise.allSettled(batchIds.map((batchId) => openAt(batchId, true)))
  expect(ends.map(({ status }) => status).slice(0, 2)).toEqual(['fulfilled', 'fulfilled'])
  expect(ends.at(-1)).toMatchObject({
    reason: { type: 'dead_letters_paced', nonRetryable: false, details: [expect.any(Number)] },
  })
  const late = batchIds.at(-1) ?? ''
  expect(await find(`BatchId = '${late}'`)).toEqual([])
  await openAt(late, false)
  await waitFor(
    async () => (await find(`BatchId = '${late}'`)).length === MAX_PARTNERS_APART + 1,
    'the dead letters of the last batch',
  )
}, 60_000)

const resolution = (more: Partial<Resolution>): Resolution => ({
  action: 'discard',
  events: 1,
  attempt: 1,
  actor: 'ann',
  reason: 'a test of theirs',
  patch: null,
  occurredAt: '2026-11-20T12:00:00.000000Z',
  previousRunId: null,
  staged: [],
  ...more,
})

const others = (events: number) => ({
  events,
  stages: ['validation'] as const,
  reasons: ['amount_missing', 'not_json'],
  eventTypes: ['purchase', 'unknown'],
})

const openIn = async (id: string) => {
  const found = await rows(
    'SELECT message_id FROM streaming.open_dead_letter WHERE dead_letter_id = @id',
    { id },
  )
  return found.map(({ message_id }) => String(message_id)).toSorted()
}

async function failureOf(result: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await result.catch((thrown: unknown) => thrown)
  if (error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure)
    return error.cause
  throw new Error(`no failure but ${String(error)}`)
}

test('an action on some events of a dead letter closes those, and leaves the others open', async () => {
  await serve(activities(), async () => {
    const workflowId = `dead-letter/${randomUUID()}`
    const messages = invalid(['a', 'b', 'c'])
    const [x = '', y = '', z = ''] = messages.map(({ messageId }) => messageId)
    const [letter] = buildDeadLetters(
      readEach(messages),
      messages.map((_, index) => ({ index, partnerId: 'a', reasons: ['amount_missing'] })),
      { batchId: `batch-${randomUUID()}`, stage: 'validation' },
    )
    const run = (...args: [DeadLetter | undefined, Resolution?, Uint8Array?]) =>
      client().workflow.execute(WORKFLOW.deadLetter, {
        workflowId,
        taskQueue,
        args,
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
      })
    await failureOf(run(letter))

    const first = { limitedTo: { messageIds: [x], others: others(2) } }
    const closed = await failureOf(run(letter, resolution(first)))
    expect(closed.message).toBe(
      'The one event of a closed in discard 1 by ann; open as before: 2 of the others',
    )
    expect(closed.details).toMatchObject([{ messageIds: [] }])
    expect(await openIn(workflowId)).toEqual([y, z].toSorted())

    const again = messages.slice(1, 2)
    const second = { limitedTo: { messageIds: [y], others: others(1) } }
    const redrive = resolution({ ...second, action: 'redrive', attempt: 2 })
    const failed = await failureOf(run(letter, redrive, encodeBatch(again)))
    expect(failed.message).toContain('failed again in redrive 2 by ann')
    expect(await openIn(workflowId)).toEqual([y, z].toSorted())
    const { searchAttributes } = await client().workflow.getHandle(workflowId).describe()
    expect(searchAttributes).toMatchObject({
      EventCount: [2],
      Reason: ['amount_missing', 'not_json'],
      EventType: ['purchase', 'unknown'],
      Stage: ['validation'],
    })

    expect(await run(letter, resolution({ events: 2, attempt: 3 }))).toMatchObject({ failed: [] })
    expect(await openIn(workflowId)).toEqual([])
  })
}, 60_000)
