// What the tables say of an order: what Segment was told of it, and which of its events are on their way in other runs.

import { describe, expect, test } from '@jest/globals'
import type { LoggedOutcome } from '#activation/order/facts'
import { type Delivery, historyOf } from '#activation/order/history'
import { unsettledRuns } from '#activation/order/in-progress'
import { stagedVersion as staged } from '../../../support/accepted-event.ts'
import {
  accepted,
  bought,
  DAY,
  logged,
  NOTHING,
  notActivated,
  plan,
  revoked,
  START,
} from '../../../support/orders.ts'

const FIRST = bought()
const part = (event_id: string, minute: number, more: object = {}) =>
  revoked({ event_id, partial: true, amount: 1_000, ...more }, minute)

describe('a row of an earlier version, which does not say its call', () => {
  const EMPTY = { customerId: null, amount: null, currency: null, value: null, toldAt: null }
  const before = (of: Delivery) =>
    logged(of, { ...EMPTY, outcome: 'accepted', googleAds: 'intended', call: null })
  const historyWith = (...events: readonly Delivery[]) =>
    historyOf({ staged: events.map(staged), logged: events.map(before) }, [])

  test('of a purchase is the conversion with the value of the staged purchase', () => {
    const history = historyWith(bought({ event_id: 'p2', amount: 7 }, 9), FIRST)
    const { publishTime } = FIRST
    const event = { customerId: 'C1', amount: '45000', currency: 'EUR' }
    const call = { call: 'Order Completed', value: '45000', toldAt: publishTime }
    expect(history.accepted[0]).toMatchObject({ ...event, ...call })
    expect(history.told).toMatchObject({ customerId: 'C1', completedAt: publishTime, value: '7' })
    expect(history.isCancelled).toBe(false)
  })

  test('of a cancellation took the order back', () => {
    const history = historyWith(FIRST, revoked())
    expect(history.accepted[1]).toMatchObject({ call: 'Order Cancelled', value: '0' })
    expect(history.isCancelled).toBe(true)
  })

  test('is of no known customer or value where the purchase is not staged', () => {
    const history = historyOf({ staged: [], logged: [before(FIRST)] }, [])
    expect(history.accepted[0]).toMatchObject({ customerId: null, amount: null, currency: null })
    expect(history.told).toMatchObject({ customerId: '', value: '0', currency: null })
  })
})

test.each([
  ['Order Completed', false],
  ['Order Updated', false],
  ['Order Cancelled', true],
  ['Order Refunded', true],
] as const)('after %s the order is cancelled: %p', (call, isCancelled) => {
  const rows = [accepted(FIRST), accepted(revoked(), call, '0')]
  expect(historyOf({ staged: [], logged: rows }, []).isCancelled).toBe(isCancelled)
})

test('without a conversion Segment was told nothing of the order', () => {
  const told = (...rows: LoggedOutcome[]) => historyOf({ staged: [], logged: rows }, []).told
  expect(told()).toBeNull()
  expect(told(logged(FIRST, { outcome: 'sending' }))).toBeNull()
  expect(told(accepted(revoked(), 'Order Cancelled', '0'))).toBeNull()
  expect(told({ ...accepted(FIRST), googleAds: null })).toMatchObject({ googleAds: 'excluded' })
})

test('the last call is the one that was made last, whenever its event was published', () => {
  const day = (n: number) => `2026-11-2${n}T10:00:00Z`
  const rows = [
    { ...accepted(part('c2', 1), 'Order Updated', '44000'), toldAt: day(3) },
    { ...accepted(bought({ event_id: 'p2' }, 9)), toldAt: day(1), clickId: 'gclid' as const },
  ]
  expect(historyOf({ staged: [], logged: rows }, []).told).toMatchObject({
    value: '44000',
    toldAt: day(3),
    completedAt: day(1),
    clickId: 'gclid',
  })
})

test('the events of the run are versions as their rows will be, the oldest first and each once', () => {
  const [partial, whole] = [part('c2', 9, { currency: 'USD' }), revoked()]
  const own = [partial, FIRST, whole]
  const { versions } = historyOf(NOTHING, own)
  expect(versions).toEqual([FIRST, whole, partial].map(staged))
  expect(versions.map(({ isPartial }) => isPartial)).toEqual([false, false, true])
  expect(historyOf({ staged: own.map(staged), logged: [] }, own).versions).toEqual(versions)
})

test('a message that came in two runs is two versions, and two messages of one run are', () => {
  const again = { ...FIRST, runId: 'batch-again' }
  const beside = { ...bought({ event_id: 'p2' }), runId: FIRST.runId }
  const facts = { staged: [again, beside, FIRST].map(staged), logged: [] }
  const idsOf = historyOf(facts, [FIRST]).versions.map(({ messageId, runId }) => [messageId, runId])
  expect(new Set(idsOf.map((ids) => JSON.stringify(ids))).size).toBe(3)
  expect(idsOf).toHaveLength(3)
})

