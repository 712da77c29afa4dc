// The Storage Write API adapter against a server that keeps its rules to the letter: every answer, and every way to fail.

import { status } from '@grpc/grpc-js'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createStorageWriteWarehouse } from '#warehouse/storage-write/adapter'
import { createStorageWriteClient } from '#warehouse/storage-write/client'
import type { OpenWarehouse, Row } from '#warehouse/warehouse'
import { withResolvers } from '../../../workers/isolation/with-resolvers.ts'
import { storageError } from '../../support/storage-write/judge.ts'
import { type StorageWriteServer, serveStorageWrite } from '../../support/storage-write/server.ts'
import { untilSeen } from '../../support/storage-write/until-seen.ts'
import { waitFor } from '../../support/wait-for.ts'

let server: StorageWriteServer
let warehouse: OpenWarehouse

beforeEach(async () => {
  server = await serveStorageWrite()
  warehouse = warehouseOf()
})
afterEach(async () => {
  await warehouse.close()
  server.stop()
})

/** @param timeoutMs instead of a minute */
function warehouseOf(timeoutMs?: number): OpenWarehouse {
  const address = {
    GOOGLE_CLOUD_PROJECT: 'local',
    BIGQUERY_STORAGE_EMULATOR_HOST: server.address,
  }
  const createClient = () => createStorageWriteClient(address)
  return createStorageWriteWarehouse({
    createClient,
    project: 'local',
    ...(timeoutMs && { timeoutMs }),
  })
}

const columns = {
  event_id: 'e-1',
  partner_id: 'dealer-7',
  type: 'purchase',
  order_id: 'A001',
  customer_id: 'C101',
  car_model: 'SUV',
  amount: '45000',
  timestamp: '2026-11-19T20:32:00.123456Z',
  message_id: 'm-1',
  publish_time: '2026-11-20T10:00:00Z',
  batch_id: 'b-1',
}
const order = (order_id: string, more: Row['columns'] = {}): Row => ({
  key: [order_id],
  columns: { ...columns, order_id, ...more },
})
const orders = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => order(`${prefix}-${i}`))

const append = (...rows: Row[]) => warehouse.append('staging_purchase', rows)
const written = () => server.rows('staging_purchase').map((row) => row['order_id'])
const sizes = () => server.requests.map((request) => request.rows)
const connections = () => new Set(server.requests.map(({ connection }) => connection)).size

test('a row arrives with every value, nulls left out and the default of its column filled in', async () => {
  const optional = { currency: 'EUR', email: null, vehicle_year: 2026, consent: '{"a":true}' }
  expect(await append(order('A1', optional))).toEqual({ written: 1, failed: [] })
  expect(server.rows('staging_purchase')).toEqual([
    {
      ...columns,
      order_id: 'A1',
      timestamp: '1795120320123456',
      publish_time: '1795168800000000',
      currency: 'EUR',
      vehicle_year: '2026',
      consent: '{"a":true}',
      ingested_at: 'CURRENT_TIMESTAMP()',
    },
  ])
})

test('bytes and lists arrive as they are', async () => {
  const row = {
    message_id: 'm',
    publish_time: '2026-11-20T10:00:00Z',
    data: Buffer.from([0, 255, 10]),
    attributes: '{}',
    part: 0,
    parts: 1,
    decision: 'rejected',
    reasons: ['not_json', 'größer'],
    partner_id: 'dealer-7',
    batch_id: 'b',
  }
  await warehouse.append('audit_log', [{ key: ['m'], columns: row }])
  expect(server.rows('audit_log')).toMatchObject([
    { data: Buffer.from([0, 255, 10]).toString('base64'), part: '0', reasons: row.reasons },
  ])
})

test('no rows ask nothing of BigQuery', async () => {
  expect(await append()).toEqual({ written: 0, failed: [] })
  expect(server.requests).toEqual([])
})

