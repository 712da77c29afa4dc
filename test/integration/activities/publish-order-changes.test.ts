// Change events of batches against a real Pub/Sub and the local BigQuery: what is published, in which order, and what fails.

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { setUpTables } from '#operations/setup/tables'
import { monotonicMs } from '#runtime/clock'
import { activityMetrics } from '#runtime/metrics/groups'
import { createPublisher, topicPath } from '#runtime/pubsub'
import { noRemoteLog } from '#runtime/remote-log'
import { createInsertAllWarehouse } from '#warehouse/insert-all'
import { createReader, type Reader } from '#warehouse/read'
import { readForActivities } from '#warehouse/read-for-activities'
import { createBreaker } from '../../../activities/changes/breaker.ts'
import { createLookUpVersions } from '../../../activities/changes/look-up-versions.ts'
import { createPublishInOrder } from '../../../activities/changes/publish-in-order.ts'
import { createPublishOrderChanges } from '../../../activities/publish-order-changes.ts'
import { createBatchReader } from '../../../activities/read-batch.ts'
import { createStageEvents } from '../../../activities/stage-events.ts'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { cancellation, message, purchase } from '../../fixtures/messages.ts'
import { attempt, batchOf, metrics } from '../../support/activities.ts'
import { changeEventsTopic } from '../../support/change-events-topic.ts'
import { bigqueryAt } from '../../support/parts.ts'
import { NOWHERE } from '../../support/ports.ts'
import { useStackWithTables } from '../../support/stack.ts'

const stack = useStackWithTables('bigquery', 'pubsub')
const bigquery = () => bigqueryAt(stack().bigquery.url)

type Messages = readonly ReturnType<typeof message>[]

let topic: ReturnType<typeof changeEventsTopic>

beforeAll(async () => {
  await setUpTables(bigquery(), 'EU')
  topic = changeEventsTopic(String(process.env['PUBSUB_EMULATOR_HOST']), 'order-changes.v1')
  await topic.publisher.createTopic({ name: topic.topic })
  await topic.subscribe()
})
afterAll(() => topic.close())

const queries: string[] = []
const counted = createThreadMeter()

function publishing(publisher = topic.publisher, name = topic.topic) {
  const read: Reader = (statement) => {
    queries.push(statement.sql)
    return readForActivities(createReader(bigquery()))(statement)
  }
  const reader = createBatchReader()
  const changeEvents = {
    lookUp: createLookUpVersions(read, 0),
    publish: createPublishInOrder(publisher, name, noRemoteLog),
    breaker: createBreaker({ slowMs: 60_000, restMs: 0, now: monotonicMs }, new Error('slow')),
  }
  return createPublishOrderChanges(reader, changeEvents, activityMetrics(counted.meter))
}

async function stage(batchId: string, messages: Messages) {
  const warehouse = createInsertAllWarehouse(bigquery())
  const stageEvents = createStageEvents(createBatchReader(), warehouse, metrics)
  await attempt(stageEvents, [batchOf(...messages), batchId, []])
}

const publish = (batchId: string, messages: Messages, activity = publishing()) =>
  attempt(activity, [batchOf(...messages), { batchId, skip: [] }])

let minute = 10
const told = (order_id: string, event: object) =>
  message(
    { ...event, order_id, customer_id: 'C1', currency: 'EUR' },
    { publishTime: `2026-11-20T10:${minute++}:00.12Z` },
  )
const bought = (order: string, more: object = {}) =>
  told(order, { ...purchase, event_id: 'p1', ...more })
const cancelled = (order: string, more: object = {}) =>
  told(order, { ...cancellation, event_id: 'c1', ...more })

const seen = async () =>
  (await topic.receive()).map(({ change: { order_id, kind, before, after } }) => [
    order_id,
    kind,
    before?.amount ?? null,
    after.amount,
  ])

test('a batch publishes the changes of its orders, each order in its order and under its own key, with one query', async () => {
  const messages = [
    bought('A1'),
    bought('A2', { vehicle: { make: 'Audi', model: 'Q5', year: 2025 } }),
    bought('A1', { amount: 44_000.5 }),
    cancelled('A1', { partial: true, amount: 4_000.5 }),
  ]
  await stage('batch-1', messages)
  queries.length = 0
  counted.take()
  expect(await publish('batch-1', messages)).toEqual({ created: 2, corrected: 1, cancelled: 1 })
  expect(counted.take().map(({ name, value, tags }) => [name, tags['kind'], value])).toEqual([
    ['change_events_published_total', 'created', 2],
    ['change_events_published_total', 'corrected', 1],
    ['change_events_published_total', 'cancelled', 1],
  ])
  expect(queries).toHaveLength(1)
  const received = await topic.receive()
  const keyed = (key: string) =>
    received.filter(({ orderingKey }) => orderingKey === key).map(({ change }) => change)
  expect(keyed('dealer-7/A1').map(({ kind, after }) => [kind, after.amount])).toEqual([
    ['created', '45000'],
    ['corrected', '44000.5'],
    ['cancelled', '40000'],
  ])
  expect(keyed('dealer-7/A2')).toMatchObject([
    {
      kind: 'created',
      event: { vehicle_make: 'Audi', vehicle_year: 2025 },
      source: { event_id: 'p1', message_id: messages[1]?.messageId, batch_id: 'batch-1' },
    },
  ])
  expect(received[0]?.attributes).toEqual({
    schema: 'order-change.v1',
    kind: received[0]?.change.kind,
    change_id: received[0]?.change.change_id,
    partner_id: 'dealer-7',
  })
})