test('of two messages that were published at the same time, the one with the greater id is the newer', () => {
  const [lower, greater] = [
    { ...bought({ amount: 1 }), messageId: 'm-1' },
    { ...bought({ amount: 2 }), messageId: 'm-2' },
  ]
  for (const rows of [
    [accepted(lower), accepted(greater)],
    [accepted(greater), accepted(lower)],
  ])
    expect(
      historyOf({ staged: [], logged: rows }, []).accepted.map(({ messageId }) => messageId),
    ).toEqual(['m-1', 'm-2'])
  const held = plan([lower], { staged: [staged(greater)], logged: [] })
  expect(held).toMatchObject({ call: null, held: [{ reason: 'superseded' }] })
})

test('an event that Segment has accepted in this run is settled', () => {
  const facts = { staged: [staged(FIRST)], logged: [accepted(FIRST)] }
  expect(plan([FIRST], facts)).toEqual({
    call: null,
    inDoubt: [],
    held: [],
    waiting: [],
    settled: [FIRST],
  })
  const elsewhere = { ...FIRST, runId: 'batch-again' }
  expect(plan([elsewhere], facts)).toMatchObject({
    settled: [],
    held: [{ reason: 'already_activated' }],
  })
})

test('a call tells of its events with the oldest first, and says which of them Segment may have', () => {
  const [older, newer] = [bought({ event_id: 'p2' }, 1), bought({ event_id: 'p3' }, 2)]
  const own = [newer, older].map((one) => ({ ...one, runId: 'batch-1' }))
  const sending = own.slice(1).map((one) => logged(one, { outcome: 'sending' }))
  const planned = plan(own, { staged: [], logged: sending })
  expect(planned.call?.deliveries).toEqual(own.toReversed())
  expect(planned.inDoubt).toEqual(own.slice(1))
})

test('whether Segment may have an event is said by its own newest record of an attempt', () => {
  const at = (second: number) => ({ recordedAt: `2026-11-20T10:00:0${second}.000000Z` })
  const inDoubt = (...rows: LoggedOutcome[]) =>
    plan([FIRST], { staged: [], logged: rows }).inDoubt.length
  const sending = logged(FIRST, { outcome: 'sending', ...at(1) })
  const unsent = logged(FIRST, { outcome: 'unsent', ...at(2) })
  expect(inDoubt(sending)).toBe(1)
  expect(inDoubt(unsent, sending)).toBe(0)
  expect(inDoubt(sending, logged(FIRST, { outcome: 'waiting', ...at(3) }))).toBe(1)
  expect(inDoubt({ ...sending, messageId: 'other' })).toBe(0)
  expect(inDoubt({ ...sending, runId: 'other' })).toBe(0)
  expect(inDoubt(sending, { ...unsent, runId: 'other' })).toBe(1)
})

const waited = (of: Delivery) => logged(of, { outcome: 'waiting' })
const isSent = { held: [], waiting: [] }
const inProgress = { call: null, waiting: [{ reason: 'order_in_progress' }] }

describe('a first purchase', () => {
  test.each([
    ['a part of the order', part('p1', 5)],
    ['the order of another customer', revoked({ customer_id: 'C2' })],
  ])('is sent although %s was cancelled', (_, other) => {
    const facts = { staged: [staged(FIRST), staged(other)], logged: [waited(other)] }
    expect(plan([FIRST], facts)).toMatchObject({ ...isSent, call: { kind: 'completed' } })
  })

  test('is not superseded by the same contents that came again', () => {
    const again = bought({ timestamp: FIRST.event.timestamp }, 9)
    const facts = { staged: [staged(again)], logged: [notActivated(again, 'partner_off')] }
    expect(plan([FIRST], facts)).toMatchObject({ ...isSent, call: { kind: 'completed' } })
  })
})

test('a conversion is changed for 54 days, and not a minute longer', () => {
  const facts = { staged: [], logged: [accepted(FIRST)] }
  const after = (minute: number) => {
    const events = [bought({ amount: 1 }, minute), revoked({}, minute)]
    return events.map((event) => {
      const { call, held } = plan([event], facts, minute)
      return call?.kind ?? held[0]?.reason
    })
  }
  expect(after(54 * DAY)).toEqual(['updated', 'cancelled'])
  expect(after(54 * DAY + 1)).toEqual(['outside_ads_window', 'outside_ads_window'])
})

test('the first pass of a batch leaves every cancellation to the events that wait', () => {
  const facts = { staged: [], logged: [accepted(FIRST)] }
  for (const event of [revoked(), part('c2', 5)])
    expect(plan([event], facts, 60, { takesCancellations: false })).toMatchObject({
      call: null,
      held: [],
      waiting: [{ reason: 'purchase_awaited' }],
    })
})

