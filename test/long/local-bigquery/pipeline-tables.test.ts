// The pipeline's own tables and views, as npm run setup makes them, on the local BigQuery.

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { TABLES } from '../../../contracts/tables.ts'
import { VIEWS } from '../../../contracts/views.ts'
import { rowsOf, type Started, start } from '../../support/local-bigquery.ts'

let bigquery: Started
beforeAll(async () => {
  bigquery = await start()
  const [dataset] = await bigquery.client.createDataset('streaming')
  for (const { name, columns, partitionBy, clusterBy, description } of TABLES)
    await dataset.createTable(name, {
      schema: { fields: [...columns] },
      timePartitioning: { type: 'DAY', field: partitionBy },
      ...(clusterBy.length > 0 && { clustering: { fields: [...clusterBy] } }),
      description,
    })
  for (const { name, query } of VIEWS)
    await dataset.createTable(name, { view: { query, useLegacySql: false } })
})
afterAll(() => bigquery.stop())

test.each(TABLES.map(({ name, columns }) => [name, columns.length] as const))(
  '%s has its columns',
  async (name, count) => {
    const query = `SELECT COUNT(*) AS n FROM streaming.INFORMATION_SCHEMA.COLUMNS WHERE table_name = '${name}'`
    expect(await rowsOf(bigquery, query)).toEqual([{ n: count }])
    expect(await rowsOf(bigquery, `SELECT * FROM streaming.${name}`)).toEqual([])
  },
)

test.each(VIEWS.map(({ name }) => name))('the view %s is read', async (name) => {
  expect(await rowsOf(bigquery, `SELECT * FROM streaming.${name}`)).toEqual([])
})

test('what was redriven, discarded or failed again is open no more than it is', async () => {
  const event = { stage: 'validation', partner_id: 'dealer-7', reasons: ['type_missing'] }
  const origin = {
    batch_id: 'b',
    publish_time: '2026-11-01T00:00:00Z',
    faults: '[]',
    attributes: '{}',
  }
  const dead = (dead_letter_id: string, message_id: string, attempt?: number) => ({
    ...event,
    ...origin,
    dead_letter_id,
    message_id,
    ...(attempt !== undefined && { attempt }),
  })
  const log = (dead_letter_id: string, outcome: string, attempt: number) => ({
    dead_letter_id,
    outcome,
    attempt,
    action: 'redrive',
    actor: 'ann',
    reason: 'fixed',
    events: 1,
    failed: outcome === 'failed' ? 1 : 0,
    run_id: 'r',
    occurred_at: '2026-11-02T00:00:00Z',
  })
  const streaming = bigquery.client.dataset('streaming')
  await streaming
    .table('dead_letter')
    .insert([
      dead('untouched', '1'),
      dead('untouched', '1'),
      dead('closed', '2'),
      dead('half', '3'),
      dead('half', '4'),
      dead('half', '4', 1),
      dead('half-then-closed', '5'),
      dead('half-then-closed', '5', 1),
    ])
  await streaming
    .table('dead_letter_log')
    .insert([
      log('closed', 'closed', 1),
      log('half', 'failed', 1),
      log('half-then-closed', 'failed', 1),
      log('half-then-closed', 'closed', 2),
    ])
  const query =
    'SELECT dead_letter_id, message_id FROM streaming.open_dead_letter ORDER BY dead_letter_id'
  expect(await rowsOf(bigquery, query)).toEqual([
    { dead_letter_id: 'half', message_id: '4' },
    { dead_letter_id: 'untouched', message_id: '1' },
  ])
})
