// The models of dbt on the local BigQuery, over random lives of orders: their columns, current versions, and features as of a moment.

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { setUpTables } from '#operations/setup/tables'
import { buildModels, CURATED, queryOf, stageRows } from '../../support/dbt/build.ts'
import { featuresOf } from '../../support/dbt/feature-model.ts'
import { auditedLives, BEGIN, stagedLives } from '../../support/dbt/lives.ts'
import { readProperties } from '../../support/dbt/models.ts'
import { daysOf, ordersOf } from '../../support/dbt/order-model.ts'
import { rowsOf, type Started, start } from '../../support/local-bigquery.ts'

const LIVES = stagedLives(20_261_128, 160)

let bigquery: Started
beforeAll(async () => {
  bigquery = await start()
  await setUpTables(bigquery.client, 'EU')
  await stageRows(bigquery.client, [...LIVES, ...auditedLives(LIVES)])
  await buildModels(bigquery.client)
}, 120_000)
afterAll(() => bigquery.stop())

const rows = (query: string) => rowsOf(bigquery, query)

/** The names of types in the REST API, and in GoogleSQL. */
const TYPES: Readonly<Record<string, string>> = {
  INTEGER: 'int64',
  FLOAT: 'float64',
  BOOLEAN: 'bool',
}

const contracted = readProperties().models.filter(({ columns }) =>
  columns.every(({ data_type }) => data_type),
)

test.each(contracted)(
  '$name has the columns and types of its contract',
  async ({ name, columns }) => {
    const [{ schema }] = await bigquery.client.dataset(CURATED).table(name).getMetadata()
    const made = schema.fields.map((field: { name: string; type: string }) => [
      field.name,
      TYPES[field.type] ?? field.type.toLowerCase(),
    ])
    expect(made).toEqual(columns.map((column) => [column.name, column.data_type]))
  },
)

test.each([
  ['purchases', 'purchase', 'timestamp AS purchased_at'],
  ['cancellations', 'cancellation', 'timestamp AS cancelled_at'],
])('%s has the rows of the view streaming.%s', async (mart, view, at) => {
  const columns = `partner_id, order_id, event_id, message_id, amount, car_model, versions, ${at}`
  const shown = (from: string, list: string) =>
    rows(`SELECT ${list} FROM ${from} ORDER BY partner_id, order_id, event_id`)
  const expected = await shown(`streaming.${view}`, columns)
  expect(expected.length).toBeGreaterThan(10)
  expect(await shown(`${CURATED}.${mart}`, columns.replace('timestamp AS ', ''))).toEqual(expected)
})

const FEATURES = `SELECT entity_id AS entity, FORMAT_TIMESTAMP('%FT%H:%M:%E3SZ', feature_timestamp) AS moment,
  purchases, cancellations, corrections, CAST(gross_amount AS INT64) AS gross, is_cancelled AS isCancelled,
  partner_orders_30d AS orders30d, partner_cancelled_orders_30d AS cancelled30d`

const byKey = (one: object, other: object) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)

test('the features of every moment are those of what was known by then', async () => {
  const expected = featuresOf(LIVES)
  expect(expected.length).toBeGreaterThan(60)
  const made = await rows(`${FEATURES} FROM ${CURATED}.order_features`)
  expect(made.toSorted(byKey)).toEqual(expected.toSorted(byKey))
})

const HOUR_US = 3_600_000_000

/** At instants at which rows became known, and a microsecond before and after them. */
const CUTS = [24, 72].flatMap((hours) =>
  [-1, 0, 1].map((micros) => BEGIN * 1000 + hours * HOUR_US + micros),
)

test.each(CUTS)(
  'features up to %d µs are the same where later rows do not exist yet',
  async (cut) => {
    const until = `TIMESTAMP_MICROS(${cut})`
    const query = queryOf('order_features', (table) =>
      table.startsWith('staging_')
        ? `SELECT * FROM streaming.${table} WHERE ingested_at <= ${until}`
        : `SELECT * FROM streaming.${table}`,
    )
    const then = await rows(query)
    const now = await rows(
      `SELECT * FROM ${CURATED}.order_features WHERE feature_timestamp <= ${until}`,
    )
    expect(then.toSorted(byKey)).toEqual(now.toSorted(byKey))
  },
)

test('a cut leaves out rows, and leaves some', async () => {
  const counts = await rows(
    `SELECT COUNTIF(ingested_at <= TIMESTAMP_MICROS(${CUTS.at(-1)})) AS known, COUNT(*) AS staged FROM streaming.staging_purchase`,
  )
  const [{ known, staged } = {}] = counts
  expect(Number(known)).toBeGreaterThan(10)
  expect(Number(known)).toBeLessThan(Number(staged))
})

