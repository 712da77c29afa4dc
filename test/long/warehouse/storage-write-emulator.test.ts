// The Storage Write API adapter against a server that is not ours: what was accepted is in the tables, value by value.
// bqemulator checks neither REQUIRED nor schemas, answers UNKNOWN for a value it cannot read, and fills in no
// defaults; test/support/storage-write is strict there. Its rows are read back over REST.

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type EventFailure, type Message, TABLES } from '#contracts'
import { createStorageWriteWarehouse } from '#warehouse/storage-write/adapter'
import { createStorageWriteClient } from '#warehouse/storage-write/client'
import type { OpenWarehouse } from '#warehouse/warehouse'
import { createBatchReader } from '../../../activities/read-batch.ts'
import { createStageEvents } from '../../../activities/stage-events.ts'
import { createWriteAuditLog } from '../../../activities/write-audit-log.ts'
import { cancellation, message, purchase } from '../../fixtures/messages.ts'
import { attempt, batchOf, metrics } from '../../support/activities.ts'
import { type BqEmulator, startBqEmulator } from '../../support/bqemulator/start.ts'
import { bigqueryAt, rowsOf } from '../../support/parts.ts'

/** The first start on a machine installs it. */
const START_LIMIT_MS = 300_000

let emulator: BqEmulator
let warehouse: OpenWarehouse

beforeAll(async () => {
  emulator = await startBqEmulator()
  const [dataset] = await bigqueryAt(emulator.url).createDataset('streaming')
  for (const { name, columns } of TABLES)
    await dataset.createTable(name, {
      schema: { fields: columns.map((column) => ({ ...column })) },
    })
  const address = {
    GOOGLE_CLOUD_PROJECT: 'local',
    BIGQUERY_STORAGE_EMULATOR_HOST: emulator.storageHost,
  }
  const createClient = () => createStorageWriteClient(address)
  warehouse = createStorageWriteWarehouse({ createClient, project: 'local' })
}, START_LIMIT_MS)
afterAll(async () => {
  await warehouse?.close()
  await emulator?.stop()
})

const read = (sql: string) => rowsOf(bigqueryAt(emulator.url), sql)

const stage = (...messages: readonly Message[]) =>
  attempt(createStageEvents(createBatchReader(), warehouse, metrics), [
    batchOf(...messages),
    'b-1',
    [],
  ])

test('accepted events are in the table of their type, exactly as they were read', async () => {
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
    colour: { name: 'größer "blau" 🚗' },
  }
  const json = JSON.stringify(whole).replace('"@exact@"', '12345678901234567890.123456789')
  const plain = Array.from({ length: 10 }, (_, i) => message({ ...purchase, order_id: `p-${i}` }))
  const staged = await stage(
    message(json, { messageId: 'm-whole' }),
    ...plain,
    message(cancellation),
  )
  expect(staged).toEqual({ purchase: 11, cancellation: 1, failed: [] })

  const [row] = await read(
    `SELECT * EXCEPT (amount, timestamp, publish_time), CAST(amount AS STRING) AS amount,
       UNIX_MICROS(timestamp) AS timestamp, UNIX_MICROS(publish_time) AS publish_time
     FROM streaming.staging_purchase WHERE order_id = 'whole'`,
  )
  const { consent, additional_properties: additional, ...columns } = row ?? {}
  expect(JSON.parse(String(consent))).toEqual(whole.consent)
  expect(JSON.parse(String(additional))).toEqual({ colour: whole.colour, vehicle: { doors: 5 } })
  expect(columns).toEqual({
    content_hash: expect.stringMatching(/^[0-9a-f]{32}$/),
    event_id: 'e-whole',
    partner_id: 'dealer-7',
    type: 'purchase',
    order_id: 'whole',
    customer_id: 'C101',
    car_model: 'SUV',
    amount: '12345678901234567890.123456789',
    timestamp: Date.parse('2026-11-19T19:32:00.123Z') * 1000 + 456,
    currency: 'EUR',
    email: 'jane@example.com',
    phone: null,
    gclid: null,
    gbraid: null,
    wbraid: null,
    vehicle_vin: 'V1',
    vehicle_make: 'Audi',
    vehicle_model: 'Q5',
    vehicle_year: 2026,
    schema_version: null,
    message_id: 'm-whole',
    publish_time: Date.parse('2026-11-20T10:00:00Z') * 1000,
    batch_id: 'b-1',
    ingested_at: null,
  })
  const cancelled = await read('SELECT order_id, reason FROM streaming.staging_cancellation')
  expect(cancelled).toEqual([{ order_id: 'A003', reason: 'payment_failed' }])
})

test('a message is in the audit log byte for byte, with the list of its reasons', async () => {
  const bytes = Buffer.from([0, 0xff, 10, 0xc3])
  const broken = { ...message('', { messageId: 'm-bytes' }), data: bytes }
  const rejected: EventFailure[] = [
    { index: 1, partnerId: 'dealer-7', reasons: ['not_utf8', 'other'] },
  ]
  const batch = batchOf(message(purchase, { messageId: 'm-good' }), broken)
  await attempt(createWriteAuditLog(createBatchReader(), warehouse, metrics), [
    batch,
    'b-2',
    rejected,
  ])
  const rows = await read(
    'SELECT message_id, data, part, parts, decision, reasons FROM streaming.audit_log ORDER BY message_id',
  )
  const whole = { part: 0, parts: 1 }
  expect(rows).toEqual([
    {
      ...whole,
      message_id: 'm-bytes',
      data: bytes,
      decision: 'rejected',
      reasons: ['not_utf8', 'other'],
    },
    {
      ...whole,
      message_id: 'm-good',
      data: Buffer.from(JSON.stringify(purchase)),
      decision: 'accepted',
      reasons: [],
    },
  ])
})

test('a missing table is a matter of setup, and is written to once it is there', async () => {
  const table = bigqueryAt(emulator.url).dataset('streaming').table('batch_ledger')
  const [{ schema }] = await table.getMetadata()
  await table.delete()
  const counts = ['received', 'accepted', 'rejected', 'duplicates', 'staged_purchase']
  const more = ['staged_cancellation', 'undeliverable', 'activated', 'not_activated']
  const row = {
    key: ['b'],
    columns: {
      batch_id: 'b',
      publish_time: '2026-11-20T10:00:00Z',
      ...Object.fromEntries([...counts, ...more].map((name, i) => [name, i])),
    },
  }
  await expect(warehouse.append('batch_ledger', [row])).rejects.toMatchObject({
    type: 'warehouse_setup',
  })
  await table.create({ schema })
  expect(await warehouse.append('batch_ledger', [row])).toEqual({ written: 1, failed: [] })
  expect(
    await read('SELECT batch_id, received, not_activated FROM streaming.batch_ledger'),
  ).toEqual([{ batch_id: 'b', received: 0, not_activated: 8 }])
})
