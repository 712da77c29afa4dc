// dbt builds a project twice in a row: a seed, a view, a table, two incremental models, data tests and a unit test.

import { expect, test } from '@jest/globals'
import type { Dbt } from '../../../deploy/local/dbt/install.ts'
import { dbtAt, dbtInTests, HOW_TO_INSTALL, SMALL_PROJECT } from '../../support/dbt/run.ts'
import { makeFolder, rowsOf, start } from '../../support/local-bigquery.ts'

const dbt = await dbtInTests()

if (dbt)
  test('dbt builds its models, and builds them again with new rows', async () => {
    // One seed, one view, one table, two incremental models, five data tests and one unit test.
    const said = expect.stringMatching(/Done\. PASS=11 WARN=0 ERROR=0 SKIP=0/)
    const before = [order('a', '1'), order('b', '2')]
    // Both incremental models leave what is older than their last day.
    const after = [...before, order('c', '3')]
    const totals = [order('a', '5'), order('b', '2'), order('c', '3')]
    expect(await buildTwice(dbt)).toEqual([
      { code: 0, said, totals: before, merged: before, daily: before },
      { code: 0, said, totals, merged: after, daily: after },
    ])
  }, 300_000)
else {
  process.stderr.write(`dbt is not installed, so its test is skipped. Run it: ${HOW_TO_INSTALL}\n`)
  test.todo(`dbt is not installed. Run it: ${HOW_TO_INSTALL}`)
}

function order(order_id: string, amount: string) {
  return { order_id, amount }
}

const rowsBefore =
  "('a', 'abc', 1, TIMESTAMP '2026-01-01'), ('b', 'def', 2, TIMESTAMP '2026-01-02')"
// One order more on the second day, and one that has changed on the first.
const rowsAfter = "('a', 'abc', 4, TIMESTAMP '2026-01-01'), ('c', 'abc', 3, TIMESTAMP '2026-01-02')"

async function buildTwice(installed: Dbt) {
  const bigquery = await start()
  const { folder, remove } = makeFolder()
  const run = (query: string) => bigquery.client.query(query)
  const amounts = (table: string) =>
    rowsOf(bigquery, `SELECT order_id, amount FROM dbt.${table} ORDER BY order_id`)
  const buildWith = async (rows: string) => {
    await run(`INSERT INTO shop.orders VALUES ${rows}`)
    const options = { folder, projectDir: SMALL_PROJECT }
    const { code, said } = await dbtAt(installed, bigquery.url, ['build'], options)
    return {
      code,
      said,
      totals: await amounts('order_totals'),
      merged: await amounts('merged_orders'),
      daily: await amounts('daily_orders'),
    }
  }
  try {
    await run('CREATE SCHEMA shop')
    await run(
      'CREATE TABLE shop.orders (order_id STRING, model STRING, amount NUMERIC, ts TIMESTAMP)',
    )
    return [await buildWith(rowsBefore), await buildWith(rowsAfter)]
  } finally {
    await bigquery.stop()
    remove()
  }
}
