// The pipeline's tables and views with rows of two partners: what the queries of test/fixtures/sql-cases.json read.

import type { BigQuery } from '@google-cloud/bigquery'
import { TABLES } from '../../../contracts/tables.ts'
import { VIEWS } from '../../../contracts/views.ts'

const now = Date.now()
const before = (minutes: number) => new Date(now - minutes * 60_000).toISOString()

const message = (id: number) => ({
  message_id: String(id),
  publish_time: before(id),
  batch_id: `batch-${id}`,
})

const order = (id: number, partner: number) => ({
  ...message(id),
  event_id: `event-${id}`,
  partner_id: `dealer-${partner}`,
  order_id: `A00${id}`,
  customer_id: `C10${id % 3}`,
  car_model: id % 2 ? 'SUV' : 'Sedan',
  timestamp: before(id + 30),
})

const purchase = (id: number, partner: number, rest: object) => ({
  ...order(id, partner),
  type: 'purchase',
  ...rest,
})

const granted = '{"ad_user_data":true}'

const rows = {
  staging_purchase: [
    purchase(1, 1, {
      amount: '45000',
      currency: 'EUR',
      email: 'ann@example.com',
      consent: granted,
    }),
    purchase(2, 1, { amount: '72000.5', currency: 'EUR', email: 'bob@example.org' }),
    purchase(3, 2, { amount: '31000', currency: 'USD', consent: '{"ad_user_data":false}' }),
    purchase(4, 2, { amount: '58000.25', additional_properties: '{"showroom":"Berlin"}' }),
  ],
  staging_cancellation: [
    { ...order(1, 1), ...message(5), event_id: 'event-5', type: 'cancellation', reason: 'payment' },
    { ...order(9, 2), ...message(6), event_id: 'event-6', type: 'cancellation', reason: 'delay' },
  ],
  audit_log: [1, 2, 3, 4, 7].map((id) => ({
    ...message(id),
    data: Buffer.from(`{"order_id":"A00${id}"}`).toString('base64'),
    attributes: '{}',
    part: 1,
    parts: 1,
    partner_id: `dealer-${id < 3 ? 1 : 2}`,
    ...(id === 7
      ? { decision: 'rejected', reasons: ['amount_missing', 'timestamp_malformed'] }
      : { decision: 'accepted', type: 'purchase', event_id: `event-${id}`, order_id: `A00${id}` }),
  })),
  dead_letter: [
    {
      ...message(7),
      dead_letter_id: 'letter-1',
      stage: 'validation',
      partner_id: 'dealer-2',
      reasons: ['amount_missing', 'timestamp_malformed'],
      faults: '[{"path":"amount"},{"path":"timestamp"}]',
      attributes: '{}',
    },
  ],
  dead_letter_log: [
    {
      dead_letter_id: 'letter-1',
      action: 'redrive',
      attempt: 1,
      outcome: 'failed',
      actor: 'ann',
      reason: 'fixed',
      events: 1,
      failed: 1,
      run_id: 'run-1',
      occurred_at: before(1),
    },
  ],
}

/** Makes `streaming` as `npm run setup` does, and streams the rows into it. */
export async function fillPipelineTables(client: BigQuery) {
  const [dataset] = await client.createDataset('streaming')
  for (const { name, columns, partitionBy } of TABLES)
    await dataset.createTable(name, {
      schema: { fields: [...columns] },
      timePartitioning: { type: 'DAY', field: partitionBy },
    })
  for (const { name, query } of VIEWS)
    await dataset.createTable(name, { view: { query, useLegacySql: false } })
  for (const [name, inserted] of Object.entries(rows)) await dataset.table(name).insert(inserted)
}
