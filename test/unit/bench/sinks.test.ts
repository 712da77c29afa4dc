// The sinks of the benchmark answer as BigQuery does, and count what tells whether every event has arrived.

import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { createBigQuery } from '#warehouse/client'
import { createReader } from '#warehouse/read'
import { orderFacts } from '#warehouse/sql/order-facts'
import { arrived } from '../../../bench/drain.ts'
import { createHttpSinks } from '../../../bench/load/http-sinks.ts'
import { writeMarker } from '../../../bench/load/marker.ts'
import { createTally } from '../../../bench/load/tally.ts'
import { type Sinks, sinksAt } from '../../../bench/sinks-client.ts'
import { portOf } from '../../support/port-of.ts'

const tally = createTally()
const server = createHttpSinks(tally)
let sinks: Sinks

const order = (number: number) => writeMarker({ number, sentAt: 0, group: 'n' })
const wanted = { partners: ['dealer-7'], orders: [order(0), order(1)], since: new Date(0) }

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  sinks = sinksAt(`http://127.0.0.1:${portOf(server)} 127.0.0.1:1`)
})

beforeEach(() => sinks.reset(2))

afterAll(() => {
  server.close()
  server.closeAllConnections()
})

const bigquery = () =>
  createBigQuery({
    GOOGLE_CLOUD_PROJECT: 'local',
    BIGQUERY_EMULATOR_HOST: `${sinks.url}/bigquery/v2`,
  })

/** As in the calls of the pipeline and of the Beam peer. */
const callOf = (order_id: string) => ({
  properties: { order_id: `dealer-7:${order_id}`, partner_order_id: order_id },
})

async function post(path: string, body: object): Promise<void> {
  const answer = await fetch(`${sinks.url}${path}`, { method: 'POST', body: JSON.stringify(body) })
  expect(answer.status).toBe(200)
}

const insert = (table: string, ...rows: readonly object[]) =>
  post(`/bigquery/v2/projects/local/datasets/streaming/tables/${table}/insertAll`, {
    rows: rows.map((json) => ({ json })),
  })

test('a look-up of orders finds no row, and is counted as one query whatever the number of orders', async () => {
  expect(await createReader(bigquery())(orderFacts(wanted))).toEqual([])
  expect((await sinks.counts()).order_query.rows).toBe(1)
})

test('a query by way of a job finds no row, and is counted once', async () => {
  const [job] = await bigquery().createQueryJob({ query: 'SELECT 1' })
  const [rows] = await job.getQueryResults()
  expect(rows).toEqual([])
  expect((await sinks.counts()).order_query.rows).toBe(1)
})

test('an event has arrived when it is audited, staged, sent, and has an outcome: a record that it is being sent is none', async () => {
  const order_id = order(0)
  await insert('audit_log', { order_id }, { order_id: order(1) })
  await insert('staging_purchase', { order_id })
  await insert('activation_log', { order_id, outcome: 'sending' })
  await post('/v1/batch', { batch: [callOf(order_id)] })
  expect(arrived(await sinks.counts())).toBe(0)

  await insert('activation_log', { order_id, outcome: 'accepted' })
  const counts = await sinks.counts()
  expect(arrived(counts)).toBe(1)
  const { activation_sending, activation_log, segment } = counts
  expect([activation_sending, activation_log, segment].map(({ rows }) => rows)).toEqual([1, 1, 1])
})

test('a cancellation has arrived when it is recorded that it waits, without a call', async () => {
  const order_id = order(0)
  await insert('audit_log', { order_id })
  await insert('staging_cancellation', { order_id })
  expect(arrived(await sinks.counts())).toBe(0)
  expect(arrived(await sinks.counts(), false)).toBe(1)

  await insert('activation_log', { order_id, outcome: 'waiting' })
  expect(arrived(await sinks.counts())).toBe(1)
})

test('a purchase that is not sent has not arrived, whatever cancellations there are', async () => {
  for (const number of [0, 1]) await insert('audit_log', { order_id: order(number) })
  await insert('staging_purchase', { order_id: order(0) })
  await insert('staging_cancellation', { order_id: order(1) })
  for (const [number, outcome] of ['accepted', 'waiting'].entries())
    await insert('activation_log', { order_id: order(number), outcome })
  expect(arrived(await sinks.counts())).toBe(1)
})

test('of the requests to Segment one in so many is answered with 500, another with 429, and both are counted', async () => {
  const before = await sinks.failSegment(4)
  const send = () => fetch(`${sinks.url}/v1/batch`, { method: 'POST', body: '{}' })
  const answers: Response[] = []
  for (let request = 0; request < 8; request += 1) answers.push(await send())
  expect(answers.map(({ status }) => status)).toEqual([200, 429, 200, 500, 200, 429, 200, 500])
  expect(answers[1]?.headers.get('retry-after')).toBe('1')
  expect(await sinks.failSegment(0)).toBe(before + 4)
  expect((await send()).status).toBe(200)
})

test('an append to a table about many events is one row, and a table that nobody writes to is not there', async () => {
  for (const table of ['batch_ledger', 'batch_receipt', 'dead_letter_log'])
    await insert(table, { order_id: order(0) }, { order_id: order(1) })
  await insert('dead_letter', { order_id: order(0) })
  const { batch_ledger, batch_receipt, dead_letter_log, dead_letter } = await sinks.counts()
  expect([batch_ledger, batch_receipt, dead_letter_log].map(({ rows }) => rows)).toEqual([1, 1, 1])
  expect(dead_letter).toMatchObject({ rows: 1, distinct: 1 })
  const body = JSON.stringify({ rows: [] })
  const none = `${sinks.url}/bigquery/v2/projects/local/datasets/streaming/tables/none/insertAll`
  expect((await fetch(none, { method: 'POST', body })).status).toBe(404)
})

test('how long an event took is from when it was sent, by group; the sizes are those of the rows', async () => {
  const sentAt = Date.now() - 60_000
  const order_id = writeMarker({ number: 1, sentAt, group: 'u' })
  const rows = [{ order_id }, { order_id: order(0) }]
  await insert('staging_purchase', ...rows)
  const { u = [], ...others } = await sinks.latencies('staging')
  const since = Date.now() - sentAt
  expect(others).toEqual({})
  expect(u).toHaveLength(1)
  expect(u[0]).toBeGreaterThanOrEqual(60_000)
  expect(u[0]).toBeLessThanOrEqual(since)
  const { staging } = await sinks.counts()
  expect(staging.bytes).toBe(JSON.stringify({ rows: rows.map((json) => ({ json })) }).length)
  expect(staging.lastAt).toBeGreaterThanOrEqual(sentAt + 60_000)
  expect(staging.lastAt).toBeLessThanOrEqual(Date.now())
})
