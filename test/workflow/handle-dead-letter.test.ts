// Redriving a dead letter is another run of its id, with the real activities: what passes continues, what fails again is open.

import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from '@jest/globals'
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { createHttpSegment } from '#activation/segment/segment-http'
import { type DeadLetter, type Message, type Resolution, type Stage, WORKFLOW } from '#contracts'
import { encodeBatch } from '#contracts/batch-payload'
import { setUpTables } from '#operations/setup/tables'
import { createInsertAllWarehouse } from '#warehouse/insert-all'
import { createReader } from '#warehouse/read'
import { buildDeadLetters } from '../../activities/build-dead-letters.ts'
import { createLookUpVersions } from '../../activities/changes/look-up-versions.ts'
import { createActivities } from '../../activities/index.ts'
import type { ChangeEvents } from '../../activities/publish-order-changes.ts'
import { readEach } from '../../activities/read-batch.ts'
import { message, purchase } from '../fixtures/messages.ts'
import { metrics } from '../support/activities.ts'
import { lookUpOrdersIn } from '../support/order-look-up.ts'
import { bigqueryAt, callsAt, clearFaults, failCalls, rowsOf } from '../support/parts.ts'
import { useStackWithTables } from '../support/stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { useWorkflows } from '../support/workflows.ts'

const stack = useStackWithTables('temporal', 'bigquery', 'segment')
const { client, serve, taskQueue } = useWorkflows()
const rows = (query: string, params = {}) => rowsOf(bigqueryAt(stack().bigquery.url), query, params)

beforeAll(async () => {
  await setUpTables(bigqueryAt(stack().bigquery.url), 'EU')
})

const activities = (changeEvents?: ChangeEvents) =>
  createActivities({
    ...(changeEvents && { changeEvents }),
    warehouse: createInsertAllWarehouse(bigqueryAt(stack().bigquery.url)),
    segment: createHttpSegment({ host: stack().segment.url, writeKey: 'key' }),
    lookUpOrders: lookUpOrdersIn(bigqueryAt(stack().bigquery.url)),
    temporal: client(),
    taskQueue,
    segmentNamespace: 'test',
    metrics,
  })

const order = (order_id: string, more: object = {}): Message =>
  message({ ...purchase, order_id, ...more })

function letterOf(batchId: string, stage: Stage, messages: readonly Message[]): DeadLetter {
  const failedEvents = messages.map((_, index) => ({
    index,
    partnerId: 'dealer-7',
    reasons: ['segment_refused'],
  }))
  const [letter] = buildDeadLetters(readEach(messages), failedEvents, { batchId, stage })
  if (!letter) throw new Error('no letter')
  return letter
}

const resolution = (attempt: number, more: Partial<Resolution> = {}): Resolution => ({
  action: 'redrive',
  events: 1,
  attempt,
  actor: 'ann',
  reason: 'fixed by the partner',
  patch: null,
  occurredAt: '2026-11-20T12:00:00.000000Z',
  previousRunId: null,
  staged: [],
  ...more,
})

/** A dead letter of these messages that has failed, and how to handle it. */
async function opened(stage: Stage, ...messages: Message[]) {
  const workflowId = `dead-letter/${randomUUID()}`
  const letter = letterOf(`batch-${randomUUID()}`, stage, messages)
  const run = (...args: unknown[]) =>
    client().workflow.start(WORKFLOW.deadLetter, {
      taskQueue,
      workflowId,
      args,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    })
  const first = await run(letter)
  await failureOf(first.result())
  const handle = async (how: Resolution, ...edited: Message[]) => {
    const batch = how.action === 'redrive' ? [encodeBatch(edited)] : []
    return (await run(letter, { ...how, events: messages.length }, ...batch)).result()
  }
  return { workflowId, letter, firstRun: first.firstExecutionRunId, handle }
}

