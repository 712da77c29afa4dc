// What counts as written by the Storage Write API: an AppendResult for the append alone, whatever else comes on the connection.

import { status } from '@grpc/grpc-js'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createStorageWriteWarehouse } from '#warehouse/storage-write/adapter'
import { createStorageWriteClient } from '#warehouse/storage-write/client'
import type { OpenWarehouse, Row } from '#warehouse/warehouse'
import { type StorageWriteServer, serveStorageWrite } from '../../support/storage-write/server.ts'
import type { Fault } from '../../support/storage-write/state.ts'
import { untilSeen } from '../../support/storage-write/until-seen.ts'

let server: StorageWriteServer
let warehouse: OpenWarehouse

beforeEach(async () => {
  server = await serveStorageWrite()
  const address = {
    GOOGLE_CLOUD_PROJECT: 'local',
    BIGQUERY_STORAGE_EMULATOR_HOST: server.address,
  }
  const createClient = () => createStorageWriteClient(address)
  warehouse = createStorageWriteWarehouse({ createClient, project: 'local' })
})
afterEach(async () => {
  await warehouse.close()
  server.stop()
})

const order = (order_id: string): Row => ({
  key: [order_id],
  columns: {
    event_id: order_id,
    partner_id: 'dealer-7',
    type: 'purchase',
    order_id,
    customer_id: 'C101',
    car_model: 'SUV',
    amount: '45000',
    timestamp: '2026-11-19T20:32:00Z',
    message_id: 'm-1',
    publish_time: '2026-11-20T10:00:00Z',
    batch_id: 'b-1',
  },
})
const append = (...ids: string[]) => warehouse.append('staging_purchase', ids.map(order))
const written = () => server.rows('staging_purchase').map((row) => row['order_id'])
const connections = () => new Set(server.requests.map(({ connection }) => connection)).size

const ERROR = { code: status.INVALID_ARGUMENT, message: 'Errors found while processing rows.' }
const named = (index: number | string) => ({ error: ERROR, rowErrors: [{ index, message: 'no' }] })
const stream = (table: string) =>
  `projects/1234/datasets/streaming/tables/${table}/streams/_default`

test.each<[string, Fault]>([
  ['nothing at all', { answer: {} }],
  ['only another schema', { answer: { updatedSchema: { fields: [] } } }],
  ['an error that is none', { answer: { error: { code: status.OK, message: 'fine' } } }],
  ['a result and an error', { answer: { error: ERROR, appendResult: {} } }],
  ['a result and errors of rows', { answer: { ...named(0), appendResult: {} } }],
  ['errors of a row that was not sent', { answer: named(2) }],
  ['errors of a row before the first', { answer: named(-1) }],
  [
    'errors of rows that were sent and of one that was not',
    { answer: { error: ERROR, rowErrors: [{ index: 0 }, { index: 9 }] } },
  ],
  [
    'the result of another table',
    { answer: { appendResult: {}, writeStream: stream('staging_cancellation') } },
  ],
  ['the end of the stream, as if all were well', { closes: true }],
])('an append that is answered by %s is made again, on another connection', async (_lie, fault) => {
  server.faults.push(fault)
  await expect(append('a', 'b')).rejects.toMatchObject({
    type: 'warehouse_unavailable',
    nonRetryable: false,
    message: expect.stringMatching(
      /^BigQuery staging_purchase: no answer: the (answer|connection)/,
    ),
  })
  expect(written()).toEqual([])
  expect(await append('a', 'b')).toEqual({ written: 2, failed: [] })
  expect(written()).toEqual(['a', 'b'])
  expect(connections()).toBe(2)
})

test('appends behind an answer that proves nothing are made again too: answers have no numbers', async () => {
  server.faults.push({ delayMs: 50 }, { answer: {} })
  const [first, second, third] = ['a', 'b', 'c'].map((id) => append(id))
  await expect(first).resolves.toEqual({ written: 1, failed: [] })
  await expect(second).rejects.toMatchObject({ type: 'warehouse_unavailable' })
  await expect(third).rejects.toMatchObject({ type: 'warehouse_unavailable' })
})

test('an answer too many is not kept for the next append, which has another connection', async () => {
  server.faults.push({ answersTwice: true })
  expect(await append('a')).toEqual({ written: 1, failed: [] })
  await untilSeen(server, warehouse)
  server.faults.push({ answer: { error: { code: status.UNAVAILABLE } } })
  await expect(append('lost')).rejects.toMatchObject({ type: 'warehouse_unavailable' })
  expect(written()).toEqual(['a'])
  expect(connections()).toBe(2)
})

test('the result of the stream that was asked is one, by the number of its project too', async () => {
  server.faults.push({ answer: { appendResult: {}, writeStream: stream('staging_purchase') } })
  expect(await append('a')).toEqual({ written: 1, failed: [] })
})

describe('a request that is too large is halved until the row stands alone', () => {
  test.each([
    ['by gRPC', status.RESOURCE_EXHAUSTED, 'Received message larger than max (11 vs. 10)'],
    [
      'by gRPC on this side',
      status.RESOURCE_EXHAUSTED,
      'Attempted to send message with a size larger than 10',
    ],
    ['by BigQuery', status.INVALID_ARGUMENT, 'MessageSize is too large. Max allowed: 10000000'],
  ])('%s, inside a result or by a broken connection', async (_who, code, message) => {
    const refusal = { code, message }
    server.faults.push({ breaks: refusal }, { answer: { error: refusal } })
    expect(await append('a', 'b')).toEqual({
      written: 1,
      failed: [{ index: 0, reason: 'warehouse_row_too_large' }],
    })
    expect(written()).toEqual(['b'])
  })

  test('and a quota that is used up is not', async () => {
    const error = { code: status.RESOURCE_EXHAUSTED, message: 'Exceeds quota of bytes' }
    server.faults.push({ answer: { error } })
    await expect(append('a', 'b')).rejects.toMatchObject({ type: 'warehouse_throttled' })
    expect(server.requests).toHaveLength(1)
  })
})
