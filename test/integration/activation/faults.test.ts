// Faults between activation, Segment and BigQuery: whatever was lost, each event is at Segment once and has one final record.

import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Segment } from '#activation/segment/segment'
import { createHttpSegment } from '#activation/segment/segment-http'
import { createSdkSegment } from '#activation/segment/segment-sdk'
import { setUpTables } from '#operations/setup/tables'
import { failure } from '#runtime/service-error'
import { createInsertAllWarehouse } from '#warehouse/insert-all'
import { createReader } from '#warehouse/read'
import type { Warehouse } from '#warehouse/warehouse'
import { createOrderLookUp } from '../../../activities/activation/order-look-up.ts'
import { createBatchReader } from '../../../activities/read-batch.ts'
import { createStageEvents } from '../../../activities/stage-events.ts'
import { stackDir } from '../../../deploy/local/paths.ts'
import { type SegmentStandIn, startSegmentStandIn } from '../../../deploy/local/segment/server.ts'
import { message, purchase } from '../../fixtures/messages.ts'
import { activationTo, attempt, batchOf, metrics, NO_GOVERNOR } from '../../support/activities.ts'
import { bigqueryAt, rowsOf } from '../../support/parts.ts'
import { useStackWithTables } from '../../support/stack.ts'

const stack = useStackWithTables('bigquery')
const dir = join(stackDir, 'test', randomUUID())
const bigquery = () => bigqueryAt(stack().bigquery.url)
const warehouse = () => createInsertAllWarehouse(bigquery())

let segment: SegmentStandIn
beforeAll(() => setUpTables(bigquery(), 'EU'))
beforeEach(async () => {
  segment = await startSegmentStandIn({ file: join(dir, 'calls.ndjson') })
})
afterEach(() => segment.close())
afterAll(() => rm(dir, { recursive: true, force: true }))

const ADAPTERS = { http: createHttpSegment, sdk: createSdkSegment }

/** A batch of three orders of its own, which is staged. */
async function staged(count = 3, more: object = {}) {
  const batchId = `batch-${randomUUID()}`
  const order = (i: number) => ({ ...purchase, order_id: `${batchId}-${i}`, ...more })
  const messages = Array.from({ length: count }, (_, i) => message(order(i)))
  const batch = batchOf(...messages)
  const stage = createStageEvents(createBatchReader(), warehouse(), metrics)
  await attempt(stage, [batch, batchId, []])
  return { batchId, batch, messages }
}

type Staged = Awaited<ReturnType<typeof staged>>
type Parts = { readonly warehouse?: Warehouse; readonly governor?: typeof NO_GOVERNOR }

/** One attempt. What an attempt before it recorded is in the tables. */
function activate({ batchId, batch }: Staged, to: Segment, parts: Parts = {}) {
  const lookUp = createOrderLookUp(createReader(bigquery()), 0)
  const { activateEvents } = activationTo(to, { warehouse: warehouse(), lookUp, ...parts })
  return attempt(activateEvents, [batch, { batchId, skip: [] }], {
    activityId: randomUUID(),
  })
}

/** How many rows the activation log has of the batch, by outcome. */
async function outcomes({ batchId }: Staged) {
  const rows = await rowsOf(
    bigquery(),
    `SELECT outcome, COUNT(*) AS n FROM streaming.activation_log WHERE batch_id = @batchId GROUP BY outcome`,
    { batchId },
  )
  return Object.fromEntries(rows.map(({ outcome, n }) => [String(outcome), n]))
}

/** The second attempt succeeds, and leaves each event accepted once, in the log and at Segment. */
async function succeeds(one: Staged, to: Segment, duplicates: number) {
  expect(await activate(one, to)).toEqual({ accepted: 3, notActivated: 0, waiting: 0, failed: [] })
  // A repeat that Segment drops is counted as accepted as well.
  expect(segment.stats()).toMatchObject({ accepted: 3 + duplicates, duplicates, dropped: 0 })
  expect((await outcomes(one))['accepted']).toBe(3)
  // A third attempt finds that all is done.
  const { requests } = segment.stats()
  expect(await activate(one, to)).toMatchObject({ accepted: 3 })
  expect(segment.stats().requests).toBe(requests)
  expect((await outcomes(one))['accepted']).toBe(3)
}

