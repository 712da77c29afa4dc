// The pipeline's own tables and views, as npm run setup makes them, on the local BigQuery.

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { TABLES } from '../../../contracts/tables.ts'
import { VIEWS } from '../../../contracts/views.ts'
import { rowsOf, type Started, start } from './start.ts'

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
