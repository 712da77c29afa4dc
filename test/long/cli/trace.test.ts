// `npm run trace` on what a real worker left in the tables and in Temporal: one sentence, then everything in time order.

import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { Client, WorkflowHandle } from '@temporalio/client'
import { WORKFLOW } from '#contracts'
import { setUpTables } from '#operations/setup/tables'
import type { Traced } from '../../../cli/trace/wording.ts'
import { cancellation, message, purchase } from '../../fixtures/messages.ts'
import { batchOf } from '../../support/activities.ts'
import { bigqueryAt, clearFaults, failCalls, rowsOf } from '../../support/parts.ts'
import { useStackWithTables } from '../../support/stack.ts'
import { waitFor } from '../../support/wait-for.ts'
import { runWarmCommand } from '../../support/warm-command/run.ts'
import { startWorkerWithTables, type TestWorker } from '../../support/worker.ts'

const stack = useStackWithTables('temporal', 'bigquery', 'segment')
const taskQueue = randomUUID()

let client: Client
let worker: TestWorker | undefined

beforeAll(async () => {
  ;({ client, worker } = await startWorkerWithTables(stack(), taskQueue))
}, 120_000)
afterEach(() => clearFaults(stack().segment.url))
afterAll(async () => {
  await worker?.stop()
  await client.connection.close()
})

const newOrder = () => `O-${randomUUID()}`
/** Published now, by dealer-7; `data` is what differs from a good purchase. */
const sent = (data: object, messageId = `M-${randomUUID()}`) => {
  const now = new Date().toISOString()
  return message({ ...purchase, timestamp: now, ...data }, { messageId, publishTime: now })
}

function startBatch(...messages: ReturnType<typeof sent>[]): Promise<WorkflowHandle> {
  const workflowId = `batch-${randomUUID()}`
  return client.workflow.start(WORKFLOW.processBatch, {
    taskQueue,
    workflowId,
    args: [batchOf(...messages)],
  })
}

const shell = (env: Readonly<Record<string, string>> = {}) => ({
  ...stack().env,
  GOOGLE_CLOUD_PROJECT: 'local',
  ...env,
})

const traceCommand = (args: readonly string[], env = {}) =>
  runWarmCommand(['trace', ...args], shell(env))

async function traced(id: string, ...args: string[]): Promise<Traced> {
  const { stdout, stderr, code } = await traceCommand([id, ...args, '--json'])
  if (code !== 0) throw new Error(`${code}: ${stderr}${stdout}`)
  return JSON.parse(stdout)
}

const answersOf = ({ traces }: Traced) => traces.map(({ answer }) => answer)
const stepsOf = ({ traces }: Traced) =>
  traces.flatMap(({ timeline }) => timeline.map(({ what }) => what))

test('an order that went all the way says so in its first line, and shows every step', async () => {
  const [order, messageId] = [newOrder(), `M-${randomUUID()}`]
  const batch = await startBatch(sent({ order_id: order, email: 'max@example.com' }, messageId))
  await batch.result()
  const { stdout, code } = await traceCommand([order])
  expect(code).toBe(0)
  const [answer, ...rest] = stdout.split('\n')
  expect(answer).toMatch(
    RegExp(
      `^Order ${order} of dealer-7: purchase staged \\d+\\.\\d s after it was published, accepted by Segment, not meant for Google Ads: consent denied\\.$`,
    ),
  )
  for (const part of [messageId, batch.workflowId, 'audit_log', 'staging_purchase', 'Temporal'])
    expect(rest.join('\n')).toContain(part)
  expect(stdout).not.toContain('max@example.com')
  expect(stdout).not.toContain(purchase.customer_id)
})

test('order id, event id and message id find the same', async () => {
  const [order, event, messageId] = [newOrder(), `E-${randomUUID()}`, `M-${randomUUID()}`]
  const batch = await startBatch(sent({ order_id: order, event_id: event }, messageId))
  await batch.result()
  const byOrder = await traced(order)
  expect(stepsOf(byOrder)).toEqual(expect.arrayContaining(['published', 'decision', 'staged']))
  for (const id of [event, messageId]) expect((await traced(id)).traces).toEqual(byOrder.traces)
})

test('a rejected event names its reasons and its open dead letter; purchase and cancellation are both told', async () => {
  const order = newOrder()
  const now = new Date().toISOString()
  const cancelled = message(
    { ...cancellation, order_id: order, timestamp: now },
    { publishTime: now },
  )
  const batch = await startBatch(sent({ order_id: order, amount: '45,000' }), cancelled)
  await batch.result()
  const letterOf = async () => {
    const rows = await rowsOf(
      bigqueryAt(stack().bigquery.url),
      'SELECT dead_letter_id FROM streaming.dead_letter WHERE order_id = @order',
      { order },
    )
    return rows[0]?.['dead_letter_id']
  }
  const letter = String(await waitFor(letterOf, 'the dead letter to be recorded'))
  const [answer] = answersOf(await traced(order))
  expect(answer).toContain(
    `purchase rejected: amount_not_a_number; open dead letter: npm run dlq -- show ${letter}`,
  )
  expect(answer).toMatch(
    /cancellation staged \d+\.\d s after it was published, waiting before it is sent to Segment: purchase_awaited/,
  )

  const bigquery = bigqueryAt(stack().bigquery.url)
  await bigquery
    .dataset('streaming')
    .table('dead_letter_log')
    .insert([
      {
        dead_letter_id: letter,
        action: 'discard',
        attempt: 1,
        outcome: 'closed',
        actor: 'anna',
        reason: 'a test of the dealer',
        events: 1,
        failed: 0,
        run_id: 'r',
        occurred_at: new Date().toISOString(),
      },
    ])
  const later = await traced(order)
  expect(answersOf(later)[0]).toContain(
    'purchase rejected: amount_not_a_number; discarded by anna (a test of the dealer)',
  )
  expect(stepsOf(later).at(-1)).toBe('discard')
})