describe('a table has one connection', () => {
  test('for all appends, the schema sent until it is taken', async () => {
    for (const name of ['a', 'b', 'c']) await append(order(name))
    expect(server.requests.map(({ connection, hasSchema }) => [connection, hasSchema])).toEqual([
      [0, true],
      [0, false],
      [0, false],
    ])
  })

  test('for appends that start at once, and no more under way than it may', async () => {
    const answered = withResolvers<void>()
    server.faults.push({ until: answered.promise })
    const appends = orders('p', 20).map((row) => append(row))
    await waitFor(() => server.requests.length >= 8, 'the appends that may be under way')
    await untilSeen(server, warehouse)
    expect(server.requests).toHaveLength(8)
    answered.resolve()
    expect(await Promise.all(appends)).toHaveLength(20)
    expect(connections()).toBe(1)
    expect(new Set(written()).size).toBe(20)
  })

  test('of its own', async () => {
    const { amount: _, ...shared } = columns
    const cancelled = { key: ['c'], columns: { ...shared, reason: 'payment_failed' } }
    await Promise.all([append(order('a')), warehouse.append('staging_cancellation', [cancelled])])
    expect(connections()).toBe(2)
    expect(server.rows('staging_cancellation')).toHaveLength(1)
  })

  test('that is opened again after the server closed it while idle', async () => {
    await append(order('a'))
    server.endStreams()
    await untilSeen(server, warehouse)
    await append(order('b'))
    expect(written()).toEqual(['a', 'b'])
    expect(server.requests.map(({ hasSchema }) => hasSchema)).toEqual([true, true])
  })

  test('that is opened again after it broke while idle, which ends no process', async () => {
    await append(order('a'))
    server.endStreams({ code: status.ABORTED, message: 'closed because it was idle' })
    await untilSeen(server, warehouse)
    expect(await append(order('b'))).toEqual({ written: 1, failed: [] })
  })

  test('that ends with the warehouse', async () => {
    await append(order('a'))
    expect(server.openStreams()).toBe(1)
    await warehouse.close()
    await waitFor(() => server.openStreams() === 0, 'the stream to end')
    await expect(append(order('b'))).rejects.toMatchObject({
      type: 'warehouse_unavailable',
      message: 'BigQuery staging_purchase: no answer: this process is stopping',
    })
  })
})

describe('rows BigQuery can never take', () => {
  test('are told by index, and the good ones next to them are in', async () => {
    const rows = [
      order('good-0'),
      order('bad-1', { amount: 'much' }),
      order('good-2'),
      order('bad-3', { consent: '{' }),
    ]
    expect(await append(...rows)).toEqual({
      written: 2,
      failed: [
        { index: 1, reason: 'warehouse_invalid_amount' },
        { index: 3, reason: 'warehouse_invalid_consent' },
      ],
    })
    expect(written()).toEqual(['good-0', 'good-2'])
    expect(sizes()).toEqual([4, 2])
  })

  test('are taken out again and again where BigQuery names them one at a time', async () => {
    const named = (index: number) => ({
      answer: {
        error: { code: status.INVALID_ARGUMENT, message: 'Errors found while processing rows.' },
        rowErrors: [{ index, message: 'Field car_model: STRING(2) has maximum length 2' }],
      },
    })
    server.faults.push(named(0), named(1))
    expect(await append(...orders('r', 4))).toEqual({
      written: 2,
      failed: [
        { index: 0, reason: 'warehouse_invalid_car_model' },
        { index: 2, reason: 'warehouse_invalid_car_model' },
      ],
    })
    expect(written()).toEqual(['r-1', 'r-3'])
  })

  test('have a reason even where BigQuery names no column of ours', async () => {
    const rowErrors = [{ index: 0, message: 'Row is broken' }]
    server.faults.push({ answer: { error: { code: status.INVALID_ARGUMENT }, rowErrors } })
    expect(await append(order('a'))).toEqual({
      written: 0,
      failed: [{ index: 0, reason: 'warehouse_invalid' }],
    })
  })

  test('are not sent at all where their values have no binary form', async () => {
    const rows = [
      order('a', { timestamp: 'yesterday' }),
      order('b', { vehicle_year: 1.5 }),
      order('c', { customer_id: null }),
      order('d'),
    ]
    expect(await append(...rows)).toEqual({
      written: 1,
      failed: [
        { index: 0, reason: 'warehouse_invalid_timestamp' },
        { index: 1, reason: 'warehouse_invalid_vehicle_year' },
        { index: 2, reason: 'warehouse_invalid_customer_id' },
      ],
    })
    expect(sizes()).toEqual([1])
  })

  test('are found by halves where BigQuery refuses the whole request', async () => {
    const refused = { answer: { error: { code: status.INVALID_ARGUMENT, message: 'malformed' } } }
    server.faults.push(refused, { delayMs: 0 }, refused, { delayMs: 0 }, refused)
    expect(await append(...orders('h', 4))).toEqual({
      written: 3,
      failed: [{ index: 3, reason: 'warehouse_refused' }],
    })
    expect(sizes()).toEqual([4, 2, 2, 1, 1])
    expect(connections()).toBe(1)
  })

  test('are found by halves where the refusal breaks the connection', async () => {
    const breaks = { code: status.INVALID_ARGUMENT, message: 'malformed' }
    server.faults.push({ breaks }, { breaks })
    expect(await append(...orders('h', 2))).toEqual({
      written: 1,
      failed: [{ index: 0, reason: 'warehouse_refused' }],
    })
    expect(connections()).toBe(3)
  })
})

