// A Segment that fails one request in ten, and refuses one event in many: every good event is accepted once, every refused one is a
// dead letter, and no order is taken back before it was told. Change events are published meanwhile, as if Segment were well.

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { publish } from '#operations/send/publish'
import { halvesOf } from '#runtime/chunks'
import type { Publishable } from '#runtime/pubsub'
import { changeEventsTopic } from '../support/change-events-topic.ts'
import { consumed } from '../support/change-events-world.ts'
import { failCalls, rowsOf } from '../support/parts.ts'
import { usePipeline } from '../support/pipeline.ts'
import { waitFor } from '../support/wait-for.ts'

/** SEGMENT_FAULT_EVENTS=20000 takes some ten minutes. */
const ORDERS = Number(process.env['SEGMENT_FAULT_EVENTS'] ?? 1_200)
const CANCELLED_EVERY = 10
const REFUSED_EVERY = Math.min(1_000, ORDERS / 4)

const LIMIT_MS = 200_000 + ORDERS * 60

const TOPIC = 'order-changes.v1'

const pipeline = usePipeline({ CHANGE_EVENTS_TOPIC: TOPIC })
const rows = (query: string) => rowsOf(pipeline().bigquery, query)

const numbers = Array.from({ length: ORDERS }, (_, i) => i)
const isRefused = (i: number) => i % REFUSED_EVERY === 1
const isCancelled = (i: number) => i % CANCELLED_EVERY === 0

const event = (i: number, fields: object): Publishable => ({
  data: Buffer.from(
    JSON.stringify({
      order_id: `F${i}`,
      customer_id: `C${i}`,
      car_model: isRefused(i) ? 'refused-model' : 'Estate',
      timestamp: new Date().toISOString(),
      partner_id: 'dealer-7',
      gclid: `click-${i}`,
      consent: { ad_user_data: true, ad_personalization: true },
      ...fields,
    }),
  ),
  attributes: {},
})

let changes: ReturnType<typeof changeEventsTopic>

beforeAll(async () => {
  changes = changeEventsTopic(String(pipeline().config.PUBSUB_EMULATOR_HOST), TOPIC)
  await changes.subscribe()
  const { url } = pipeline().stack.segment
  await failCalls(url, { status: 400, match: 'refused-model' })
  await failCalls(url, { status: 500, every: 20 })
  await failCalls(url, { status: 429, retryAfter: 1, every: 20 })
  const purchases = numbers.map((i) => event(i, { type: 'purchase', amount: 30_000 + i }))
  const cancelled = numbers.filter((i) => isCancelled(i) && !isRefused(i))
  const cancellations = cancelled.map((i) =>
    event(i, { type: 'cancellation', reason: 'changed_mind' }),
  )
  const [early, late] = halvesOf(cancellations)
  await send([...purchases, ...early])
  await waitForRuns('processBatch')
  await send(late)
  await waitForRuns('processBatch', 'activateLater')
}, LIMIT_MS + 60_000)

afterAll(() => changes.close())

let published = 0

async function send(messages: readonly Publishable[]): Promise<void> {
  const { config } = pipeline()
  published += await publish(config, messages, { topic: config.PUBSUB_TOPIC })
}

/** A batch may wait for minutes between two attempts, so that nothing moves for as long. */
const waitForRuns = (...types: readonly string[]) =>
  waitFor(() => areOver(types), 'every event to have an outcome', LIMIT_MS)

/** True where all that was published is in the audit log, and no workflow of these types is open. */
async function areOver(types: readonly string[]): Promise<boolean> {
  const [audited] = await rows('SELECT COUNT(DISTINCT message_id) AS n FROM streaming.audit_log')
  if (audited?.['n'] !== published) return false
  const names = types.map((type) => `'${type}'`).join(', ')
  const query = `WorkflowType IN (${names}) AND ExecutionStatus = 'Running'`
  return (await pipeline().temporal.workflow.count(query)).count === 0
}

type Call = { readonly event: string; readonly duplicate?: true; readonly order: string }

function calls(): Call[] {
  const lines = readFileSync(pipeline().stack.segment.file ?? '', 'utf8')
    .trim()
    .split('\n')
  return lines.map((line) => {
    const call: { properties: { partner_order_id: string } } & Call = JSON.parse(line)
    return { ...call, order: call.properties.partner_order_id }
  })
}

test('every good order is told once, and every refused one is a dead letter', async () => {
  const told = calls().filter((call) => call.event === 'Order Completed' && !call.duplicate)
  const held = await rows(
    `SELECT DISTINCT order_id FROM streaming.activation_log
     WHERE type = 'purchase' AND outcome = 'not_activated' AND reason = 'cancelled_before_activation'`,
  )
  const known = [...told.map(({ order }) => order), ...held.map(({ order_id }) => order_id)]
  const good = numbers.filter((i) => !isRefused(i)).map((i) => `F${i}`)
  expect(known.length).toBe(good.length)
  expect(new Set(known)).toEqual(new Set(good))
  const dead = await rows(
    `SELECT DISTINCT order_id, stage, reasons FROM streaming.dead_letter ORDER BY order_id`,
  )
  expect(dead).toEqual(
    numbers
      .filter(isRefused)
      .map((i) => ({ order_id: `F${i}`, stage: 'activation', reasons: ['segment_refused'] }))
      .toSorted((one, other) => (one.order_id < other.order_id ? -1 : 1)),
  )
})

test('every cancelled order is taken back after it was told, or was never told', async () => {
  const places = new Map<string, string[]>()
  for (const { order, event: name, duplicate } of calls())
    if (!duplicate) places.set(order, [...(places.get(order) ?? []), name])
  for (const i of numbers.filter((one) => isCancelled(one) && !isRefused(one)))
    expect([undefined, 'Order Completed,Order Cancelled']).toContain(places.get(`F${i}`)?.join(','))
  const retracted = calls().filter(({ event: name }) => name === 'Order Cancelled')
  expect(retracted.length).toBeGreaterThan(0)
})

test('nothing is unaccounted for', async () => {
  expect(await rows('SELECT SUM(unaccounted) AS n FROM streaming.reconciliation')).toEqual([
    { n: 0 },
  ])
})

test('a consumer of change events has the state of every order, whatever Segment did', async () => {
  const received = await changes.receive()
  const states = consumed(received.map(({ change }) => change))
  expect([...states.keys()].toSorted()).toEqual(numbers.map((i) => `F${i}`).toSorted())
  for (const i of numbers)
    expect([i, states.get(`F${i}`)]).toMatchObject([
      i,
      isCancelled(i) && !isRefused(i)
        ? { status: 'cancelled', purchases: 1, cancellations: 1, amount: '0' }
        : { status: 'purchased', purchases: 1, cancellations: 0, amount: String(30_000 + i) },
    ])
  const created = received.filter(({ change }) => change.kind === 'created')
  expect(new Set(created.map(({ change }) => change.change_id)).size).toBe(ORDERS)
})
