// What the models of dbt make of staged rows: the rules of each, over random lives of orders and over chosen rows.

import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { groupBy } from '#runtime/group-by'
import { inDuckDb, type Models, openModels, PLACES } from '../../support/dbt/duckdb.ts'
import { featuresOf } from '../../support/dbt/feature-model.ts'
import { auditedLives, type StagedRow, stagedLives } from '../../support/dbt/lives.ts'
import { readProperties, renderModel } from '../../support/dbt/models.ts'
import { daysOf, ordersOf } from '../../support/dbt/order-model.ts'

let models: Models
beforeEach(async () => {
  models = await openModels()
})
afterEach(() => models.close())

async function stage(rows: readonly StagedRow[]): Promise<void> {
  for (const [table, own] of groupBy(rows, (one) => one.table))
    await models.stage(
      table,
      own.map(({ row }) => row),
    )
}

const LIVES = stagedLives(20_261_128, 100)
const byKey = (one: object, other: object) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)

const TIME = (column: string) => `strftime(${column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')`
const AMOUNT = (column: string) =>
  `rtrim(rtrim(CAST(CAST(${column} AS DECIMAL(38, 9)) AS VARCHAR), '0'), '.')`
const COUNT = (...columns: readonly string[]) =>
  columns.map((column) => `CAST(${column} AS INTEGER) AS ${column}`).join()

async function expectedOrders() {
  const event = `partner_id, order_id, ${AMOUNT('amount')} AS amount`
  const bought = await models.rows(
    `SELECT ${event}, car_model, currency, ${TIME('purchased_at')} AS moment FROM curated.purchases`,
  )
  const cancelled = await models.rows(
    `SELECT ${event}, is_partial, ${TIME('cancelled_at')} AS moment FROM curated.cancellations`,
  )
  return ordersOf(Object(bought), Object(cancelled))
}

test('orders and their days are those of their events', async () => {
  await stage(LIVES)
  await models.stage('staging_purchase', [PURCHASE])
  await models.stage('staging_cancellation', [{ ...CANCELLATION, order_id: 'A2' }])
  await models.build()
  const expected = await expectedOrders()
  expect(new Set(expected.map(({ status }) => status))).toEqual(
    new Set(['purchase_unknown', 'purchased', 'partly_cancelled', 'cancelled']),
  )
  const amounts = `${AMOUNT('gross_amount')} AS gross, ${AMOUNT('net_amount')} AS net`
  const made = await models.rows(`SELECT partner_id, order_id, status, car_model, currency,
    ${COUNT('purchases', 'cancellations')}, ${amounts}, ${TIME('ordered_at')} AS ordered_at,
    ${TIME('cancelled_at')} AS cancelled_at FROM curated.orders`)
  expect(made.toSorted(byKey)).toEqual(expected.toSorted(byKey))
  const days =
    await models.rows(`SELECT CAST(day AS VARCHAR) AS day, partner_id, car_model, currency,
    CAST(orders AS INTEGER) AS orders, CAST(cancelled_orders AS INTEGER) AS cancelled,
    CAST(conversions AS INTEGER) AS conversions, ${amounts} FROM curated.daily_conversions`)
  expect(days.toSorted(byKey)).toEqual(daysOf(expected).toSorted(byKey))
})

test('the features of every moment are those of what was known by then', async () => {
  await stage(LIVES)
  await models.build()
  const made = await models.rows(`SELECT entity_id AS entity,
    strftime(feature_timestamp AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.') || '000Z' AS moment,
    ${COUNT('purchases', 'cancellations', 'corrections')}, CAST(gross_amount AS INTEGER) AS gross,
    is_cancelled AS "isCancelled", CAST(partner_orders_30d AS INTEGER) AS "orders30d",
    CAST(partner_cancelled_orders_30d AS INTEGER) AS "cancelled30d" FROM curated.order_features`)
  const expected = featuresOf(LIVES)
  expect(expected.length).toBeGreaterThan(60)
  expect(made.toSorted(byKey)).toEqual(expected.toSorted(byKey))
})

