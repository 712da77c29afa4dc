// dbt builds a project twice in a row: a seed, a view, a table, two incremental models, data tests and a unit test.

import { expect, test } from '@jest/globals'
import { dbtBuild, dbtPackages, HOW_TO_INSTALL } from '../../support/dbt/run.ts'
import { makeFolder, rowsOf, start } from './start.ts'

const packages = await dbtPackages()
if (!packages)
  console.warn(`dbt is not installed, so its test is skipped. Run it: ${HOW_TO_INSTALL}`)

const orders = (table: string) => `SELECT order_id, amount FROM dbt.${table} ORDER BY order_id`
const order = (order_id: string, amount: string) => ({ order_id, amount })

const testWithDbt = packages ? test : test.skip

testWithDbt(
  `dbt builds its models, and builds them again with new rows (${HOW_TO_INSTALL})`,
  async () => {
    const bigquery = await start()
    const { folder, remove } = makeFolder()
    const run = (query: string) => bigquery.client.query(query)
    const build = () => dbtBuild(packages ?? '', bigquery.url, folder)
    const amounts = (table: string) => rowsOf(bigquery, orders(table))
    try {
      await run('CREATE SCHEMA shop')
      await run(
        'CREATE TABLE shop.orders (order_id STRING, model STRING, amount NUMERIC, ts TIMESTAMP)',
      )
      await run(
        "INSERT INTO shop.orders VALUES ('a', 'abc', 1, '2026-01-01'), ('b', 'def', 2, '2026-01-02')",
      )
      expect(await build()).toEqual({ code: 0, said: completed })
      expect(await amounts('merged_orders')).toEqual([order('a', '1'), order('b', '2')])

      // One order more on the second day, and one that has changed on the first.
      await run(
        "INSERT INTO shop.orders VALUES ('a', 'abc', 4, '2026-01-01'), ('c', 'abc', 3, '2026-01-02')",
      )
      expect(await build()).toEqual({ code: 0, said: completed })
      expect(await amounts('order_totals')).toEqual([
        order('a', '5'),
        order('b', '2'),
        order('c', '3'),
      ])
      // Both incremental models leave what is older than their last day.
      for (const table of ['merged_orders', 'daily_orders'])
        expect(await amounts(table)).toEqual([order('a', '1'), order('b', '2'), order('c', '3')])
    } finally {
      await bigquery.stop()
      remove()
    }
  },
  300_000,
)

// One seed, one view, one table, two incremental models, five data tests and one unit test.
const completed = expect.stringMatching(/Done\. PASS=11 WARN=0 ERROR=0 SKIP=0/)
