// Staging against the local BigQuery: good rows, refused rows, and every way BigQuery can be unwell.

import { BigQuery, type TableField } from '@google-cloud/bigquery'
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { PassThroughClient } from 'google-auth-library'
import { setUpTables } from '#operations/setup/tables'
import { createInsertAllWarehouse } from '#warehouse/insert-all'
import { createBatchReader } from '../../../activities/read-batch.ts'
import { createStageEvents } from '../../../activities/stage-events.ts'
import { cancellation, message, purchase } from '../../fixtures/messages.ts'
import { attempt, batchOf, metrics } from '../../support/activities.ts'
import { bigqueryAt, clearFaults, failInserts, recordInserts, rowsOf } from '../../support/parts.ts'
import { useStackWithTables } from '../../support/stack.ts'

const stack = useStackWithTables('bigquery')
const url = () => stack().bigquery.url
const PURCHASES = 'streaming.staging_purchase'

beforeAll(async () => {
  await setUpTables(bigqueryAt(url()), 'EU')
})
afterEach(() => clearFaults(url()))

/** One attempt at staging `batch`; `timeoutMs` instead of Google's minute. */
function stage(batch: Uint8Array, batchId: string, skip: number[] = [], timeoutMs?: number) {
  const warehouse = createInsertAllWarehouse(bigqueryAt(url()), timeoutMs ? { timeoutMs } : {})
  return attempt(createStageEvents(createBatchReader(), warehouse, metrics), [batch, batchId, skip])
}

const order = (order_id: string, more: object = {}) => message({ ...purchase, order_id, ...more })

async function staged(batchId: string, table = 'staging_purchase'): Promise<unknown[]> {
  const query = `SELECT order_id FROM streaming.${table} WHERE batch_id = @batchId ORDER BY order_id`
  const rows = await rowsOf(bigqueryAt(url()), query, { batchId })
  return rows.map((row) => row['order_id'])
}

/** The table with other columns, and without its rows. */
async function replaceTable(name: string, change: (columns: TableField[]) => TableField[]) {
  const table = bigqueryAt(url()).dataset('streaming').table(name)
  const [{ schema, timePartitioning, clustering }] = await table.getMetadata()
  await table.delete()
  await table.create({ schema: { fields: change(schema.fields) }, timePartitioning, clustering })
}

async function restoreTable(name: string) {
  const bigquery = bigqueryAt(url())
  await bigquery.dataset('streaming').table(name).delete({ ignoreNotFound: true })
  await setUpTables(bigquery, 'EU')
}

test('every accepted event is in the table of its type, exactly as it was read', async () => {
  const whole = {
    ...purchase,
    order_id: 'whole',
    event_id: 'e-whole',
    amount: '@exact@',
    timestamp: '2026-11-19T20:32:00.123456+01:00',
    currency: 'EUR',
    email: 'jane@example.com',
    consent: { ad_user_data: true },
    vehicle: { vin: 'V1', make: 'Audi', model: 'Q5', year: 2026, doors: 5 },
    colour: { name: 'größer "blau"' },
  }
  const json = JSON.stringify(whole).replace('"@exact@"', '12345678901234567890.123456789')
  const batch = batchOf(message(json, { messageId: 'm-whole' }), message(cancellation))
  expect(await stage(batch, 'b-whole')).toEqual({ purchase: 1, cancellation: 1, failed: [] })

  const [row] = await rowsOf(
    bigqueryAt(url()),
    `SELECT CAST(amount AS STRING) AS amount, CAST(timestamp AS STRING) AS timestamp,
       CAST(publish_time AS STRING) AS publish_time, ingested_at IS NOT NULL AS is_stamped,
       JSON_VALUE(consent, '$.ad_user_data') AS consent,
       JSON_VALUE(additional_properties, '$.colour.name') AS colour,
       JSON_VALUE(additional_properties, '$.vehicle.doors') AS doors,
       event_id, partner_id, type, customer_id, currency, email, phone, vehicle_year, message_id
     FROM ${PURCHASES} WHERE order_id = 'whole'`,
  )
  expect(row).toEqual({
    amount: '12345678901234567890.123456789',
    timestamp: expect.stringContaining('2026-11-19 19:32:00.123456'),
    publish_time: expect.stringContaining('2026-11-20 10:00:00'),
    is_stamped: true,
    consent: 'true',
    colour: 'größer "blau"',
    doors: '5',
    event_id: 'e-whole',
    partner_id: 'dealer-7',
    type: 'purchase',
    customer_id: 'C101',
    currency: 'EUR',
    email: 'jane@example.com',
    phone: null,
    vehicle_year: 2026,
    message_id: 'm-whole',
  })
  expect(await staged('b-whole', 'staging_cancellation')).toEqual(['A003'])
})