/** The columns by which a row of each model is known. */
const KEYS = {
  purchases: ['partner_id', 'order_id', 'event_id'],
  cancellations: ['partner_id', 'order_id', 'event_id'],
  orders: ['partner_id', 'order_id'],
  daily_conversions: ['day', 'partner_id', 'car_model', 'currency'],
  partner_quality: ['day', 'partner_id'],
  order_features: ['entity_id', 'feature_timestamp'],
}

type Column = ReturnType<typeof readProperties>['models'][number]['columns'][number]

/** What the column's tests of values say that is not so. */
async function wrongValues(model: string, { name, data_tests }: Column): Promise<string[]> {
  const told = data_tests.filter((one) => ['accepted_values', 'not_null'].includes(one.name))
  if (told.length === 0) return []
  const found = await models.rows(
    `SELECT DISTINCT CAST(${name} AS VARCHAR) AS value FROM curated.${model} ORDER BY ALL`,
  )
  const made = found.map(({ value }) => value)
  const holds = ({ name: what, values }: (typeof told)[number]) =>
    what === 'not_null'
      ? !made.includes(null)
      : made.length === values.length && values.every((value) => made.includes(value))
  return told
    .filter((one) => !holds(one))
    .map((one) => `${model}.${name} ${one.name}: ${JSON.stringify(made)}`)
}

test('what dbt is told to test of the models holds, names the key of each, and allows no value that they do not make', async () => {
  await stage([...LIVES, ...auditedLives(LIVES)])
  await models.stage('staging_purchase', [PURCHASE])
  await models.stage('staging_cancellation', [{ ...CANCELLATION, order_id: 'A2' }])
  await models.build()
  const keys: Record<string, readonly string[]> = {}
  const wrong: string[] = []
  for (const { name, data_tests, columns } of readProperties().models) {
    const table = `curated.${name}`
    for (const { columns: key } of data_tests.filter((one) => one.name === 'unique_together')) {
      keys[name] = key
      const several = `SELECT 1 FROM ${table} GROUP BY ${key.join()} HAVING COUNT(*) > 1`
      if ((await models.rows(several)).length > 0) wrong.push(`${name} ${key.join()}`)
    }
    for (const column of columns) wrong.push(...(await wrongValues(name, column)))
  }
  expect(wrong).toEqual([])
  expect(keys).toEqual(KEYS)
})

const singular = (name: string) => ({
  file: name,
  text: readFileSync(`dbt/tests/${name}.sql`, 'utf8'),
})

test('the days have the orders, until they have not; and an erased order is found, until all is built from nothing', async () => {
  await stage(LIVES)
  await models.build()
  const failures = async (name: string) =>
    (await models.rows(inDuckDb(renderModel(singular(name), PLACES)))).length
  expect(await failures('daily_conversions_count_every_order')).toBe(0)
  expect(await failures('no_order_outlives_its_erasure')).toBe(0)
  await models.rows('UPDATE curated.daily_conversions SET cancelled_orders = cancelled_orders + 1')
  expect(await failures('daily_conversions_count_every_order')).toBe(1)
  for (const table of ['staging_purchase', 'staging_cancellation'])
    await models.rows(`UPDATE streaming.${table} SET order_id = 'erased-1' WHERE order_id = '1'`)
  expect(await failures('no_order_outlives_its_erasure')).toBeGreaterThan(0)
})

/** Without what differs from run to run. */
const MARTS: Readonly<Record<string, string>> = {
  purchases: '* EXCLUDE (built_at) FROM curated.purchases',
  cancellations: '* EXCLUDE (built_at) FROM curated.cancellations',
  orders: '* EXCLUDE (built_at) FROM curated.orders',
  // A day that has no order any more has a row of none.
  daily_conversions: '* FROM curated.daily_conversions WHERE orders > 0',
  partner_quality: '* FROM curated.partner_quality',
  order_features: '* FROM curated.order_features',
}