test('a retry and a redelivery publish the same ids, also where rows are readable by now and another batch brings the message', async () => {
  const messages = [bought('B1'), bought('B1', { amount: 1 })]
  await publish('batch-2', messages)
  const [first, second] = await topic.receive()
  await stage('batch-2', messages)
  await stage('batch-3', messages)
  await publish('batch-2', messages)
  await publish('batch-3', messages.slice(0, 1))
  const ids = (await topic.receive()).map(({ change }) => change)
  expect(ids).toEqual([first?.change, second?.change, first?.change, second?.change])
})

test('a duplicate in another batch publishes nothing, and a correction has the order of the tables before it', async () => {
  const original = [bought('C1')]
  await stage('batch-4', original)
  await publish('batch-4', original)
  await topic.receive()
  const again = [bought('C1')]
  await stage('batch-5', again)
  expect(await publish('batch-5', again)).toEqual({ created: 0, corrected: 0, cancelled: 0 })
  const corrected = [bought('C1', { amount: 30_000 }), cancelled('C1')]
  await stage('batch-6', corrected)
  await publish('batch-6', corrected)
  expect(await seen()).toEqual([
    ['C1', 'corrected', '45000', '30000'],
    ['C1', 'cancelled', '30000', '0'],
  ])
})

test('a purchase that is staged after its cancellation publishes the cancellation again, after itself', async () => {
  const [early, late] = [[bought('D1')], [cancelled('D1')]]
  await stage('batch-7', late)
  await publish('batch-7', late)
  await stage('batch-8', early)
  await publish('batch-8', early)
  const changes = (await topic.receive()).map(({ change }) => change)
  expect(changes.map(({ kind }) => kind)).toEqual(['cancelled', 'created', 'cancelled'])
  const [alone, created, cancelledAgain] = changes
  expect(cancelledAgain?.before).toEqual(created?.after)
  expect(cancelledAgain?.after).toMatchObject({ status: 'cancelled', purchases: 1 })
  expect(String(cancelledAgain?.sequence) > String(alone?.sequence)).toBe(true)
})

test('two partners with one order number are two orders, in one query', async () => {
  const messages = ['north', 'south'].map((partner_id) => ({
    ...bought('E1'),
    attributes: { partner_id },
  }))
  await stage('batch-9', messages)
  await publish('batch-9', messages)
  const received = await topic.receive()
  expect(received.map(({ orderingKey }) => orderingKey).toSorted()).toEqual([
    'north/E1',
    'south/E1',
  ])
  for (const { change } of received) expect(change.after.purchases).toBe(1)
})

test('events without a topic on this worker wait for a worker that has one', async () => {
  const none = createPublishOrderChanges(createBatchReader(), null, metrics)
  await expect(publish('batch-10', [bought('F1')], none)).rejects.toMatchObject({
    type: 'pubsub_setup',
    nonRetryable: false,
    message: 'CHANGE_EVENTS_TOPIC is not set on this worker',
  })
})

test('a topic that does not exist waits for a person, and a Pub/Sub that does not answer is tried again', async () => {
  const missing = publishing(topic.publisher, topicPath('local', 'missing'))
  await expect(publish('batch-11', [bought('G1')], missing)).rejects.toMatchObject({
    type: 'pubsub_setup',
    message: 'Pub/Sub publish: answered NOT_FOUND',
    nonRetryable: false,
    nextRetryDelay: 60_000,
  })
  const nobody = createPublisher({
    GOOGLE_CLOUD_PROJECT: 'local',
    PUBSUB_EMULATOR_HOST: NOWHERE,
  })
  try {
    await expect(publish('batch-12', [bought('G2')], publishing(nobody))).rejects.toMatchObject({
      type: 'pubsub_unavailable',
      nonRetryable: false,
    })
  } finally {
    await nobody.close()
  }
  expect(await topic.receive()).toEqual([])
}, 60_000)