test('a column the contracts do not name is a defect, and fails at once', async () => {
  await expect(append(order('a', { colour: 'blue' }))).rejects.toMatchObject({
    type: 'warehouse_request',
    nonRetryable: true,
    message: expect.stringContaining('staging_purchase has no column colour'),
  })
  expect(server.requests).toEqual([])
})

describe('when BigQuery is unwell, the attempt fails as', () => {
  const SETUP = { type: 'warehouse_setup', nonRetryable: false, nextRetryDelay: 60_000 }
  const THROTTLED = { type: 'warehouse_throttled', nonRetryable: false }
  const UNAVAILABLE = { type: 'warehouse_unavailable', nonRetryable: false }

  test.each([
    ['throttled', status.RESOURCE_EXHAUSTED, THROTTLED],
    ['a missing grant', status.PERMISSION_DENIED, SETUP],
    ['a refused sign-in', status.UNAUTHENTICATED, SETUP],
    ['a missing table', status.NOT_FOUND, SETUP],
    ['overloaded', status.UNAVAILABLE, UNAVAILABLE],
    ['aborted', status.ABORTED, UNAVAILABLE],
    ['an internal error', status.INTERNAL, UNAVAILABLE],
    ['cancelled', status.CANCELLED, UNAVAILABLE],
    ['a deadline', status.DEADLINE_EXCEEDED, UNAVAILABLE],
    ['unknown', status.UNKNOWN, UNAVAILABLE],
  ])(
    '%s, inside a result or by a broken connection, and the next attempt succeeds',
    async (_, code, expected) => {
      const refusal = { code, message: 'so it says' }
      server.faults.push({ answer: { error: refusal } }, { breaks: refusal })
      const message = `BigQuery staging_purchase: answered ${status[code]}`
      await expect(append(order('a'))).rejects.toMatchObject({ ...expected, message })
      await expect(append(order('a'))).rejects.toMatchObject({ ...expected, message })
      expect(written()).toEqual([])
      expect(await append(order('a'))).toEqual({ written: 1, failed: [] })
      expect(server.requests.at(-1)).toMatchObject({ hasSchema: true })
    },
  )

  test('throttled for as long as the quota is exhausted, and not longer', async () => {
    server.refuseAll = { code: status.RESOURCE_EXHAUSTED, message: 'Exceeds quota' }
    for (let i = 0; i < 12; i++) await expect(append(order('a'))).rejects.toMatchObject(THROTTLED)
    server.refuseAll = null
    expect(await append(order('a'))).toEqual({ written: 1, failed: [] })
    expect(written()).toEqual(['a'])
  })

  test('unavailable for all that was under way when the connection broke', async () => {
    server.faults.push({ delayMs: 100 }, { breaks: { code: status.UNAVAILABLE, message: 'gone' } })
    const [first, ...others] = orders('r', 4).map((row) => append(row))
    await expect(first).resolves.toEqual({ written: 1, failed: [] })
    for (const other of others) await expect(other).rejects.toMatchObject(UNAVAILABLE)
    expect(await append(order('after'))).toEqual({ written: 1, failed: [] })
  })

  test('unavailable, and not as refused, for appends behind the one that was refused', async () => {
    const breaks = { code: status.INVALID_ARGUMENT, message: 'malformed' }
    server.faults.push({ breaks })
    const [bad, behind] = [append(order('bad')), append(order('behind'))]
    await expect(bad).resolves.toMatchObject({ failed: [{ reason: 'warehouse_refused' }] })
    await expect(behind).rejects.toMatchObject(UNAVAILABLE)
  })

  test('unavailable where the stream is closed in the middle', async () => {
    server.faults.push({ closes: true })
    await expect(append(order('a'))).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: 'BigQuery staging_purchase: no answer: the connection was closed',
    })
    expect(await append(order('a'))).toEqual({ written: 1, failed: [] })
    expect(connections()).toBe(2)
  })

  test('unavailable where no answer comes in time, and another connection is opened', async () => {
    await warehouse.close()
    warehouse = warehouseOf(1_000)
    server.faults.push({ hangs: true })
    const appends = [append(order('hung')), append(order('behind'))]
    for (const one of appends)
      await expect(one).rejects.toMatchObject({
        ...UNAVAILABLE,
        message: 'BigQuery staging_purchase: no answer: not within 1 s',
      })
    await waitFor(() => server.openStreams() === 0, 'the hung stream to be thrown away')
    expect(await append(order('hung'))).toEqual({ written: 1, failed: [] })
    expect(connections()).toBe(2)
  })

  test('unavailable where only the answer is lost, and the next attempt writes the row again', async () => {
    const breaks = { code: status.UNAVAILABLE, message: 'gone' }
    server.faults.push({ breaks, afterWrite: true })
    await expect(append(order('twice'))).rejects.toMatchObject(UNAVAILABLE)
    await append(order('twice'))
    expect(written()).toEqual(['twice', 'twice'])
  })

  test('a sign-in that fails, and the next attempt signs in anew', async () => {
    const address = {
      GOOGLE_CLOUD_PROJECT: 'local',
      BIGQUERY_STORAGE_EMULATOR_HOST: server.address,
    }
    const signIns = [() => Promise.reject(new Error('Could not load the default credentials.'))]
    const createClient = () => {
      const client = createStorageWriteClient(address)
      const initialize = signIns.shift()
      return initialize ? Object.assign(client, { initialize }) : client
    }
    const unsigned = createStorageWriteWarehouse({ createClient, project: 'local' })
    await expect(unsigned.append('staging_purchase', [order('a')])).rejects.toMatchObject(SETUP)
    expect(await unsigned.append('staging_purchase', [order('a')])).toMatchObject({ written: 1 })
    await unsigned.close()
  })

  test('unavailable while nobody listens, and the next attempt succeeds', async () => {
    const { address } = server
    server.stop()
    await expect(append(order('a'))).rejects.toMatchObject(UNAVAILABLE)
    server = await serveStorageWrite(Number(address.split(':')[1]))
    await waitFor(async () => {
      try {
        return await append(order('a'))
      } catch {
        return null
      }
    }, 'the channel to connect again')
    expect(written()).toEqual(['a'])
  })
})