async function contents() {
  const found: Record<string, unknown> = {}
  for (const [mart, from] of Object.entries(MARTS))
    found[mart] = (await models.rows(`SELECT ${from}`)).toSorted(byKey)
  return found
}

test('what runs add by and by is what a build from nothing makes, and a run without new rows changes nothing', async () => {
  const lives = stagedLives(7, 60)
  const arrival = ({ row }: StagedRow) => String(row['ingested_at'])
  const rows = [...lives, ...auditedLives(lives)].toSorted((one, other) =>
    arrival(one) < arrival(other) ? -1 : 1,
  )
  const third = Math.ceil(rows.length / 3)
  for (const begin of [0, third, 2 * third]) {
    await stage(rows.slice(begin, begin + third))
    await models.build()
  }
  const byAndBy = await contents()
  const built = () => models.rows('SELECT MAX(built_at) AS built FROM curated.orders')
  const before = await built()
  await models.stage('staging_purchase', [])
  await models.build()
  expect(await contents()).toEqual(byAndBy)
  models.close()
  models = await openModels()
  await stage(rows)
  await models.build()
  expect(byAndBy).toEqual(await contents())
  expect(await built()).not.toEqual(before)
})

const at = (time: string) => `2026-11-20T${time}Z`

const PURCHASE = {
  partner_id: 'dealer-7',
  type: 'purchase',
  order_id: 'A1',
  event_id: 'e1',
  car_model: 'SUV',
  amount: '10',
  currency: 'EUR',
  timestamp: at('08:00:00'),
  publish_time: at('08:00:10'),
  ingested_at: at('08:00:12'),
  message_id: 'm1',
  content_hash: 'h1',
}
const CANCELLATION = { ...PURCHASE, type: 'cancellation', event_id: 'c1', reason: 'changed mind' }

const shown = (table: string, ...columns: readonly string[]) =>
  models.rows(`SELECT ${columns.join()} FROM curated.${table} ORDER BY ALL`)

test('an event is its newest version by when it was published, known since the first and counted with all', async () => {
  await models.stage('staging_purchase', [
    PURCHASE,
    // The same message, staged again.
    { ...PURCHASE, ingested_at: at('08:30:00') },
    {
      ...PURCHASE,
      publish_time: at('09:00:00'),
      message_id: 'm2',
      amount: '20',
      content_hash: 'h2',
    },
    // The first version again.
    { ...PURCHASE, publish_time: at('08:45:00'), message_id: 'm3', ingested_at: at('09:30:00') },
    { ...PURCHASE, event_id: 'e2', message_id: 'm4', amount: '5', content_hash: 'h4' },
  ])
  await models.build()
  const columns = [
    'event_id',
    AMOUNT('amount'),
    'message_id',
    'CAST(versions AS INTEGER) AS versions',
    `${TIME('published_at')} AS published_at`,
    `${TIME('known_at')} AS known_at`,
  ]
  expect((await shown('purchases', ...columns)).map((row) => Object.values(row))).toEqual([
    ['e1', '20', 'm2', 2, at('09:00:00.000000'), at('08:00:12.000000')],
    ['e2', '5', 'm4', 1, at('08:00:10.000000'), at('08:00:12.000000')],
  ])
  // What was staged again was read as it came last.
  const read = `SELECT ${TIME('MAX(ingested_at)')} AS last FROM curated.int_order_events WHERE message_id = 'm1'`
  expect(await models.rows(read)).toEqual([{ last: at('08:30:00.000000') }])
})