describe('a cancellation waits for a purchase', () => {
  const second = bought({ event_id: 'p2' }, 1)
  const other = bought({ event_id: 'p3', customer_id: 'C2' }, 1)

  test.each([
    ['of its customer, where that of another was held back', [other], [other]],
    ['that is on its way, where another one was held back', [FIRST, second], [FIRST]],
  ])('%s', (_, purchases, held) => {
    const facts = {
      staged: purchases.map(staged),
      logged: held.map((one) => notActivated(one, 'partner_off')),
    }
    expect(plan([revoked()], facts)).toMatchObject({
      held: [],
      waiting: [{ reason: 'purchase_awaited' }],
    })
  })
})

describe('an event of an order that Segment was told of', () => {
  const told = accepted(FIRST)
  const own = part('c2', 6)
  const ofOrder = (event: Delivery, others: readonly Delivery[], ...rows: LoggedOutcome[]) =>
    plan([event], { staged: others.map(staged), logged: [told, ...rows] })

  test.each([
    ['waits for an earlier one, which goes first', part('c1', 5), false],
    ['does not wait for a later one', part('c3', 7), true],
    ['does not wait for a later purchase', bought({ event_id: 'p2' }, 7), true],
    [
      'does not wait for the cancellation of another customer',
      revoked({ customer_id: 'C2' }),
      true,
    ],
    ['waits for a cancellation of the whole order', revoked({}, 7), false],
  ])('that has waited %s', (_, other, goes) => {
    const planned = ofOrder(own, [other], waited(other), waited(own))
    expect(planned).toMatchObject(goes ? { ...isSent, call: { kind: 'updated' } } : inProgress)
  })

  test('waits once for any other that waits, since that may be sent at this moment', () => {
    const other = part('c3', 7)
    expect(ofOrder(own, [other], waited(other))).toMatchObject(inProgress)
    const rows = [waited(other), logged(own, { outcome: 'unsent' })]
    expect(ofOrder(own, [other], ...rows)).toMatchObject(inProgress)
  })

  test.each([
    ['has not waited', []],
    ['may be at Segment', ['waiting', 'sending']],
  ] as const)('waits for one that %s, even as the cancellation of all', (_, outcomes) => {
    const other = part('c3', 7)
    const rows = outcomes.map((outcome) => logged(other, { outcome }))
    for (const event of [own, revoked()])
      expect(ofOrder(event, [other], ...rows, waited(event))).toMatchObject(inProgress)
  })

  test.each([
    ['Segment was told of', (other: Delivery) => accepted(other, 'Order Updated', '44000')],
    ['was held back', (other: Delivery) => notActivated(other, 'partner_off')],
    ['has failed', (other: Delivery) => logged(other, { outcome: 'failed' })],
  ])('does not wait for an earlier one that %s', (_, record) => {
    const other = part('c1', 5)
    expect(ofOrder(own, [other], record(other))).toMatchObject({
      ...isSent,
      call: { kind: 'updated' },
    })
    const elsewhere = { ...record({ ...other, runId: 'batch-else' }), contentHash: 'another' }
    expect(ofOrder(own, [other], elsewhere)).toMatchObject(inProgress)
  })
})

test('of a message that came in two runs, the run with the lesser id goes first', () => {
  const [one, other] = ['batch-1', 'batch-2'].map((runId) => ({ ...FIRST, runId }))
  if (!one || !other) throw new Error('two runs')
  const facts = { staged: [one, other].map(staged), logged: [waited(one), waited(other)] }
  expect(plan([one], facts)).toMatchObject({ ...isSent, call: { kind: 'completed' } })
  expect(plan([other], facts)).toMatchObject(inProgress)
})

test('a redrive does not wait for the run that brought its message before, and a redelivery does', () => {
  const facts = { staged: [staged(FIRST)], logged: [] }
  const redriven = { ...FIRST, runId: 'dead-letter/batch-1/dealer-7-0/activation' }
  expect(plan([redriven], facts)).toMatchObject({ ...isSent, call: { kind: 'completed' } })
  const another = staged(bought({ event_id: 'p2' }))
  const others = { ...facts, staged: [...facts.staged, another] }
  expect(plan([redriven], others)).toMatchObject(inProgress)
  expect(plan([{ ...FIRST, runId: 'batch-again' }], facts)).toMatchObject(inProgress)
})

test('an event without a final record is waited for during a week, and then while its run is open', () => {
  const second = bought({ event_id: 'p2' }, 1)
  const facts = { staged: [staged(FIRST), staged(second)], logged: [] }
  const after = (minute: number) => [
    plan([second], facts, minute).waiting.length,
    unsettledRuns(facts, second.runId, START + minute * 60_000),
  ]
  expect(after(7 * DAY - 1)).toEqual([1, []])
  expect(after(7 * DAY)).toEqual([0, [FIRST.runId]])
})