test('rejected events and duplicates are skipped, and nothing to stage asks nothing of BigQuery', async () => {
  const batch = batchOf(order('kept'), message('not json'), order('skipped'))
  expect(await stage(batch, 'b-skip', [1, 2])).toEqual({ purchase: 1, cancellation: 0, failed: [] })
  expect(await staged('b-skip')).toEqual(['kept'])

  await failInserts(url(), { status: 503 })
  const nothing = await stage(batchOf(message('not json')), 'b-nothing', [0])
  expect(nothing).toEqual({ purchase: 0, cancellation: 0, failed: [] })
})

test('an event the contract refuses by now stays behind with its reasons, and the others are staged', async () => {
  const { type: _type, ...untyped } = purchase
  const batch = batchOf(order('x'), message({ ...untyped, partner_id: 'dealer-7' }))
  expect(await stage(batch, 'b-changed')).toEqual({
    purchase: 1,
    cancellation: 0,
    failed: [{ index: 1, partnerId: 'dealer-7', reasons: ['type_missing'] }],
  })
})

test('a revoked key is a matter of setup, not of the rows', async () => {
  const refusal = Object.assign(new Error('invalid_grant'), { name: 'GaxiosError', code: 400 })
  const authClient = new PassThroughClient()
  authClient.getRequestHeaders = () => Promise.reject(refusal)
  const apiEndpoint = new URL(url()).origin
  const unsigned = new BigQuery({ projectId: 'local', apiEndpoint, authClient })
  const stageEvents = createStageEvents(
    createBatchReader(),
    createInsertAllWarehouse(unsigned),
    metrics,
  )
  const batch = batchOf(order('u1'), order('u2'))
  await expect(attempt(stageEvents, [batch, 'b-unsigned', []])).rejects.toMatchObject({
    type: 'warehouse_setup',
    nonRetryable: false,
  })
})

test('a payload the bridge did not write fails at once', async () => {
  await expect(stage(Buffer.from('not gzip'), 'b-unreadable')).rejects.toMatchObject({
    type: 'batch_unreadable',
    nonRetryable: true,
  })
})

test('rows BigQuery can never take are told by index, and the good ones next to them are in', async () => {
  await replaceTable('staging_purchase', (columns) =>
    columns.map((column) =>
      column.name === 'currency' ? { ...column, mode: 'REQUIRED' } : column,
    ),
  )
  try {
    const batch = batchOf(
      message(cancellation),
      order('bad-1'),
      order('good-2', { currency: 'EUR' }),
      message('skipped'),
      order('bad-4', { partner_id: 'dealer-9' }),
      order('good-5', { currency: 'EUR' }),
    )
    expect(await stage(batch, 'b-mixed', [3])).toEqual({
      purchase: 2,
      cancellation: 1,
      failed: [
        { index: 1, partnerId: 'dealer-7', reasons: ['warehouse_invalid_currency'] },
        { index: 4, partnerId: 'dealer-9', reasons: ['warehouse_invalid_currency'] },
      ],
    })
    expect(await staged('b-mixed')).toEqual(['good-2', 'good-5'])
  } finally {
    await restoreTable('staging_purchase')
  }
})

test('a missing table is retried slowly, and staging succeeds once setup has run', async () => {
  await bigqueryAt(url()).dataset('streaming').table('staging_purchase').delete()
  const batch = batchOf(order('waits'))
  await expect(stage(batch, 'b-missing')).rejects.toMatchObject({
    type: 'warehouse_setup',
    nonRetryable: false,
    nextRetryDelay: 60_000,
    message: expect.stringContaining('staging_purchase'),
  })
  await setUpTables(bigqueryAt(url()), 'EU')
  expect(await stage(batch, 'b-missing')).toMatchObject({ purchase: 1, failed: [] })
  expect(await staged('b-missing')).toEqual(['waits'])
})