describe('a table that is not as the contracts say is retried slowly', () => {
  const SETUP = { type: 'warehouse_setup', nonRetryable: false, nextRetryDelay: 60_000 }

  test('while it is missing, and appending succeeds once it is there', async () => {
    const whole = server.tables.get('staging_purchase') ?? []
    server.tables.delete('staging_purchase')
    await expect(append(order('a'))).rejects.toMatchObject(SETUP)
    server.tables.set('staging_purchase', whole)
    expect(await append(order('a'))).toEqual({ written: 1, failed: [] })
  })

  test('while it lacks a column, on another connection once it has it', async () => {
    const whole = server.tables.get('staging_purchase') ?? []
    const older = whole.filter(({ name }) => name !== 'vehicle_year')
    server.tables.set('staging_purchase', older)
    await expect(append(order('a'), order('b'))).rejects.toMatchObject({
      ...SETUP,
      message: expect.stringContaining(
        'SCHEMA_MISMATCH_EXTRA_FIELDS: the table lacks vehicle_year, or has it in another type',
      ),
    })
    server.tables.set('staging_purchase', whole)
    expect(await append(order('a'))).toEqual({ written: 1, failed: [] })
    expect(connections()).toBe(2)
  })

  test('while a column has another type', async () => {
    const whole = server.tables.get('staging_purchase') ?? []
    const changed = whole.map((column) =>
      column.name === 'vehicle_year' ? { ...column, type: 'STRING' as const } : column,
    )
    server.tables.set('staging_purchase', changed)
    await expect(append(order('a'))).rejects.toMatchObject(SETUP)
  })

  test.each(['SCHEMA_MISMATCH_EXTRA_FIELDS', 'TABLE_NOT_FOUND', 'KMS_PERMISSION_DENIED'] as const)(
    'where the connection breaks with %s in its trailers alone',
    async (word) => {
      server.faults.push({ breaks: storageError(word, 'so it says') })
      await expect(append(order('a'))).rejects.toMatchObject({
        ...SETUP,
        message: expect.stringContaining(
          `BigQuery staging_purchase: answered INVALID_ARGUMENT ${word}`,
        ),
      })
    },
  )
})

