// A batch that no worker can read: its bytes wait in one dead letter, every message of it is counted, and a version that reads it runs them.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { WorkflowFailedError } from '@temporalio/client'
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'
import { type Message, WORKFLOW } from '#contracts'
import { encodeBatch } from '#contracts/batch-payload'
import { receiptFor } from '#runtime/receipt'
import { failure } from '#runtime/service-error'
import { message, purchases } from '../../fixtures/messages.ts'
import { attempt } from '../../support/activities.ts'
import { dlqOf } from '../../support/dlq.ts'
import { pair } from '../../support/payload-keys.ts'
import { useStackWithTables } from '../../support/stack.ts'
import { useSweep } from '../../support/sweep.ts'

const stack = useStackWithTables('temporal', 'bigquery')
const { activities, client, listed, nowhere, rows, startWorker, taskQueue } = useSweep(stack)
const { dlq, json } = dlqOf(() => ({
  ...stack().env,
  PAYLOAD_KEYS: pair('sweep', 7),
  TEMPORAL_TASK_QUEUE: taskQueue,
}))

/** The queue of a worker of another version, which cannot read what this version's bridge writes. */
const otherVersion = randomUUID()
let stopOther = async () => {}

beforeAll(async () => {
  const reader = {
    read: () => {
      throw failure('batch_unreadable', 'The batch payload cannot be read: unknown version 2')
    },
    forget: () => {},
  }
  stopOther = await startWorker({ queue: otherVersion, reader })
}, 60_000)
afterAll(() => stopOther())

type Given = {
  readonly messages: readonly Message[]
  readonly bytes: unknown
  readonly queue: string
  readonly isOldBridge?: boolean
}

const EVENT_COUNT = defineSearchAttributeKey('EventCount', SearchAttributeType.INT)

/** Starts a batch with these bytes, as a bridge does that took these messages. */
async function start({ messages, bytes, queue, isOldBridge = false }: Given) {
  const workflowId = `batch-${randomUUID()}`
  const handle = await client().workflow.start(WORKFLOW.processBatch, {
    workflowId,
    taskQueue: queue,
    args: [bytes],
    ...(isOldBridge
      ? { typedSearchAttributes: [{ key: EVENT_COUNT, value: messages.length }] }
      : { memo: { receipt: receiptFor(messages) } }),
  })
  return handle
}

const letterIdOf = async (batchId: string): Promise<string> => {
  const [row] = await rows(
    'SELECT DISTINCT dead_letter_id AS id FROM streaming.dead_letter WHERE batch_id = @batchId',
    { batchId },
  )
  return String(row?.['id'])
}

const sums = async () => {
  const [row] = await rows(
    `SELECT SUM(received) AS received, SUM(rejected) AS rejected, SUM(staged) AS staged,
       SUM(dead_lettered) AS dead, SUM(unaccounted) AS unaccounted
     FROM streaming.reconciliation`,
  )
  const of = (name: string) => Number(row?.[name] ?? 0)
  return {
    received: of('received'),
    rejected: of('rejected'),
    staged: of('staged'),
    dead: of('dead'),
    unaccounted: of('unaccounted'),
  }
}

type Sums = Awaited<ReturnType<typeof sums>>

const since = (before: Sums, now: Sums): Sums => ({
  received: now.received - before.received,
  rejected: now.rejected - before.rejected,
  staged: now.staged - before.staged,
  dead: now.dead - before.dead,
  unaccounted: now.unaccounted - before.unaccounted,
})

const GARBAGE = Buffer.from('not a batch of this version')

/** Waits for the dead letter's first run, which fails by design. */
async function openedLetter(batchId: string) {
  const id = await letterIdOf(batchId)
  const handle = client().workflow.getHandle(id)
  const error: unknown = await handle.result().catch((thrown: unknown) => thrown)
  if (!(error instanceof WorkflowFailedError)) throw error
  return { id, message: error.cause?.message, ...(await handle.describe()) }
}

test('its messages are counted by the memo, and one dead letter has its bytes', async () => {
  const before = await sums()
  const batch = await start({ messages: purchases(200), bytes: GARBAGE, queue: taskQueue })
  expect(await batch.result()).toMatchObject({ received: 200, rejected: 200 })

  const letter = await openedLetter(batch.workflowId)
  expect(letter.message).toBe(
    '1 batch of 200 messages not finished from unknown: batch_unreadable (1)',
  )
  expect(letter.typedSearchAttributes.get(EVENT_COUNT)).toBe(200)
  for (const table of ['dead_letter', 'audit_log']) {
    const kept = await rows(
      `SELECT data FROM streaming.${table} WHERE batch_id = @id AND data IS NOT NULL`,
      { id: batch.workflowId },
    )
    expect(kept).toEqual([{ data: GARBAGE }])
  }
  expect(since(before, await sums())).toEqual({
    received: 200,
    rejected: 200,
    staged: 0,
    dead: 200,
    unaccounted: 0,
  })
})

