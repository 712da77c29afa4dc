// A batch that somebody terminates: the sweep gives its events to people, a redrive takes them the rest of their way.

import { randomUUID } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { type SweepResult, TASK_QUEUE, WORKFLOW } from '#contracts'
import { publish } from '#operations/send/publish'
import type { Publishable } from '#runtime/pubsub'
import { dlqOf } from '../support/dlq.ts'
import { clearFaults, failCalls, failInserts, rowsOf } from '../support/parts.ts'
import { usePipeline } from '../support/pipeline.ts'
import { waitFor } from '../support/wait-for.ts'

const pipeline = usePipeline()

const from = (partner_id: string, order_id: string, more: object = {}): Publishable => ({
  attributes: { partner_id },
  data: Buffer.from(
    JSON.stringify({
      type: 'purchase',
      order_id,
      customer_id: 'C1',
      car_model: 'SUV',
      amount: 45_000,
      timestamp: new Date().toISOString(),
      ...more,
    }),
  ),
})

const send = (messages: readonly Publishable[]) =>
  publish(pipeline().config, messages, { topic: pipeline().config.PUBSUB_TOPIC })

const rows = (query: string, params = {}) => rowsOf(pipeline().bigquery, query, params)

const { dlq, json } = dlqOf(() => pipeline().stack.env)

const RUNNING = `WorkflowType = '${WORKFLOW.processBatch}' AND ExecutionStatus = 'Running'`

/** Waits until every batch that runs waits for the next attempt of `step`, and terminates them, as somebody might in Temporal's UI. */
async function terminateAt(step: string, events: number): Promise<void> {
  const { workflow } = pipeline().temporal
  const waiting = async () => {
    const batches: { readonly id: string; readonly events: number }[] = []
    for await (const { workflowId, searchAttributes } of workflow.list({ query: RUNNING })) {
      const { raw } = await workflow.getHandle(workflowId).describe()
      const isWaiting = raw.pendingActivities?.some(
        (one) => one.activityType?.name === step && one.nextAttemptScheduleTime,
      )
      if (isWaiting)
        batches.push({ id: workflowId, events: Number(searchAttributes['EventCount']) })
    }
    const sum = batches.reduce((total, batch) => total + batch.events, 0)
    return sum === events && batches
  }
  for (const { id } of await waitFor(waiting, `${events} events to wait for ${step}`))
    await workflow.getHandle(id).terminate('by mistake')
}

/** What the schedule does every few minutes, until it has opened dead letters. */
const sweep = () =>
  waitFor(async () => {
    const result: SweepResult = await pipeline().temporal.workflow.execute(WORKFLOW.sweep, {
      workflowId: `sweep-${randomUUID()}`,
      taskQueue: TASK_QUEUE,
      args: [0],
    })
    return result.opened.letters > 0 && result
  }, 'the sweep to find the batch')

async function reconciled(...partners: string[]) {
  const [sums] = await rows(
    `SELECT SUM(received) AS received, SUM(staged) AS staged, SUM(dead_lettered) AS dead_lettered,
       SUM(redriven) AS redriven, SUM(unaccounted) AS unaccounted
     FROM streaming.reconciliation WHERE partner_id IN UNNEST(@partners)`,
    { partners },
  )
  return sums
}

const audited = (partner: string) =>
  rows(
    `SELECT TO_BASE64(data) AS data, decision FROM streaming.audit_log
     WHERE partner_id = @partner ORDER BY order_id`,
    { partner },
  )

const base64 = ({ data }: Publishable) => Buffer.from(data).toString('base64')

const FIX = '[{"op":"replace","path":"/amount","value":1.5}]'