test('a table that has other columns by now is written to, on another connection from then on', async () => {
  server.faults.push({ updatedSchema: true })
  await append(order('a'))
  await append(order('b'))
  expect(written()).toEqual(['a', 'b'])
  expect(server.requests.map(({ connection }) => connection)).toEqual([0, 1])
})

test('a column somebody added meanwhile stays empty and stops nothing', async () => {
  const whole = server.tables.get('staging_purchase') ?? []
  const colour = { name: 'colour', type: 'STRING', mode: 'NULLABLE', description: '' } as const
  server.tables.set('staging_purchase', [...whole, colour])
  expect(await append(order('a'))).toEqual({ written: 1, failed: [] })
})

describe('requests are cut', () => {
  const letter = (id: string, bytes: number): Row => ({
    key: [id],
    columns: {
      dead_letter_id: 'cut',
      stage: 'staging',
      partner_id: 'dealer-7',
      faults: '[]',
      data: Buffer.alloc(bytes),
      attributes: '{}',
      message_id: id,
      publish_time: '2026-11-20T10:00:00Z',
      batch_id: 'b-cut',
    },
  })

  test('under BigQuery’s 10 MB, every row in exactly one of them', async () => {
    const rows = Array.from({ length: 25 }, (_, i) => letter(`m-${i}`, 1_000_000))
    expect(await warehouse.append('dead_letter', rows)).toEqual({ written: 25, failed: [] })
    expect(sizes()).toEqual([8, 8, 8, 1])
    for (const { bytes } of server.requests) expect(bytes).toBeLessThan(10_000_000)
    const ids = server.rows('dead_letter').map((row) => row['message_id'])
    expect(ids).toEqual(rows.map(({ key }) => key[0]))
  })

  test('around a row too large for any request, which fails alone', async () => {
    const rows = [letter('a', 1), letter('b', 9_000_000), letter('c', 1)]
    expect(await warehouse.append('dead_letter', rows)).toEqual({
      written: 2,
      failed: [{ index: 1, reason: 'warehouse_row_too_large' }],
    })
  })
})