describe.each(['http', 'sdk'] as const)('through the %s adapter', (adapter) => {
  const adapterTo = (host = segment.url) => ADAPTERS[adapter]({ host, writeKey: 'key' })

  test.each([
    ['503', { status: 503 }],
    ['500', { status: 500 }],
    ['429', { status: 429, retryAfter: 1 }],
    ['401', { status: 401 }],
  ])('%s says that Segment did not take the request, and the log has it', async (_, fault) => {
    const one = await staged()
    segment.fail({ ...fault, times: 1 })
    await expect(activate(one, adapterTo())).rejects.toMatchObject({ nonRetryable: false })
    expect(await outcomes(one)).toEqual({ sending: 3, unsent: 3 })
    await succeeds(one, adapterTo(), 0)
    expect(await outcomes(one)).toEqual({ sending: 6, unsent: 3, accepted: 3 })
  })

  test.each([
    ['a connection that is reset before Segment reads the request', { reset: true }, 0],
    ['a connection that is reset after', { reset: true, accept: true }, 3],
    ['502 of a gateway before Segment', { status: 502 }, 0],
    ['504 of a gateway behind which Segment took the request', { status: 504, accept: true }, 3],
    ['408 behind which Segment took the request', { status: 408, accept: true }, 3],
  ])(
    'after %s it is unknown whether Segment has the calls: they are sent again with their ids',
    async (_, fault, duplicates) => {
      const one = await staged()
      segment.fail({ ...fault, times: 1 })
      await expect(activate(one, adapterTo())).rejects.toMatchObject({ nonRetryable: false })
      expect(await outcomes(one)).toEqual({ sending: 3 })
      await succeeds(one, adapterTo(), duplicates)
      expect(await outcomes(one)).toEqual({ sending: 3, accepted: 3 })
    },
  )

  test('a refused connection is certain: nothing was taken', async () => {
    const one = await staged()
    const away = adapterTo('http://127.0.0.1:1')
    await expect(activate(one, away)).rejects.toMatchObject({ type: 'segment_unavailable' })
    expect(await outcomes(one)).toEqual({ sending: 3, unsent: 3 })
    await succeeds(one, adapterTo(), 0)
  })

  test('a refusal after an uncertain attempt leaves the events in doubt', async () => {
    const one = await staged()
    segment.fail({ reset: true, accept: true, times: 1 })
    await expect(activate(one, adapterTo())).rejects.toMatchObject({ nonRetryable: false })
    segment.fail({ status: 503, times: 1 })
    await expect(activate(one, adapterTo())).rejects.toMatchObject({ nonRetryable: false })
    expect(await outcomes(one)).toEqual({ sending: 3 })
    await succeeds(one, adapterTo(), 3)
  })
})

const http = () => createHttpSegment({ host: segment.url, writeKey: 'key' })

test('an attempt that ends after Segment took the calls and before that is recorded sends them again', async () => {
  const one = await staged()
  const failing: Warehouse = {
    append: async (table, rows) => {
      if (rows.some(({ columns }) => columns['outcome'] === 'accepted'))
        throw failure('warehouse_unavailable', 'the worker ends here')
      return warehouse().append(table, rows)
    },
  }
  await expect(activate(one, http(), { warehouse: failing })).rejects.toMatchObject({
    type: 'warehouse_unavailable',
  })
  expect(segment.stats()).toMatchObject({ accepted: 3 })
  expect(await outcomes(one)).toEqual({ sending: 3 })
  await succeeds(one, http(), 3)
})

test('an attempt that ends before its request is repeated', async () => {
  const one = await staged()
  const ending: Segment = { deliver: () => Promise.reject(new Error('the worker ends here')) }
  await expect(activate(one, ending)).rejects.toThrow('the worker ends here')
  expect(await outcomes(one)).toEqual({ sending: 3 })
  await succeeds(one, http(), 0)
})

