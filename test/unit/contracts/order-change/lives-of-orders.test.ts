// Random lives of orders, with events that come late, twice, corrected or edited, and with runs that fail in the middle and publish
// in any order: what a consumer holds in the end is what the events say, and the changes of every order are one chain.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { changesOf } from '#contracts/order-change/chain'
import { orderChangeSchema } from '#contracts/order-change/schema'
import { orderOf, type StagedVersion } from '#contracts/order-change/staged-version'
import { groupBy } from '#runtime/group-by'
import {
  type ChangesRun,
  consumed,
  createChangesWorld,
  type Sent,
} from '../../../support/change-events-world.ts'

const told = fc.record({
  order: fc.constantFrom('A1', 'A2'),
  kind: fc.constantFrom('purchase', 'purchase', 'partial', 'cancellation'),
  event: fc.constantFrom('e1', 'e2'),
  amount: fc.integer({ min: 1, max: 4 }),
})

type Told = typeof told extends fc.Arbitrary<infer T> ? T : never

/** Numbers choose among what is there. `at` is the minute of publishing: an event may be staged long after it was published. */
const happening = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      is: fc.constant('publish' as const),
      events: fc.array(fc.record({ told, at: fc.integer({ min: 0, max: 9 }) }), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('redeliver' as const), which: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant('edit' as const),
      which: fc.nat(),
      amount: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      is: fc.constant('attempt' as const),
      which: fc.nat(),
      most: fc.constantFrom(0, 1, 2, Number.POSITIVE_INFINITY),
    }),
  },
)

type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

function toSent({ order, kind, event, amount }: Told, message: number, minute: number): Sent {
  const isPurchase = kind === 'purchase'
  const isWhole = kind === 'cancellation'
  return {
    type: isPurchase ? 'purchase' : 'cancellation',
    partner_id: 'dealer-7',
    order_id: order,
    event_id: `${kind}-${event}`,
    amount: isWhole ? null : String(amount),
    partial: isPurchase ? null : !isWhole,
    currency: 'EUR',
    car_model: 'SUV',
    vehicle_make: null,
    vehicle_model: null,
    vehicle_year: null,
    timestamp: `2026-11-20T09:00:0${amount}.000000Z`,
    content_hash: `${order} ${kind} ${event} ${amount}`,
    message_id: String(message),
    publish_time: `2026-11-20T10:0${minute}:00.000000Z`,
  }
}

type World = ReturnType<typeof createChangesWorld>

function live(happenings: readonly Happening[]): World {
  const world = createChangesWorld()
  const runs: ChangesRun[] = []
  const sent: Sent[] = []
  const stage = (versions: readonly Sent[]) => runs.push(world.stage(versions))
  for (const one of happenings) {
    if (one.is === 'publish') {
      const own = one.events.map(({ told: event, at }, i) => toSent(event, sent.length + i, at))
      sent.push(...own)
      stage(own)
      continue
    }
    const chosen = sent[one.which % sent.length]
    if (one.is === 'redeliver' && chosen) stage([chosen])
    if (one.is === 'edit' && chosen?.amount) stage([edited(chosen, one.amount)])
    const run = runs[one.which % runs.length]
    if (one.is === 'attempt' && run) world.publish(run, one.most)
  }
  // Every run is retried until it has published everything.
  for (const run of runs) world.publish(run)
  return world
}

const edited = (sent: Sent, amount: number): Sent => ({
  ...sent,
  amount: String(amount),
  content_hash: `${sent.order_id} ${sent.event_id} edited ${amount}`,
})

/** Message ids are compared as text. */
const position = ({ publish_time, message_id, ingested_at }: StagedVersion) =>
  `${publish_time} ${message_id} ${ingested_at}`

/** The rows of an order, each version once, in the order in which they count. */
function inOrder(rows: readonly StagedVersion[]): StagedVersion[] {
  const once = new Map<string, StagedVersion>()
  for (const row of rows) {
    const key = `${row.message_id} ${row.content_hash}`
    if (!once.has(key)) once.set(key, row)
  }
  return [...once.values()].toSorted((one, other) => (position(one) < position(other) ? -1 : 1))
}