test('an unreadable batch of a bridge without receipts is counted by its search attribute', async () => {
  const before = await sums()
  const given = { messages: purchases(30), bytes: GARBAGE, queue: taskQueue, isOldBridge: true }
  await (await start(given)).result()
  expect(since(before, await sums())).toMatchObject({ received: 30, dead: 30, unaccounted: 0 })
})

test.each([[{ not: 'bytes' }], ['text'], [null]])(
  'an input that is no batch at all, such as %j, is kept too',
  async (bytes) => {
    const batch = await start({ messages: purchases(2), bytes, queue: taskQueue })
    expect(await batch.result()).toMatchObject({ rejected: 2 })
    const kept = await rows('SELECT data FROM streaming.audit_log WHERE batch_id = @id', {
      id: batch.workflowId,
    })
    expect(kept).toEqual([{ data: Buffer.from(JSON.stringify(bytes)) }])
  },
)

test('a sweep finds no message missing where the bytes are kept', async () => {
  const batch = await start({ messages: purchases(3), bytes: GARBAGE, queue: taskQueue })
  await batch.result()
  await listed(batch.workflowId)
  const until = new Date(Date.now() + 60_000).toISOString()
  const { examples } = await attempt(activities().checkReceipts, [
    { until: null, postponed: [] },
    until,
  ])
  expect(examples.filter(({ id }) => id === batch.workflowId)).toEqual([])
})

test('a redrive with a version that cannot read it either says so and leaves it open', async () => {
  const batch = await start({ messages: purchases(5), bytes: GARBAGE, queue: taskQueue })
  await batch.result()
  const { id } = await openedLetter(batch.workflowId)
  const { code, stdout } = await dlq('redrive', id)
  expect(code).not.toBe(0)
  expect(stdout).toContain('this version cannot read its batch either: incorrect header check')
  expect(await openLetters(batch.workflowId)).toBe(1)
})

const openLetters = async (batchId: string) =>
  (await rows('SELECT 1 FROM streaming.open_dead_letter WHERE batch_id = @batchId', { batchId }))
    .length

test('a redrive with a version that reads it runs its messages, and everything adds up', async () => {
  const before = await sums()
  const messages = [...purchases(4), message('not json', { messageId: randomUUID() })]
  const bytes = encodeBatch(messages)
  const batch = await start({ messages, bytes, queue: otherVersion })
  await batch.result()
  const { id } = await openedLetter(batch.workflowId)
  expect(since(before, await sums())).toMatchObject({ received: 5, dead: 5, unaccounted: 0 })

  const patch = '[{"op":"replace","path":"/currency","value":"EUR"}]'
  const patched = await dlq('redrive', id, '--patch', patch, '--reason', 'a try')
  expect(patched.stderr).toContain('it is no JSON object')
  const dry = await json('redrive', id, '--dry-run')
  expect(JSON.stringify(dry)).toContain('stage and activate')

  const { stdout } = await dlq('redrive', id)
  expect(stdout).toContain('5 events of 1 dead letter redriven: 4 done, 1 failed again')
  expect(since(before, await sums())).toEqual({
    received: 5,
    rejected: 1,
    staged: 4,
    dead: 1,
    unaccounted: 0,
  })
  const open = await rows(
    'SELECT message_id, reasons FROM streaming.open_dead_letter WHERE batch_id = @id',
    { id: batch.workflowId },
  )
  expect(open).toEqual([{ message_id: messages[4]?.messageId, reasons: ['not_json'] }])
})

test('a sweep opens the dead letter of an unreadable batch that ended before its time', async () => {
  const before = await sums()
  const batch = await start({ messages: purchases(6), bytes: GARBAGE, queue: nowhere })
  await batch.terminate('by a test')
  await listed(batch.workflowId)
  const until = new Date(Date.now() + 60_000).toISOString()
  const swept = await attempt(activities().openEndedBatches, [
    { until: null, postponed: [] },
    until,
  ])
  expect(swept.postponed).toEqual([])
  expect((await openedLetter(batch.workflowId)).message).toContain('1 batch of 6 messages')
  expect(since(before, await sums())).toMatchObject({ received: 6, dead: 6, unaccounted: 0 })
})