test('where the log cannot be written, nothing is sent', async () => {
  const one = await staged()
  const away: Warehouse = {
    append: () => Promise.reject(failure('warehouse_unavailable', 'BigQuery is away')),
  }
  await expect(activate(one, http(), { warehouse: away })).rejects.toMatchObject({
    type: 'warehouse_unavailable',
  })
  expect(segment.stats().requests).toBe(0)
  await succeeds(one, http(), 0)
})

test('what Segment may have is told it again, also where a newer version was staged meanwhile', async () => {
  const one = await staged()
  segment.fail({ reset: true, accept: true, times: 1 })
  await expect(activate(one, http())).rejects.toMatchObject({ nonRetryable: false })
  const corrected = one.messages.map(({ data }) =>
    message({ ...JSON.parse(Buffer.from(data).toString()), amount: 1 }, { publishTime: LATER }),
  )
  const stage = createStageEvents(createBatchReader(), warehouse(), metrics)
  await attempt(stage, [batchOf(...corrected), `batch-${randomUUID()}`, []])
  await succeeds(one, http(), 3)
})

const LATER = '2026-11-20T11:00:00.000000Z'

test('the second attempt of a large batch sends only what the first one did not', async () => {
  const large = { gclid: 'g'.repeat(1_000), vehicle: { vin: 'v'.repeat(250) } }
  const one = await staged(700, large)
  segment.fail({ status: 503, match: `${one.batchId}-500"`, times: 1 })
  await expect(activate(one, http())).rejects.toMatchObject({ type: 'segment_unavailable' })
  const { accepted } = segment.stats()
  expect(accepted).toBeGreaterThan(0)
  expect(accepted).toBeLessThan(500)
  expect(await outcomes(one)).toMatchObject({ accepted })
  expect(await activate(one, http())).toMatchObject({ accepted: 700, failed: [] })
  expect(segment.stats()).toMatchObject({ accepted: 700, duplicates: 0, dropped: 0 })
  expect((await outcomes(one))['accepted']).toBe(700)
})

test('the same events in another run are not sent again, and say why', async () => {
  const one = await staged()
  expect(await activate(one, http())).toMatchObject({ accepted: 3 })
  const again = { ...one, batchId: `batch-${randomUUID()}` }
  expect(await activate(again, http())).toMatchObject({ accepted: 0, notActivated: 3 })
  expect(segment.stats()).toMatchObject({ requests: 1, accepted: 3, duplicates: 0 })
  expect(await outcomes(again)).toEqual({ not_activated: 3 })
})

test('the governor is told of trouble and of success, and not of a setting that is wrong', async () => {
  const one = await staged()
  const told: unknown[] = []
  const governor = {
    ...NO_GOVERNOR,
    reportTrouble: async (...trouble: unknown[]) => void told.push(trouble),
    reportAccepted: async () => void told.push('accepted'),
  }
  for (const fault of [{ status: 429, retryAfter: 7 }, { status: 503 }, { status: 401 }]) {
    segment.fail({ ...fault, times: 1 })
    await expect(activate(one, http(), { governor })).rejects.toMatchObject({ nonRetryable: false })
  }
  await activate(one, http(), { governor })
  expect(told).toEqual([['throttled', 7, 429], ['unavailable', undefined, 503], 'accepted'])
})

test('the probe of an open breaker sends one request, and the next attempt sends the others', async () => {
  const large = { gclid: 'g'.repeat(1_000), vehicle: { vin: 'v'.repeat(250) } }
  const one = await staged(400, large)
  const governor = { ...NO_GOVERNOR, isProbing: async () => true }
  await expect(activate(one, http(), { governor })).rejects.toMatchObject({
    type: 'segment_unavailable',
  })
  const { requests, accepted } = segment.stats()
  expect([requests, accepted > 0, accepted < 400]).toEqual([1, true, true])
  expect(await outcomes(one)).toEqual({ sending: accepted, accepted })
  expect(await activate(one, http())).toMatchObject({ accepted: 400 })
  expect(segment.stats()).toMatchObject({ accepted: 400, duplicates: 0 })
})