/** What an order has to say in the end, told in the plainest way. */
function expected(rows: readonly StagedVersion[]) {
  const newest = new Map(inOrder(rows).map((row) => [row.event_id, row]))
  const events = [...newest.values()]
  const of = (kind: string) => events.filter(({ event_id }) => event_id.startsWith(kind))
  const sum = (kind: string) => of(kind).reduce((total, { amount }) => total + Number(amount), 0)
  const left = sum('purchase') - sum('partial')
  const purchases = of('purchase').length
  const cancellations = events.length - purchases
  const isCancelled =
    of('cancellation').length > 0 || (purchases > 0 && left <= 0 && sum('partial') > 0)
  const reduced = cancellations > 0 ? 'partly_cancelled' : 'purchased'
  const known = purchases === 0 ? null : String(left)
  return {
    status: isCancelled ? 'cancelled' : reduced,
    purchases,
    cancellations,
    amount: isCancelled ? '0' : known,
  }
}

const RUNS = { numRuns: Number(process.env['FC_RUNS'] ?? 300) }

const lives = fc.array(happening, { minLength: 1, maxLength: 25 })

test('a consumer that keeps the greatest sequence holds in the end what the events of every order say', () => {
  fc.assert(
    fc.property(lives, (happenings) => {
      const { rows, published } = live(happenings)
      const held = consumed(published)
      const orders = groupBy(rows, ({ order_id }) => order_id)
      expect([...held.keys()].toSorted()).toEqual([...orders.keys()].toSorted())
      for (const [order, own] of orders) expect(held.get(order)).toMatchObject(expected(own))
    }),
    RUNS,
  )
})

test('every change of the final chain was published, each begins where the one before it ends, and all keep the schema', () => {
  fc.assert(
    fc.property(lives, (happenings) => {
      const { rows, published } = live(happenings)
      const ids = new Set(published.map(({ change_id }) => change_id))
      for (const own of groupBy(rows, orderOf).values()) {
        const chain = changesOf(own)
        expect(new Set(chain.map(({ change_id }) => change_id)).size).toBe(chain.length)
        chain.forEach((change, i) => {
          const last = chain[i - 1]
          expect(ids.has(change.change_id)).toBe(true)
          expect(change.before).toEqual(last?.after ?? null)
          expect(change.previous_change_id).toBe(last?.change_id ?? null)
          expect(last === undefined || change.sequence > last.sequence).toBe(true)
        })
      }
      for (const change of published) expect(orderChangeSchema.parse(change)).toEqual(change)
    }),
    RUNS,
  )
})

/** As it mostly is: events are staged in the order in which they were published, and each run publishes before the next one stages. */
const orderly = fc.array(
  fc.record({ told, copies: fc.integer({ min: 1, max: 3 }), again: fc.nat() }),
  { minLength: 1, maxLength: 9 },
)

test('where no event comes late, retries and redeliveries publish the ids of the chain and no other', () => {
  fc.assert(
    fc.property(orderly, (events) => {
      const world = createChangesWorld()
      const sent: Sent[] = []
      events.forEach(({ told: event, copies, again }, minute) => {
        const own = toSent(event, minute, minute)
        sent.push(own)
        const run = world.stage([own])
        for (let copy = 0; copy < copies; copy += 1) world.publish(run)
        const redelivered = sent[again % sent.length]
        if (redelivered) world.publish(world.stage([redelivered]))
      })
      const chains = [...groupBy(world.rows, orderOf).values()].flatMap(changesOf)
      const idsOf = (changes: typeof chains) =>
        [...new Set(changes.map(({ change_id }) => change_id))].toSorted()
      expect(idsOf(world.published)).toEqual(idsOf(chains))
    }),
    RUNS,
  )
})