test('a table that lacks a new column is retried slowly, not dead-lettered, until setup has added it', async () => {
  await replaceTable('staging_purchase', (columns) =>
    columns.filter(({ name }) => name !== 'vehicle_year'),
  )
  const batch = batchOf(order('waits', { vehicle: { year: 2026 } }))
  await expect(stage(batch, 'b-old-table')).rejects.toMatchObject({
    type: 'warehouse_setup',
    nonRetryable: false,
    nextRetryDelay: 60_000,
    message: expect.stringContaining('vehicle_year'),
  })
  await setUpTables(bigqueryAt(url()), 'EU')
  expect(await stage(batch, 'b-old-table')).toMatchObject({ purchase: 1, failed: [] })
  const query = `SELECT vehicle_year FROM ${PURCHASES} WHERE batch_id = 'b-old-table'`
  expect(await rowsOf(bigqueryAt(url()), query)).toEqual([{ vehicle_year: 2026 }])
})

test('a column somebody added meanwhile stays empty and stops nothing', async () => {
  const table = bigqueryAt(url()).dataset('streaming').table('staging_purchase')
  await stage(batchOf(order('before')), 'b-column')
  const [{ schema }] = await table.getMetadata()
  const colour = { name: 'colour', type: 'STRING', mode: 'NULLABLE' }
  await table.setMetadata({ schema: { fields: [...schema.fields, colour] } })
  expect(await stage(batchOf(order('after')), 'b-column')).toMatchObject({ purchase: 1 })
  const query = `SELECT order_id, colour FROM ${PURCHASES} WHERE batch_id = 'b-column' ORDER BY order_id`
  expect(await rowsOf(bigqueryAt(url()), query)).toEqual([
    { order_id: 'after', colour: null },
    { order_id: 'before', colour: null },
  ])
})

describe('when BigQuery is unwell, the attempt fails as', () => {
  test.each([
    [
      'throttled by 429',
      { status: 429, reason: 'rateLimitExceeded' },
      { type: 'warehouse_throttled', nonRetryable: false },
    ],
    [
      'throttled by 403',
      { status: 403, reason: 'rateLimitExceeded' },
      { type: 'warehouse_throttled', nonRetryable: false },
    ],
    [
      'an exhausted quota',
      { status: 403, reason: 'quotaExceeded' },
      { type: 'warehouse_unavailable', nonRetryable: false },
    ],
    [
      'a missing grant',
      { status: 403, reason: 'accessDenied' },
      { type: 'warehouse_setup', nextRetryDelay: 60_000, nonRetryable: false },
    ],
    [
      'a server error',
      { status: 503, reason: 'backendError' },
      { type: 'warehouse_unavailable', nonRetryable: false },
    ],
    ['a connection reset', { reset: true }, { type: 'warehouse_unavailable', nonRetryable: false }],
  ])('%s, after one request, and the next attempt succeeds', async (name, fault, expected) => {
    const batchId = `b-${name.replaceAll(' ', '-')}`
    const batch = batchOf(order(batchId))
    await failInserts(url(), { ...fault, times: 1 })
    await expect(stage(batch, batchId)).rejects.toMatchObject(expected)
    expect(await staged(batchId)).toEqual([])
    expect(await stage(batch, batchId)).toMatchObject({ purchase: 1 })
    expect(await staged(batchId)).toEqual([batchId])
  })

  test('a time-out, after one request that is never answered', async () => {
    const batch = batchOf(order('hung'))
    await failInserts(url(), { hang: true, times: 1 })
    await expect(stage(batch, 'b-hang', [], 500)).rejects.toMatchObject({
      type: 'warehouse_unavailable',
      nonRetryable: false,
      message: expect.stringContaining('no answer'),
    })
    expect(await stage(batch, 'b-hang')).toMatchObject({ purchase: 1 })
    expect(await staged('b-hang')).toEqual(['hung'])
  })
})

test('rows whose answer was lost are not written again by the next attempt', async () => {
  const batch = batchOf(order('lost-1'), order('lost-2'))
  await failInserts(url(), { status: 503, afterWrite: true, times: 1 })
  await expect(stage(batch, 'b-lost')).rejects.toMatchObject({ type: 'warehouse_unavailable' })
  expect(await stage(batch, 'b-lost')).toMatchObject({ purchase: 2 })
  expect(await staged('b-lost')).toEqual(['lost-1', 'lost-2'])
})