test('what a row does not have is what the descriptions say', async () => {
  const bare = { currency: null, ingested_at: null, content_hash: null }
  await models.stage('staging_purchase', [{ ...PURCHASE, ...bare }])
  await models.stage('staging_cancellation', [{ ...CANCELLATION, ...bare, partial: null }])
  await models.build()
  const columns = ['currency', `${TIME('known_at')} AS known_at`]
  const known_at = at('08:00:10.000000')
  expect(await shown('purchases', ...columns)).toEqual([{ currency: 'unknown', known_at }])
  expect(await shown('cancellations', ...columns, 'is_partial', 'reason')).toEqual([
    { currency: 'unknown', known_at, is_partial: false, reason: 'changed mind' },
  ])
})

test('an order is known since its first event, and the time to its cancellation is in seconds', async () => {
  await models.stage('staging_purchase', [PURCHASE])
  await models.stage('staging_cancellation', [
    { ...CANCELLATION, timestamp: at('09:00:05'), ingested_at: at('07:00:00') },
  ])
  await models.build()
  const made = await shown(
    'orders',
    'CAST(seconds_to_cancel AS INTEGER) AS seconds',
    `${TIME('known_at')} AS known_at`,
  )
  expect(made).toEqual([{ seconds: 3_605, known_at: at('07:00:00.000000') }])
  const features = await models.rows(`SELECT CAST(seconds_since_order AS INTEGER) AS seconds,
    partner_cancellation_rate_30d AS rate, car_model, currency FROM curated.order_features ORDER BY ALL`)
  expect(features).toEqual([
    { seconds: null, rate: null, car_model: null, currency: null },
    { seconds: 12, rate: 1, car_model: 'SUV', currency: 'EUR' },
  ])
})

test('parts that take back all of an order cancel it with the last of them, and less than all does not', async () => {
  const part = (order_id: string, event_id: string, amount: string, time: string) => ({
    ...CANCELLATION,
    order_id,
    event_id,
    amount,
    partial: true,
    timestamp: at(time),
    message_id: event_id,
    content_hash: event_id,
  })
  await models.stage('staging_purchase', [
    PURCHASE,
    { ...PURCHASE, order_id: 'A2', message_id: 'm2', content_hash: 'h2' },
  ])
  await models.stage('staging_cancellation', [
    part('A1', 'c1', '4', '10:00:00'),
    part('A1', 'c2', '6', '09:00:00'),
    part('A2', 'c3', '9.99', '09:00:00'),
  ])
  await models.build()
  const columns = ['status', `${AMOUNT('net_amount')} AS net`, `${TIME('cancelled_at')} AS at`]
  expect(await shown('orders', 'order_id', ...columns)).toEqual([
    { order_id: 'A1', status: 'cancelled', net: '0', at: at('10:00:00.000000') },
    { order_id: 'A2', status: 'partly_cancelled', net: '0.01', at: null },
  ])
  expect(await shown('order_features', 'order_id', 'is_cancelled')).toEqual([
    { order_id: 'A1', is_cancelled: true },
    { order_id: 'A2', is_cancelled: false },
  ])
})

test('a later event changes an order that was built before, and none of another day', async () => {
  const onDay = (day: number) => ({
    publish_time: `2026-11-${day}T08:00:00Z`,
    ingested_at: `2026-11-${day}T08:00:02Z`,
  })
  // The newest hour is always read again.
  const other = { ...PURCHASE, order_id: 'A2', message_id: 'm3', ...onDay(22) }
  await models.stage('staging_purchase', [PURCHASE, other])
  await models.build()
  const again = { ...PURCHASE, event_id: 'e2', message_id: 'm2', content_hash: 'h2' }
  await models.stage('staging_purchase', [{ ...again, ...onDay(25) }])
  await models.build()
  const columns = ['CAST(purchases AS INTEGER) AS purchases', `${AMOUNT('gross_amount')} AS gross`]
  expect(await shown('orders', 'order_id', ...columns)).toEqual([
    { order_id: 'A1', purchases: 2, gross: '20' },
    { order_id: 'A2', purchases: 1, gross: '10' },
  ])
  const times = await models.rows(
    `SELECT COUNT(DISTINCT built_at) AS n FROM curated.purchases WHERE order_id = 'A1'`,
  )
  expect(times).toEqual([{ n: '2' }])
})