test('a message that is no JSON is found by its message id', async () => {
  const messageId = `M-${randomUUID()}`
  const now = new Date().toISOString()
  const batch = await startBatch(message('not JSON', { messageId, publishTime: now }))
  await batch.result()
  const [answer] = answersOf(await traced(messageId))
  expect(answer).toMatch(RegExp(`^Message ${messageId} of dealer-7: message rejected: not_json; `))
})

test('while Segment is away it says what the order waits for, and every attempt that failed', async () => {
  await failCalls(stack().segment.url, { status: 503, times: 100 })
  const order = newOrder()
  const batch = await startBatch(sent({ order_id: order }))
  const isWaiting = async () => {
    const [answer] = (await traceJson(order)).traces.map((one) => one.answer)
    return answer?.includes('waiting for Segment, attempt') && answer.includes('503')
  }
  await waitFor(isWaiting, 'the trace to tell of Segment', 40_000)
  const found = await traced(order)
  expect(answersOf(found)[0]).toMatch(/purchase staged .* after it was published, Segment's answer/)
  expect(stepsOf(found)).toContain('waiting')
  await clearFaults(stack().segment.url)
  await batch.result()
  const after = await traced(order)
  expect(answersOf(after)[0]).toContain('accepted by Segment')
  const attempts = after.traces[0]?.timeline.filter(({ what }) => what === 'attempt') ?? []
  expect(attempts.length).toBeGreaterThan(0)
  for (const { text } of attempts)
    expect(text).toMatch(/^activateEvents, attempt \d+ failed: .*503/)
}, 120_000)

async function traceJson(id: string): Promise<Traced> {
  return JSON.parse((await traceCommand([id, '--json'])).stdout)
}

test('it answers when Temporal has forgotten the runs, and when Temporal is away', async () => {
  const order = newOrder()
  const batch = await startBatch(sent({ order_id: order }))
  await batch.result()
  await client.workflowService.deleteWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: batch.workflowId },
  })
  const isForgotten = () =>
    batch.describe().then(
      () => false,
      () => true,
    )
  await waitFor(isForgotten, 'Temporal to forget the batch', 90_000)
  const forgotten = await traced(order)
  expect(answersOf(forgotten)[0]).toContain('accepted by Segment')
  expect(forgotten.traces[0]?.missing).toEqual([])

  const { stdout, code } = await traceCommand([order], { TEMPORAL_ADDRESS: '127.0.0.1:1' })
  expect(code).toBe(0)
  expect(stdout).toContain('accepted by Segment, ')
  expect(stdout).toContain('! Temporal could not be read')
}, 150_000)

test('the same order id of two partners is two answers, of one with --partner', async () => {
  const order = newOrder()
  const batch = await startBatch(
    sent({ order_id: order }),
    sent({ order_id: order, partner_id: 'dealer-9' }),
  )
  await batch.result()
  expect((await traced(order)).traces.map(({ partnerId }) => partnerId).toSorted()).toEqual([
    'dealer-7',
    'dealer-9',
  ])
  const one = await traced(order, '--partner', 'dealer-9')
  expect(one.traces.map(({ partnerId }) => partnerId)).toEqual(['dealer-9'])
})

test.each(['nowhere', "x' OR '1'='1", '--%'])(
  '%j is not found, and says what was searched',
  async (id) => {
    const { stdout, code } = await traceCommand(['--since', '7d', '--', id])
    expect(code).toBe(1)
    expect(stdout).toContain(`No order, event or message ${id}`)
    expect(stdout).toContain('streaming.audit_log')
  },
)

test.each([
  [['--since', 'yesterday', 'A1'], '--since'],
  [[], "missing required argument 'id'"],
])('%j is refused with exit code 2', async (args, word) => {
  const { stderr, code } = await traceCommand(args)
  expect(code).toBe(2)
  expect(stderr).toContain(word)
})

test('a table that cannot be read is named; the others answer', async () => {
  const order = newOrder()
  await (await startBatch(sent({ order_id: order }))).result()
  const bigquery = bigqueryAt(stack().bigquery.url)
  await bigquery.dataset('streaming').table('activation_log').delete()
  const found = await traced(order)
  await setUpTables(bigquery, 'EU')
  expect(answersOf(found)[0]).toMatch(/purchase staged \d+\.\d s after/)
  expect(found.traces[0]?.missing).toEqual([
    { part: 'streaming.activation_log', why: expect.stringContaining('activation_log') },
  ])
})

test('a BigQuery that does not answer is one clear line, and exit code 1', async () => {
  const { stdout, code } = await traceCommand(['A1'], {
    BIGQUERY_EMULATOR_HOST: 'http://127.0.0.1:1/bigquery/v2',
  })
  expect(code).toBe(1)
  expect(stdout).toContain('Nothing could be searched for A1')
})
