// Rows for the tests of statements, each with the columns that its table requires.

import type { BigQuery } from '@google-cloud/bigquery'

export type Given = Readonly<Record<string, unknown>>

/** One moment of 20 November 2026, by its hour and minute. */
export const at = (time: string) => `2026-11-20T${time}:00.000000Z`

const REQUIRED: Readonly<Record<string, Given>> = {
  audit_log: { data: '', attributes: '{}', part: 0, parts: 1, decision: 'accepted' },
  staging_purchase: { customer_id: 'C', car_model: 'SUV', amount: '1', timestamp: at('09:00') },
  staging_cancellation: {
    customer_id: 'C',
    car_model: 'SUV',
    reason: 'changed mind',
    timestamp: at('09:00'),
  },
  activation_log: { segment_message_id: 's' },
  dead_letter: { stage: 'validation', reasons: ['not_json'], faults: '[]', attributes: '{}' },
}

const OF_MESSAGE = { type: 'purchase', order_id: 'A', event_id: 'e', batch_id: 'b' }

/** Writes rows of messages; each needs `partner_id`, `message_id` and `publish_time`. */
export async function insert(bigquery: BigQuery, table: string, rows: readonly Given[]) {
  const whole = rows.map((row) => ({
    ...OF_MESSAGE,
    ingested_at: row['publish_time'],
    ...REQUIRED[table],
    ...row,
  }))
  await bigquery.dataset('streaming').table(table).insert(whole)
}

/** Writes rows as they are. */
export async function insertRaw(bigquery: BigQuery, table: string, rows: readonly Given[]) {
  await bigquery
    .dataset('streaming')
    .table(table)
    .insert([...rows])
}
