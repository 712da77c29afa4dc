// Made events: as many as asked, the same for the same seed, and broken or repeated in the shares that were asked for.

import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { readEvent } from '#contracts'
import { BREAKS } from '../../../deploy/local/events/invalid-events.ts'
import { type Mix, makeMessages } from '../../../deploy/local/events/messages.ts'
import { createEventSource } from '../../../deploy/local/events/valid-events.ts'
import { message } from '../../fixtures/messages.ts'

const NOW = new Date('2026-11-28T12:00:00Z')
const MIX: Mix = { count: 200, partners: 4, invalid: 0, repeated: 0, seed: 7 }

const make = (mix: Partial<Mix> = {}) => [...makeMessages({ ...MIX, ...mix }, NOW)]
const publishTime = `${NOW.toISOString().slice(0, -1)}000Z`
const readings = (mix: Partial<Mix>) =>
  make(mix).map(({ data, attributes }) =>
    readEvent(message(new Uint8Array(data ?? []), { attributes: attributes ?? {}, publishTime })),
  )

/** Of all messages: some have a megabyte, which takes seconds to compare. */
function digestOf(mix: Partial<Mix>): string {
  const hash = createHash('sha256')
  for (const { data, attributes } of make(mix))
    hash.update(data ?? '').update(JSON.stringify(attributes))
  return hash.digest('hex')
}

test('there are as many as asked, and the same for the same seed and day', () => {
  const mix = { invalid: 0.2, repeated: 0.2 }
  expect([make(mix).length, make({ count: 0 }).length]).toEqual([200, 0])
  expect(digestOf(mix)).toBe(digestOf(mix))
  expect(digestOf({ ...mix, seed: 8 })).not.toBe(digestOf(mix))
})

test('every good one keeps the contract, of as many partners as asked', () => {
  const events = readings({}).map((one) => (one.accepted ? one.event.partner_id : one.violations))
  expect(new Set(events)).toEqual(new Set(['dealer-1', 'dealer-2', 'dealer-3', 'dealer-4']))
})

test('every broken one is refused, and together they break every rule', () => {
  const reasons = readings({ invalid: 1 }).map((one) =>
    one.accepted ? ['accepted'] : one.violations.map(({ reason }) => reason),
  )
  const broken = new Set(reasons.flat())
  expect(broken).not.toContain('accepted')
  expect([...BREAKS.keys()].filter((reason) => !broken.has(reason))).toEqual([])
})

test('Pub/Sub takes every one: each has data or attributes', () => {
  const empty = make({ invalid: 1 }).filter(
    ({ data, attributes }) => !data?.length && Object.keys(attributes ?? {}).length === 0,
  )
  expect(empty).toEqual([])
})

test('broken and repeated ones have the shares that were asked for', () => {
  const mix = { count: 800, invalid: 0.1, repeated: 0.3 }
  const all = make(mix)
  const refused = readings(mix).filter(({ accepted }) => !accepted).length
  expect(refused / all.length).toBeCloseTo(0.1, 1)
  expect(new Set(all).size / all.length).toBeCloseTo(0.7, 1)
})

test('a fifth of the events are cancellations: mostly of an order that was bought before, and of each once', () => {
  const source = createEventSource(7, 3, NOW)
  const events = Array.from({ length: 2_000 }, () => source.next().event)
  const bought = new Map<unknown, string>()
  const cancelled = new Set<unknown>()
  const wrong: unknown[] = []
  let known = 0
  let old = 0
  for (const { type, order_id, timestamp } of events) {
    const time = String(timestamp)
    expect(Date.parse(time)).toBeLessThanOrEqual(Date.parse('2026-11-28T00:00:00Z'))
    if (Date.parse(time) < NOW.getTime() - 90 * 86_400_000) old += 1
    if (type === 'purchase') bought.set(order_id, time)
    else {
      const purchasedAt = bought.get(order_id)
      if (cancelled.has(order_id) || time < (purchasedAt ?? '')) wrong.push(order_id)
      cancelled.add(order_id)
      if (purchasedAt !== undefined) known += 1
    }
  }
  expect(wrong).toEqual([])
  expect(cancelled.size / events.length).toBeCloseTo(0.2, 1)
  expect(known / cancelled.size).toBeCloseTo(0.8, 1)
  // Google Ads does not take these any more.
  expect(old / events.length).toBeGreaterThan(0.01)
  expect(old / events.length).toBeLessThan(0.05)
})

test('every second partner sends ids, attribution and its name in the event, and the others the bare fields', () => {
  const source = createEventSource(7, 2, NOW)
  const events = Array.from({ length: 100 }, () => source.next())
  const purchases = events.filter(({ event }) => event['type'] === 'purchase')
  for (const { partner, attributes, event } of purchases) {
    const isModern = partner === 'dealer-1'
    expect(attributes).toEqual(isModern ? {} : { partner_id: 'dealer-2' })
    expect(event['partner_id']).toBe(isModern ? 'dealer-1' : undefined)
    for (const field of ['event_id', 'currency', 'email', 'phone', 'consent', 'vehicle'])
      expect([field, event[field] !== undefined]).toEqual([field, isModern])
  }
})
