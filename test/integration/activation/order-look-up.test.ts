// The look-up of orders in the local BigQuery: what the staging tables and the activation log have, with one query for many batches.

import { beforeAll, expect, test } from '@jest/globals'
import { orderKeyOf } from '#activation/order/facts'
import { setUpTables } from '#operations/setup/tables'
import { createInsertAllWarehouse } from '#warehouse/insert-all'
import { createReader, type Reader } from '#warehouse/read'
import { createOrderLookUp } from '../../../activities/activation/order-look-up.ts'
import { acceptedOf, createBatchReader, readEach } from '../../../activities/read-batch.ts'
import { createStageEvents } from '../../../activities/stage-events.ts'
import { cancellation, message, purchase } from '../../fixtures/messages.ts'
import { activationTo, attempt, batchOf, metrics } from '../../support/activities.ts'
import { bigqueryAt } from '../../support/parts.ts'
import { useStackWithTables } from '../../support/stack.ts'

const stack = useStackWithTables('bigquery')
const bigquery = () => bigqueryAt(stack().bigquery.url)
const warehouse = () => createInsertAllWarehouse(bigquery())

type Messages = readonly ReturnType<typeof message>[]

const of = (partner_id: string, event: object) => message(event, { attributes: { partner_id } })

const stage = (batchId: string, ...messages: Messages) =>
  attempt(createStageEvents(createBatchReader(), warehouse(), metrics), [
    batchOf(...messages),
    batchId,
    [],
  ])

/** Records the outcomes of a batch; Segment takes its calls, or answers with this status. */
const activate = (batchId: string, messages: Messages, status?: number) => {
  const deliver = async () => (status === undefined ? null : { status })
  const { activateEvents } = activationTo({ deliver }, { warehouse: warehouse() })
  return attempt(activateEvents, [batchOf(...messages), { batchId, skip: [] }])
}

const eventsOf = (...messages: Messages) => acceptedOf(readEach(messages), []).events

function counted(everySeconds = 0) {
  const queries: string[] = []
  const reader = createReader(bigquery())
  const read: Reader = (statement) => {
    queries.push(statement.sql)
    return reader(statement)
  }
  return { lookUp: createOrderLookUp(read, everySeconds), queries }
}

const keyOf = (partnerId: string, orderId: string) => orderKeyOf({ partnerId, orderId })

const bought = of('p-1', { ...purchase, order_id: 'O1', event_id: 'e1', currency: 'EUR' })
const reduced = of('p-1', {
  ...cancellation,
  order_id: 'O1',
  customer_id: 'C101',
  event_id: 'e2',
  partial: true,
  amount: 10.5,
  currency: 'EUR',
})
const sameNumber = of('p-2', { ...purchase, order_id: 'O1', event_id: 'e1', gclid: 'click' })
const refused = of('p-2', { ...purchase, order_id: 'O2', event_id: 'e1' })
const unsent = of('p-2', { ...purchase, order_id: 'O3', event_id: 'e1' })

let unavailable: unknown

beforeAll(async () => {
  await setUpTables(bigquery(), 'EU')
  await stage('batch-1', bought)
  await stage('batch-1/later-0a1b', reduced)
  await stage('batch-2', sameNumber, refused, unsent)
  await activate('batch-1', [bought])
  await activate('batch-2', [sameNumber])
  await activate('batch-2', [refused], 400)
  unavailable = await activate('batch-2', [unsent], 503).catch((error: unknown) => error)
})

test('Segment was unavailable for one of the orders', () => {
  expect(unavailable).toMatchObject({ type: 'segment_unavailable' })
})

const version = (one: Messages[number], eventId: string, more: object) => ({
  eventId,
  contentHash: expect.stringMatching(/^[0-9a-f]{32}$/),
  publishTime: one.publishTime,
  messageId: one.messageId,
  ...more,
})

test('an order has its staged events and its outcomes, value by value', async () => {
  const facts = await counted().lookUp(eventsOf(bought))
  const own = { type: 'purchase', customerId: 'C101', amount: '45000', currency: 'EUR' }
  const logged = (outcome: string) => ({
    ...version(bought, 'e1', { ...own, runId: 'batch-1' }),
    outcome,
    reason: null,
    call: 'Order Completed',
    value: '45000',
    clickId: null,
    toldAt: '2026-11-19T19:32:00.000000Z',
    googleAds: 'excluded',
    recordedAt: expect.stringMatching(/^20.*\.\d{6}Z$/),
  })
  expect([...facts.keys()]).toEqual([keyOf('p-1', 'O1')])
  const { staged = [], logged: log = [] } = facts.get(keyOf('p-1', 'O1')) ?? {}
  expect(staged.toSorted((one, other) => one.eventId.localeCompare(other.eventId))).toEqual([
    version(bought, 'e1', { ...own, isPartial: false, runId: 'batch-1' }),
    // Events that wait belong to the run that handed them over.
    version(reduced, 'e2', {
      type: 'cancellation',
      customerId: 'C101',
      amount: '10.5',
      currency: 'EUR',
      isPartial: true,
      runId: 'batch-1',
    }),
  ])
  expect(log.toSorted((one, other) => one.outcome.localeCompare(other.outcome))).toEqual([
    logged('accepted'),
    logged('sending'),
  ])
})

test('batches that ask together are one query, and each finds its orders', async () => {
  const { lookUp, queries } = counted()
  const [first, second, third, none] = await Promise.all([
    lookUp(eventsOf(bought)),
    lookUp(eventsOf(sameNumber)),
    lookUp(eventsOf(refused, unsent)),
    lookUp([]),
  ])
  expect(queries).toHaveLength(1)
  const outcomes = (facts: typeof first, partner: string, order: string) =>
    facts?.get(keyOf(partner, order))?.logged.map(({ outcome, reason }) => `${outcome} ${reason}`)
  expect(outcomes(first, 'p-1', 'O1')?.toSorted()).toEqual(['accepted null', 'sending null'])
  expect(outcomes(third, 'p-2', 'O2')?.toSorted()).toEqual([
    'failed segment_refused',
    'sending null',
  ])
  expect(outcomes(third, 'p-2', 'O3')?.toSorted()).toEqual(['sending null', 'unsent null'])
  expect(second?.get(keyOf('p-2', 'O1'))?.logged).toContainEqual(
    expect.objectContaining({ outcome: 'accepted', clickId: 'gclid' }),
  )
  expect(none?.size).toBe(0)
})

test('two partners with the same order number stay apart, also in one query', async () => {
  const facts = await counted().lookUp(eventsOf(bought, sameNumber))
  const messages = (partner: string) => {
    const { staged = [], logged = [] } = facts.get(keyOf(partner, 'O1')) ?? {}
    return [...new Set([...staged, ...logged].map(({ messageId }) => messageId))].toSorted()
  }
  expect(messages('p-1')).toEqual([bought.messageId, reduced.messageId].toSorted())
  expect(messages('p-2')).toEqual([sameNumber.messageId])
})

test('while queries follow each other, what comes meanwhile is one query', async () => {
  const { lookUp, queries } = counted(0.7)
  await lookUp(eventsOf(bought))
  await Promise.all([bought, sameNumber, refused].map((one) => lookUp(eventsOf(one))))
  expect(queries).toHaveLength(2)
})