test('the same message in another batch within a minute adds no row', async () => {
  const once = order('once')
  await stage(batchOf(once), 'b-first')
  expect(await stage(batchOf(once), 'b-second')).toMatchObject({ purchase: 1 })
  expect([...(await staged('b-first')), ...(await staged('b-second'))]).toEqual(['once'])
})

test('one partner’s order id is no other partner’s event', async () => {
  const batch = batchOf(order('same', { partner_id: 'x' }), order('same', { partner_id: 'y' }))
  await stage(batch, 'b-partners')
  expect(await staged('b-partners')).toEqual(['same', 'same'])
})

const row = (messageId: string, data: Buffer, stageName: string | null = 'staging') => ({
  key: [messageId],
  columns: {
    dead_letter_id: 'cut',
    stage: stageName,
    partner_id: 'dealer-7',
    reasons: [],
    faults: '[]',
    data,
    attributes: '{}',
    message_id: messageId,
    publish_time: '2026-11-20T10:00:00Z',
    batch_id: 'b-cut',
  },
})
const count = async (prefix: string) => {
  const query = `SELECT COUNT(*) AS n FROM streaming.dead_letter WHERE STARTS_WITH(message_id, @prefix)`
  return (await rowsOf(bigqueryAt(url()), query, { prefix }))[0]?.['n']
}

describe('requests are cut', () => {
  test('under BigQuery’s 10 MB, every row in exactly one of them', async () => {
    const bigquery = bigqueryAt(url())
    const requests = recordInserts(bigquery)
    const rows = Array.from({ length: 12 }, (_, i) => row(`mb-${i}`, Buffer.alloc(1_000_000, i)))
    const appended = await createInsertAllWarehouse(bigquery).append('dead_letter', rows)
    expect(appended).toEqual({ written: 12, failed: [] })
    expect(requests.length).toBeGreaterThan(1)
    expect(requests.reduce((total, request) => total + request.rows, 0)).toBe(12)
    for (const { bytes } of requests) expect(bytes).toBeLessThan(10_000_000)
    expect(await count('mb-')).toBe(12)
  })

  test('at 5,000 rows, and a refused row keeps its index', async () => {
    const bigquery = bigqueryAt(url())
    const requests = recordInserts(bigquery)
    const rows = Array.from({ length: 5_002 }, (_, i) =>
      row(`many-${i}`, Buffer.alloc(0), i === 5_001 || i === 3 ? null : 'staging'),
    )
    const appended = await createInsertAllWarehouse(bigquery).append('dead_letter', rows)
    expect(appended).toEqual({
      written: 5_000,
      failed: [
        { index: 3, reason: 'warehouse_invalid_stage' },
        { index: 5_001, reason: 'warehouse_invalid_stage' },
      ],
    })
    expect(requests.map((request) => request.rows)).toEqual([5_000, 2])
    expect(await count('many-')).toBe(5_000)
  })

  test('around a row too large for any request, which fails alone', async () => {
    const bigquery = bigqueryAt(url())
    const rows = [
      row('one-0', Buffer.from('a')),
      row('one-1', Buffer.alloc(8_000_000)),
      row('one-2', Buffer.from('b')),
    ]
    const appended = await createInsertAllWarehouse(bigquery).append('dead_letter', rows)
    expect(appended).toEqual({
      written: 2,
      failed: [{ index: 1, reason: 'warehouse_row_too_large' }],
    })
    expect(await count('one-')).toBe(2)
  })

  test('in halves where BigQuery refuses the whole, down to the one row it will not have', async () => {
    const bigquery = bigqueryAt(url())
    const requests = recordInserts(bigquery)
    await failInserts(url(), { status: 400, reason: 'invalid', times: 1 })
    const rows = Array.from({ length: 4 }, (_, i) => row(`half-${i}`, Buffer.from('a')))
    const appended = await createInsertAllWarehouse(bigquery).append('dead_letter', rows)
    expect(appended).toEqual({ written: 4, failed: [] })
    expect(requests.map((request) => request.rows)).toEqual([4, 2, 2])
    await failInserts(url(), { status: 400, reason: 'invalid' })
    const refused = await createInsertAllWarehouse(bigquery).append('dead_letter', rows.slice(0, 2))
    expect(refused).toEqual({
      written: 0,
      failed: [
        { index: 0, reason: 'warehouse_refused' },
        { index: 1, reason: 'warehouse_refused' },
      ],
    })
  })
})