test('orders of several models or currencies say so in the features as well', async () => {
  await models.stage('staging_purchase', [
    PURCHASE,
    { ...PURCHASE, event_id: 'e2', car_model: 'Hatch', currency: 'USD', message_id: 'm2' },
  ])
  await models.build()
  expect(
    await shown('order_features', 'car_model', 'currency', 'gross_amount', 'is_cancelled'),
  ).toEqual([
    { car_model: 'several', currency: 'several', gross_amount: null, is_cancelled: false },
  ])
})

const AUDITED = {
  message_id: 'a1',
  partner_id: 'dealer-7',
  decision: 'accepted',
  reasons: [],
  event_id: 'e1',
  content_hash: 'h1',
  publish_time: at('08:00:10'),
  ingested_at: at('08:00:12'),
  part: 0,
  batch_id: 'b1',
}
const rejected = (message_id: string, ...reasons: readonly string[]) => ({
  ...AUDITED,
  message_id,
  decision: 'rejected',
  reasons,
  event_id: null,
  content_hash: null,
})

test('a row that comes weeks later, of whichever table, is counted on the day of its message', async () => {
  await models.stage('audit_log', [AUDITED, { ...AUDITED, message_id: 'c1', event_id: 'c1' }])
  await models.stage('staging_purchase', [PURCHASE])
  const newer = { publish_time: '2026-12-10T08:00:00Z', ingested_at: '2026-12-10T08:00:02Z' }
  await models.stage('audit_log', [{ ...AUDITED, ...newer, message_id: 'n1' }])
  await models.stage('staging_purchase', [{ ...PURCHASE, ...newer, order_id: 'N' }])
  await models.build()
  const quality = () =>
    models.rows(`SELECT ${COUNT('messages', 'cancellations', 'without_currency')}
      FROM curated.partner_quality WHERE day = DATE '2026-11-20'`)
  expect(await quality()).toEqual([{ messages: 2, cancellations: 0, without_currency: 0 }])
  const late = { ingested_at: '2026-12-11T08:00:00Z' }
  await models.stage('staging_cancellation', [{ ...CANCELLATION, ...late }])
  await models.build()
  expect(await quality()).toEqual([{ messages: 2, cancellations: 1, without_currency: 0 }])
  expect(await shown('cancellations', 'event_id')).toEqual([{ event_id: 'c1' }])
  const again = { ingested_at: '2026-12-12T08:00:00Z' }
  const other = { event_id: 'e9', message_id: 'm9', currency: null }
  await models.stage('staging_purchase', [{ ...PURCHASE, ...again, ...other }])
  await models.build()
  expect(await quality()).toEqual([{ messages: 2, cancellations: 1, without_currency: 1 }])
  await models.stage('audit_log', [
    { ...AUDITED, message_id: 'a9', ingested_at: '2026-12-13T08:00:00Z' },
  ])
  await models.build()
  expect(await quality()).toEqual([{ messages: 3, cancellations: 1, without_currency: 1 }])
})

test('what is visible up to an hour late is read all the same', async () => {
  const newest = { publish_time: '2026-11-22T08:00:00Z', ingested_at: '2026-11-22T08:00:02Z' }
  await models.stage('staging_purchase', [{ ...PURCHASE, ...newest }])
  await models.build()
  const hidden = { ...newest, publish_time: '2026-11-21T08:00:00Z' }
  const late = { ...hidden, ingested_at: '2026-11-22T07:00:30Z', order_id: 'A2', message_id: 'm2' }
  await models.stage('staging_purchase', [{ ...PURCHASE, ...late }])
  await models.build()
  expect(await shown('purchases', 'order_id')).toEqual([{ order_id: 'A1' }, { order_id: 'A2' }])
})

