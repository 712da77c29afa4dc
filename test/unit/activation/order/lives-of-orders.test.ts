// Random lives of orders, with outages, a pause, ends of workers, redeliveries and runs side by side: Google Ads takes every call, and
// every order ends with the value, or the retraction, that its events add up to.

import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Message } from '#contracts'
import { message } from '../../../fixtures/messages.ts'
import { createWorld, type Mishap, type World } from '../../../support/activation-world.ts'

const START = Date.parse('2026-11-20T10:00:00Z')
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** A life has one pause at the most: Google takes no change of a conversion after 54 days. */
const LONGEST_PAUSE_MS = 20 * 24 * HOUR_MS

/** One event of an order; what is published twice with the same `event` and another amount is a correction. */
type Told = {
  readonly order: string
  readonly customer: string
  readonly kind: 'purchase' | 'partial' | 'cancellation'
  readonly event: string
  readonly amount: number
}

const told = fc.record({
  order: fc.constantFrom('A1', 'A2', 'A3'),
  customer: fc.constantFrom('C1', 'C1', 'C1', 'C1', 'C2'),
  kind: fc.constantFrom('purchase', 'purchase', 'purchase', 'partial', 'cancellation'),
  event: fc.constantFrom('e1', 'e2'),
  amount: fc.integer({ min: 1, max: 20 }),
})

/** What happens next. Numbers choose among what is there. */
const happening = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      is: fc.constant('publish' as const),
      events: fc.array(told, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('redeliver' as const), which: fc.nat() }) },
  {
    weight: 12,
    arbitrary: fc.record({
      is: fc.constant('step' as const),
      which: fc.nat(),
      mishap: fc.constantFrom<Mishap>(
        'none',
        'none',
        'none',
        'outage',
        'crash before',
        'crash after',
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      is: fc.constant('pass' as const),
      ms: fc.integer({ min: 1, max: 3 * HOUR_MS }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant('pause' as const),
      ms: fc.integer({ min: HOUR_MS, max: LONGEST_PAUSE_MS }),
    }),
  },
)

type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

/** Amounts are such that the partial cancellations of an order never add up to its purchases. */
function toMessage({ order, customer, kind, event, amount }: Told, nowMs: number): Message {
  const isPurchase = kind === 'purchase'
  const fields = {
    type: isPurchase ? 'purchase' : 'cancellation',
    order_id: order,
    customer_id: isPurchase ? 'C1' : customer,
    event_id: `${kind}-${isPurchase ? '' : customer}-${event}`,
    car_model: 'SUV',
    timestamp: '2026-11-20T09:00:00Z',
    gclid: 'abc123',
    consent: { ad_user_data: true, ad_personalization: true },
    ...(isPurchase ? { amount: 1_000 + amount } : { reason: 'changed' }),
    ...(kind === 'partial' && { amount, partial: true }),
  }
  return message(fields, { publishTime: new Date(nowMs).toISOString().replace('Z', '000Z') })
}

type Published = { readonly told: Told; readonly message: Message }

function live(happenings: readonly Happening[]): { world: World; published: Published[] } {
  const world = createWorld(START)
  const published: Published[] = []
  const publish = (events: readonly Told[]) => {
    const own = events.map((one) => {
      world.pass(1)
      return { told: one, message: toMessage(one, world.now()) }
    })
    published.push(...own)
    world.stage(distinct(own.map(({ message: sent }) => sent)))
  }
  const pause = happenings.find(({ is }) => is === 'pause')
  for (const one of happenings) {
    if (one.is === 'publish') publish(one.events)
    if (one.is === 'pause' && one === pause) world.pass(one.ms)
    if (one.is === 'pass') world.pass(one.ms)
    const again = one.is === 'redeliver' ? published[one.which % published.length] : undefined
    if (again) world.stage([again.message])
    const runs = world.due()
    const run = one.is === 'step' ? runs[one.which % runs.length] : undefined
    if (run && one.is === 'step') world.step(run, one.mishap)
  }
  for (let round = 0; round < 1_200 && world.runs().length > 0; round += 1) {
    for (const run of world.due()) world.step(run, 'none')
    if (world.due().length === 0) world.pass(round < 300 ? MINUTE_MS : 8 * HOUR_MS)
  }
  return { world, published }
}

/** A batch has each contents once: validation takes the duplicates out. */
function distinct(messages: readonly Message[]): Message[] {
  const newest = new Map(messages.map((one) => [Buffer.from(one.data).toString('utf8'), one]))
  return [...newest.values()]
}

/** The value of each order by its newest events; null where it is cancelled or was never bought. */
function valueOf(order: string, published: readonly Published[]): number | null {
  const newest = new Map<string, Told>()
  for (const { told: one } of published)
    if (one.order === order && (one.kind === 'purchase' || one.customer === 'C1'))
      newest.set(`${one.kind} ${one.event}`, one)
  const events = [...newest.values()]
  const amountOf = (kind: Told['kind']) =>
    events.filter((one) => one.kind === kind).reduce((sum, { amount }) => sum + amount, 0)
  const purchases = events.filter(({ kind }) => kind === 'purchase')
  if (purchases.length === 0 || events.some(({ kind }) => kind === 'cancellation')) return null
  return 1_000 * purchases.length + amountOf('purchase') - amountOf('partial')
}

function finalValueOf(order: string, world: World): number | null {
  const conversion = world.conversions().get(`dealer-7:${order}`)
  return !conversion || conversion.isRetracted ? null : conversion.value
}

describe('random lives of orders', () => {
  test('Google Ads takes every call, every order ends as its events say, and every event has a final outcome', () => {
    fc.assert(
      fc.property(fc.array(happening, { minLength: 1, maxLength: 60 }), (happenings) => {
        const { world, published } = live(happenings)
        expect(world.errors).toEqual([])
        expect(world.runs().map(({ batchId }) => batchId)).toEqual([])
        for (const order of ['A1', 'A2', 'A3'])
          expect([order, finalValueOf(order, world)]).toEqual([order, valueOf(order, published)])
        const settled = new Set(
          world
            .logged()
            .flatMap(({ outcome, messageId }) => (FINAL.has(outcome) ? [messageId] : [])),
        )
        for (const { message: sent } of published)
          expect(settled.has(sent.messageId) || isDuplicate(sent, published)).toBe(true)
      }),
      { numRuns: Number(process.env['FC_RUNS'] ?? 400) },
    )
  })
})

const FINAL: ReadonlySet<string> = new Set(['accepted', 'not_activated', 'failed'])

/** The same contents came in a newer message of the same batch. */
function isDuplicate({ data, messageId }: Message, published: readonly Published[]): boolean {
  return published.some(
    ({ message: other }) =>
      other.messageId !== messageId && Buffer.from(other.data).equals(Buffer.from(data)),
  )
}