test('terminated before it wrote anything: every message is kept as it was, and every event is staged once', async () => {
  const good = Array.from({ length: 20 }, (_, i) => from('early', `e${10 + i}`))
  const bad = from('early-bad', 'bad', { amount: 'x' })
  // Too large for a dead letter, which leaves its bytes to the audit log.
  const large = from('early-large', 'large', { note: 'x'.repeat(1_010_000) })
  const partners = ['early', 'early-bad', 'early-large']
  await failInserts(pipeline().stack.bigquery.url, { status: 503 })
  await send([...good, bad, large])
  await terminateAt('stageEvents', 22)
  await clearFaults(pipeline().stack.bigquery.url)
  expect(await sweep()).toMatchObject({ opened: { letters: 3, events: 22 }, failed: [] })

  const isRecorded = async () => (await json('list')).length === 3
  await waitFor(isRecorded, 'the dead letters to be recorded')
  expect(await audited('early')).toEqual(
    good.map((one) => ({ data: base64(one), decision: 'accepted' })),
  )
  expect(await audited('early-bad')).toEqual([{ data: base64(bad), decision: 'rejected' }])
  expect(await audited('early-large')).toEqual([{ data: base64(large), decision: 'accepted' }])
  expect(await reconciled(...partners)).toEqual({
    received: 22,
    staged: 0,
    dead_lettered: 22,
    redriven: 0,
    unaccounted: 0,
  })

  const ended = await dlq('redrive', '--query', 'reason=batch_terminated')
  expect([ended.code, ended.stderr, ended.stdout]).toEqual([
    0,
    '',
    '21 events of 2 dead letters redriven: 21 done, 0 failed again.\n',
  ])
  expect((await dlq('redrive', '--query', 'partner=early-bad', '--patch', FIX)).code).toBe(0)
  expect(await json('list', '--open')).toEqual([])
  expect(await reconciled(...partners)).toEqual({
    received: 22,
    staged: 22,
    dead_lettered: 0,
    redriven: 22,
    unaccounted: 0,
  })
  const staged = await rows(
    `SELECT COUNT(*) AS n, COUNT(DISTINCT order_id) AS orders,
       MAX(LENGTH(JSON_VALUE(additional_properties, '$.note'))) AS note
     FROM streaming.staging_purchase WHERE partner_id IN UNNEST(@partners)`,
    { partners },
  )
  expect(staged).toEqual([{ n: 22, orders: 22, note: 1_010_000 }])
  // What was corrected is on record beside the message as it came.
  expect(await audited('early-bad')).toEqual([{ data: base64(bad), decision: 'rejected' }])
}, 180_000)

test('terminated when all was staged: a redrive brings it to Segment, and repeats nothing that counts', async () => {
  const { stack } = pipeline()
  await failCalls(stack.segment.url, { status: 503 })
  await send(Array.from({ length: 5 }, (_, i) => from('late', `l${i}`)))
  await terminateAt('activateEvents', 5)
  await clearFaults(stack.segment.url)
  expect(await sweep()).toMatchObject({ opened: { letters: 1, events: 5 }, failed: [] })
  const isRecorded = async () => (await json('list')).length === 1
  await waitFor(isRecorded, 'the dead letter to be recorded')
  expect(await audited('late')).toHaveLength(5)
  const sums = { received: 5, staged: 5, dead_lettered: 0, redriven: 0, unaccounted: 0 }
  expect(await reconciled('late')).toEqual(sums)

  expect((await dlq('redrive', '--all')).code).toBe(0)
  expect(await json('list', '--open')).toEqual([])
  expect(await reconciled('late')).toEqual(sums)
  expect(
    await rows(`SELECT order_id FROM streaming.purchase WHERE partner_id = 'late'`),
  ).toHaveLength(5)
  const activated = await rows(
    `SELECT outcome, COUNT(*) AS n FROM streaming.activation_log
     WHERE partner_id = 'late' AND outcome IN ('accepted', 'not_activated', 'failed', 'waiting') GROUP BY outcome`,
  )
  expect(activated).toEqual([{ outcome: 'accepted', n: 5 }])
}, 180_000)
