// dbt builds the models for real: from nothing, with new rows, and after an erasure. What runs by and by make is what a build from nothing makes.

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { setUpTables } from '#operations/setup/tables'
import { groupBy } from '#runtime/group-by'
import { stageRows } from '../../support/dbt/build.ts'
import { auditedLives, type StagedRow, stagedLives } from '../../support/dbt/lives.ts'
import { dbtAt, dbtInTests, HOW_TO_INSTALL } from '../../support/dbt/run.ts'
import { makeFolder, rowsOf, type Started, start } from '../../support/local-bigquery.ts'
import { runCommand } from '../../support/run-command.ts'

const LIMIT_MS = 600_000
const LIVES = stagedLives(7, 150)
const ROWS = [...LIVES, ...auditedLives(LIVES)]

/** Rows in the order in which BigQuery took them, in two shares: each is built alone. */
const SHARES = groupBy(
  ROWS.toSorted((one, other) => (arrival(one) < arrival(other) ? -1 : 1)).map((one, i) => ({
    one,
    share: Math.floor((2 * i) / ROWS.length),
  })),
  ({ share }) => share,
)

function arrival({ row }: (typeof ROWS)[number]): string {
  return String(row['ingested_at'])
}

/** What differs from run to run, and rows of days that no order has any more. */
const MARTS = {
  purchases: '* EXCEPT (built_at)',
  cancellations: '* EXCEPT (built_at)',
  orders: '* EXCEPT (built_at)',
  daily_conversions: '*',
  partner_quality: '*',
  order_features: '*',
} as const

const dbt = await dbtInTests()

if (dbt) {
  let bigquery: Started
  const { folder, remove } = makeFolder()
  beforeAll(async () => {
    bigquery = await start()
    await setUpTables(bigquery.client, 'EU')
  })
  afterAll(async () => {
    await bigquery.stop()
    remove()
  })

  const run = (args: readonly string[], dataset = 'curated') =>
    dbtAt(dbt, bigquery.url, args, { folder, env: { DBT_DATASET: dataset } })

  const rowsIn = (share: readonly { readonly one: StagedRow }[]) => share.map(({ one }) => one)

  const contents = async (dataset: string) => {
    const found: Record<string, unknown[]> = {}
    for (const [mart, columns] of Object.entries(MARTS)) {
      const rest = mart === 'daily_conversions' ? 'WHERE orders > 0' : ''
      const rows = await rowsOf(bigquery, `SELECT ${columns} FROM ${dataset}.${mart} ${rest}`)
      found[mart] = rows.map((row) => JSON.stringify(row)).toSorted()
    }
    return found
  }

  test(
    'every model is built, and built again with new rows, and every test passes',
    async () => {
      const [first = [], second = []] = SHARES.values()
      await stageRows(bigquery.client, rowsIn(first))
      expect(await run(['run'])).toMatchObject({ code: 0 })
      await stageRows(bigquery.client, rowsIn(second))
      const said = expect.stringContaining('WARN=0 ERROR=0 SKIP=0')
      expect(await run(['build'])).toEqual({ code: 0, said })
    },
    LIMIT_MS,
  )

  test(
    'the tables are those that a build from nothing makes',
    async () => {
      const { code } = await run(['run', '--full-refresh'], 'fresh')
      expect(code).toBe(0)
      const expected = await contents('fresh')
      expect(expected['purchases']?.length).toBeGreaterThan(10)
      expect(await contents('curated')).toEqual(expected)
    },
    LIMIT_MS,
  )

  test(
    'a run without new rows changes nothing',
    async () => {
      const before = await contents('curated')
      expect(await run(['run'])).toMatchObject({ code: 0 })
      expect(await contents('curated')).toEqual(before)
    },
    LIMIT_MS,
  )

  test(
    'an erased order fails a test, until everything is built from nothing',
    async () => {
      await fetch(`${bigquery.url}/_streaming-buffer`, { method: 'DELETE' })
      for (const table of ['staging_purchase', 'staging_cancellation'])
        await bigquery.client.query(
          `UPDATE streaming.${table} SET order_id = 'erased-1' WHERE order_id = '1'`,
        )
      const only = ['test', '--select', 'no_order_outlives_its_erasure']
      expect(await run(only)).toMatchObject({ code: 1, said: expect.stringContaining('FAIL') })
      const again = ['run', '--full-refresh', '--select', '+orders']
      expect(await run(again)).toMatchObject({ code: 0 })
      expect(await run(only)).toMatchObject({ code: 0 })
      const left = await rowsOf(bigquery, "SELECT * FROM curated.orders WHERE order_id = '1'")
      expect(left).toEqual([])
    },
    LIMIT_MS,
  )

  test(
    'the age of the sources is told: rows of last spring are too old',
    async () => {
      const main = 'deploy/local/dbt/main.ts'
      const { code, stdout } = await runCommand(['source', 'freshness', '--no-use-colors'], main, {
        BIGQUERY_EMULATOR_HOST: `${bigquery.url}/bigquery/v2`,
      })
      expect(code).toBe(1)
      expect(stdout).toMatch(/ERROR STALE freshness of streaming\.audit_log/)
    },
    LIMIT_MS,
  )
} else {
  process.stderr.write(
    `dbt is not installed, so its tests are skipped. Run them: ${HOW_TO_INSTALL}\n`,
  )
  test.todo(`dbt is not installed. Run it: ${HOW_TO_INSTALL}`)
}