test('the scorecard counts the messages of a day and partner once, what is wrong with them, and scores them', async () => {
  await models.stage('audit_log', [
    AUDITED,
    // Delivered again, and not accepted then: it was accepted.
    { ...rejected('a1', 'not_json'), ingested_at: at('07:00:00') },
    // A repeat of its contents, and one without an event id of its own.
    { ...AUDITED, message_id: 'a2', publish_time: at('10:00:00') },
    { ...AUDITED, message_id: 'a3', event_id: 'derived-h3', content_hash: 'h3' },
    rejected('a4', 'amount_missing'),
    rejected('a5', 'currency_unknown', 'amount_missing'),
    rejected('a6', 'not_json'),
    rejected('a7', 'not_json'),
    rejected('a8', 'amount_missing'),
    // The second part of a message, the row of a batch that could not be read, another partner and another day.
    { ...rejected('a8', 'too_large'), part: 1 },
    rejected('b1', 'batch_unreadable'),
    { ...AUDITED, message_id: 'a9', partner_id: 'dealer-8' },
    { ...AUDITED, message_id: 'a9', publish_time: '2026-11-21T00:00:00Z' },
  ])
  const days = (hours: number) => new Date(Date.parse(at('08:00:10')) - hours * 3_600_000)
  await models.stage('staging_purchase', [
    { ...PURCHASE, currency: null, timestamp: at('08:00:00') },
    { ...PURCHASE, event_id: 'e2', message_id: 'm2', timestamp: days(24).toISOString() },
    { ...PURCHASE, event_id: 'e3', message_id: 'm3', timestamp: days(25).toISOString() },
  ])
  await models.stage('staging_cancellation', [
    {
      ...CANCELLATION,
      currency: null,
      timestamp: days(1).toISOString(),
      ingested_at: at('08:10:00'),
    },
  ])
  await models.build()
  const deliveries = await shown('stg_streaming__messages', 'message_id')
  expect(deliveries.map(({ message_id }) => message_id)).toEqual([
    'a1',
    'a1',
    'a2',
    'a3',
    'a4',
    'a5',
    'a6',
    'a7',
    'a8',
    'a9',
    'a9',
  ])
  const [quality] = await models.rows(`SELECT ${COUNT(
    'messages',
    'accepted',
    'rejected',
    'repeated',
    'without_event_id',
    'without_currency',
    'cancellations',
    'late',
  )}, top_rejection_reason AS reason, median_delay_seconds AS median,
    ${TIME('newest_published_at')} AS newest, ${TIME('ingested_at')} AS ingested,
    accepted_share, round(with_event_id_share, 6) AS with_event_id_share, on_time_share, quality_score
    FROM curated.partner_quality WHERE partner_id = 'dealer-7' AND day = DATE '2026-11-20'`)
  expect(quality).toEqual({
    messages: 8,
    accepted: 3,
    rejected: 5,
    repeated: 1,
    without_event_id: 1,
    without_currency: 1,
    cancellations: 1,
    late: 1,
    reason: 'amount_missing',
    // Of 10 seconds, an hour, a day and 25 hours.
    median: (3_600 + 86_400) / 2,
    newest: at('10:00:00.000000'),
    ingested: at('08:10:00.000000'),
    accepted_share: 0.375,
    with_event_id_share: 0.666667,
    on_time_share: 0.75,
    // 60 for what is accepted, 20 for what has an event id, 20 for what is on time.
    quality_score: 50.8,
  })
  const others = await models.rows(`SELECT partner_id, CAST(day AS VARCHAR) AS day,
    CAST(messages AS INTEGER) AS messages, median_delay_seconds AS median, quality_score AS score
    FROM curated.partner_quality WHERE partner_id != 'dealer-7' OR day != DATE '2026-11-20' ORDER BY ALL`)
  expect(others).toEqual([
    { partner_id: 'dealer-7', day: '2026-11-21', messages: 1, median: null, score: 100 },
    { partner_id: 'dealer-8', day: '2026-11-20', messages: 1, median: null, score: 100 },
  ])
})