async function failureOf(result: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await result.then(
    () => new Error('it completed'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure)
    return error.cause
  throw error
}

async function statusesOf(workflowId: string): Promise<string[]> {
  const statuses: string[] = []
  for await (const { status } of client().workflow.list({ query: `WorkflowId = '${workflowId}'` }))
    statuses.push(status.name)
  return statuses
}

const openOf = (id: string) =>
  rows(
    `SELECT message_id, stage, reasons, attempt FROM streaming.open_dead_letter
     WHERE dead_letter_id = @id ORDER BY message_id`,
    { id },
  )
const auditedOf = ({ batchId }: DeadLetter) =>
  rows(
    `SELECT message_id, decision, reasons FROM streaming.audit_log
     WHERE batch_id = @batchId ORDER BY message_id`,
    { batchId },
  )
const logOf = (id: string) =>
  rows(
    `SELECT action, attempt, outcome, actor, reason, events, failed FROM streaming.dead_letter_log
     WHERE dead_letter_id = @id ORDER BY attempt`,
    { id },
  )

test('a redrive that goes through stages and activates every event once, closes the dead letter and deletes its failed run', async () => {
  await serve(activities(), async () => {
    const bad = [order('r1', { amount: 'x' }), order('r2', { amount: 'y' })]
    const { workflowId, letter, firstRun, handle } = await opened('validation', ...bad)
    expect(await openOf(workflowId)).toHaveLength(2)
    const good = bad.map((one, i) => ({ ...one, data: order(`r${i + 1}`).data }))
    const done = await handle(resolution(1, { patch: '{"all":[]}' }), ...good)
    expect(done).toMatchObject({ events: 2, staged: 2, activated: 2, failed: [] })
    const staged = await rows(
      `SELECT order_id, message_id FROM streaming.staging_purchase WHERE batch_id = @id ORDER BY order_id`,
      { id: workflowId },
    )
    expect(staged).toEqual(
      bad.map((one, i) => ({ order_id: `r${i + 1}`, message_id: one.messageId })),
    )
    expect(await openOf(workflowId)).toEqual([])
    expect(await logOf(workflowId)).toEqual([
      {
        action: 'redrive',
        attempt: 1,
        outcome: 'closed',
        actor: 'ann',
        reason: 'fixed by the partner',
        events: 2,
        failed: 0,
      },
    ])
    // Its batch has audited its messages.
    expect(await auditedOf(letter)).toEqual([])
    const isForgotten = async () => (await statusesOf(workflowId)).join() === 'COMPLETED'
    await waitFor(isForgotten, 'the failed run to be deleted')
    await expect(
      waitFor(
        () =>
          client()
            .workflow.getHandle(workflowId, firstRun)
            .describe()
            .then(
              () => false,
              () => true,
            ),
        'the run to be forgotten',
      ),
    ).resolves.toBe(true)
    await expect(handle(resolution(2), ...good)).rejects.toThrow(
      WorkflowExecutionAlreadyStartedError,
    )
  })
})

test('what fails again says so, is open at the stage it failed at now, and only that; what nobody audited is audited', async () => {
  await serve(activities(), async () => {
    const bad = [
      order('f1', { amount: 'x' }),
      order('f2', { amount: 'x' }),
      order('f3', { amount: 'x' }),
    ]
    const { workflowId, letter, handle } = await opened('validation', ...bad)
    const [first, second, third] = bad
    if (!first || !second || !third) throw new Error('three')
    const edited = [
      { ...first, data: order('f1').data },
      second,
      { ...third, data: order('f3', { customer_id: 'refused-f3' }).data },
    ]
    await failCalls(stack().segment.url, { status: 400, match: '"refused-f3"' })
    const failed = await failureOf(handle(resolution(1, { isUnaudited: true }), ...edited))
    expect(failed.message).toBe(
      '2 of 3 events of dealer-7 failed again in redrive 1 by ann: rejected for amount_not_a_number (1); not activated for segment_refused (1)',
    )
    expect(failed.details).toEqual([
      expect.objectContaining({
        attempt: 1,
        events: 3,
        messageIds: [second.messageId, third.messageId],
        sample: [
          expect.objectContaining({ messageId: second.messageId, stage: 'validation' }),
          expect.objectContaining({ messageId: third.messageId, stage: 'activation' }),
        ],
      }),
    ])
    expect(await openOf(workflowId)).toEqual([
      {
        message_id: second.messageId,
        stage: 'validation',
        reasons: ['amount_not_a_number'],
        attempt: 1,
      },
      {
        message_id: third.messageId,
        stage: 'activation',
        reasons: ['segment_refused'],
        attempt: 1,
      },
    ])
    expect(await logOf(workflowId)).toMatchObject([{ outcome: 'failed', events: 3, failed: 2 }])
    const audited = bad.map(({ messageId }) => ({
      message_id: messageId,
      decision: messageId === second.messageId ? 'rejected' : 'accepted',
      reasons: messageId === second.messageId ? ['amount_not_a_number'] : [],
    }))
    const byId = (one: { message_id: string }, other: { message_id: string }) =>
      one.message_id < other.message_id ? -1 : 1
    expect(await auditedOf(letter)).toEqual(audited.toSorted(byId))
    const again = await client().workflow.getHandle(workflowId).describe()
    expect(again.searchAttributes).toMatchObject({
      Stage: ['validation'],
      Reason: expect.arrayContaining(['amount_not_a_number', 'segment_refused']),
      EventCount: [2],
    })

    await clearFaults(stack().segment.url)
    const rest = [{ ...second, data: order('f2').data }, edited[2] ?? third]
    const done = await handle(resolution(2, { staged: [1] }), ...rest)
    expect(done).toMatchObject({ staged: 1, activated: 2, failed: [] })
    expect(await openOf(workflowId)).toEqual([])
    const staged = await rows(
      `SELECT order_id FROM streaming.staging_purchase WHERE batch_id = @id ORDER BY order_id`,
      { id: workflowId },
    )
    expect(staged).toEqual([{ order_id: 'f1' }, { order_id: 'f2' }, { order_id: 'f3' }])
    const log = await rows(
      `SELECT order_id, outcome FROM streaming.activation_log WHERE batch_id = @id ORDER BY order_id, outcome`,
      { id: workflowId },
    )
    // Each request is recorded before it is sent: f3 was sent by both redrives.
    expect(log).toEqual([
      { order_id: 'f1', outcome: 'accepted' },
      { order_id: 'f1', outcome: 'sending' },
      { order_id: 'f2', outcome: 'accepted' },
      { order_id: 'f2', outcome: 'sending' },
      { order_id: 'f3', outcome: 'accepted' },
      { order_id: 'f3', outcome: 'failed' },
      { order_id: 'f3', outcome: 'sending' },
      { order_id: 'f3', outcome: 'sending' },
    ])
    const isClosed = async () => (await statusesOf(workflowId)).join() === 'COMPLETED'
    await waitFor(isClosed, 'both failed runs to be deleted')
  })
})

test('a discard closes it, and sends nothing anywhere', async () => {
  await serve(activities(), async () => {
    const { workflowId, handle } = await opened('activation', order('d1'))
    const before = await callsAt(stack().segment.url)
    await handle(resolution(1, { action: 'discard', reason: 'a test of the partner' }))
    expect(await callsAt(stack().segment.url)).toEqual(before)
    expect(await openOf(workflowId)).toEqual([])
    expect(await logOf(workflowId)).toMatchObject([
      { action: 'discard', outcome: 'closed', reason: 'a test of the partner', events: 1 },
    ])
    const isClosed = async () => (await statusesOf(workflowId)).join() === 'COMPLETED'
    await waitFor(isClosed, 'the failed run to be deleted')
  })
})

test('a redrive publishes the change events of its events under the same ids, whether they are staged already or not', async () => {
  const published: unknown[] = []
  const changeEvents: ChangeEvents = {
    lookUp: createLookUpVersions(createReader(bigqueryAt(stack().bigquery.url))),
    publish: async (messages) =>
      void published.push(
        ...messages.map(({ attributes, orderingKey }) => [
          orderingKey,
          attributes['kind'],
          attributes['change_id'],
        ]),
      ),
    breaker: (call) => call(),
  }
  await serve(activities(changeEvents), async () => {
    const events = [order('n1', { event_id: 'e1' }), order('n2', { event_id: 'e2' })]
    const { handle } = await opened('staging', ...events)
    await handle(resolution(1), ...events)
    const first = [...published]
    expect(first).toEqual([
      ['dealer-7/n1', 'created', expect.any(String)],
      ['dealer-7/n2', 'created', expect.any(String)],
    ])
    const again = await opened('activation', ...events)
    await again.handle(resolution(1, { staged: [0, 1] }), ...events)
    expect(published.slice(first.length)).toEqual(first)
  })
})