test('the last features of an order say whether it is cancelled, as its status does', async () => {
  const differing = await rows(`SELECT entity_id, is_cancelled, status
    FROM (
      SELECT * FROM ${CURATED}.order_features
      QUALIFY ROW_NUMBER() OVER (PARTITION BY entity_id ORDER BY feature_timestamp DESC) = 1)
    JOIN ${CURATED}.orders USING (partner_id, order_id)
    WHERE is_cancelled != (cancelled_at IS NOT NULL)`)
  expect(differing).toEqual([])
})

const TIME = (column: string) => `FORMAT_TIMESTAMP('%FT%H:%M:%E6SZ', ${column})`
const AMOUNTS = 'CAST(gross_amount AS STRING) AS gross, CAST(net_amount AS STRING) AS net'

async function expectedOrders() {
  const event = 'partner_id, order_id, CAST(amount AS STRING) AS amount'
  const [bought, cancelled] = await Promise.all([
    rows(
      `SELECT ${event}, car_model, currency, ${TIME('purchased_at')} AS moment FROM ${CURATED}.purchases`,
    ),
    rows(
      `SELECT ${event}, is_partial, ${TIME('cancelled_at')} AS moment FROM ${CURATED}.cancellations`,
    ),
  ])
  return ordersOf(Object(bought), Object(cancelled))
}

test('every order has the status and the amounts of its events', async () => {
  const expected = await expectedOrders()
  const statuses = expected.map(({ status }) => status)
  expect(statuses).toEqual(expect.arrayContaining(['cancelled', 'partly_cancelled']))
  const made = await rows(`SELECT partner_id, order_id, status, car_model, currency,
    purchases, cancellations, ${AMOUNTS}, ${TIME('ordered_at')} AS ordered_at, ${TIME('cancelled_at')} AS cancelled_at
    FROM ${CURATED}.orders`)
  expect(made.toSorted(byKey)).toEqual(expected.toSorted(byKey))
})

test('the days have every order with a purchase once: as a conversion, unless all of it is cancelled', async () => {
  const made =
    await rows(`SELECT CAST(day AS STRING) AS day, partner_id, car_model, currency, orders,
    cancelled_orders AS cancelled, conversions, ${AMOUNTS} FROM ${CURATED}.daily_conversions`)
  expect(made.toSorted(byKey)).toEqual(daysOf(await expectedOrders()).toSorted(byKey))
})

test('the scorecard counts messages as the reconciliation does, and names the most frequent reason', async () => {
  // The reconciliation counts a message that repeats another one on the day of that one.
  const sums = 'partner_id, SUM(messages) AS messages, SUM(rejected) AS rejected'
  const scorecard = `FROM ${CURATED}.partner_quality`
  const byPartner = 'GROUP BY partner_id ORDER BY partner_id'
  const expected = await rows(`SELECT ${sums} FROM streaming.reconciliation ${byPartner}`)
  expect(expected).toHaveLength(2)
  expect(await rows(`SELECT ${sums} ${scorecard} ${byPartner}`)).toEqual(expected)
  const reasons = `SELECT DISTINCT top_rejection_reason AS reason ${scorecard} WHERE rejected > 0`
  expect(await rows(reasons)).toEqual([{ reason: 'amount_missing' }])
  expect(
    await rows(
      `SELECT * ${scorecard} WHERE quality_score NOT BETWEEN 0 AND 100 OR accepted + rejected != messages`,
    ),
  ).toEqual([])
})

const STATEMENTS = Array.from(
  readFileSync('docs/ml-features.md', 'utf8').matchAll(/^```sql\n([^`]+)```$/gm),
  ([, sql = '']) => sql,
)

test('the statements of docs/ml-features.md give features that are not after the question, and labels', async () => {
  const [features = [], labels = []] = await Promise.all(STATEMENTS.map(rows))
  expect([features.length > 5, labels.length > 2, STATEMENTS.length]).toEqual([true, true, 2])
  const values = (list: readonly Record<string, unknown>[], name: string) =>
    list.map((row) => JSON.stringify(row[name]))
  const asked = values(features, 'asked_at')
  expect(values(features, 'feature_timestamp').every((at, i) => at <= (asked[i] ?? ''))).toBe(true)
  expect(new Set(values(labels, 'is_cancelled_later')).size).toBe(2)
})
