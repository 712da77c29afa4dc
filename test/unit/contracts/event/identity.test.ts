// What is the same event, what is a duplicate of it, and what is a correction.

import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type CarEvent, duplicatesOf, identityOf, type Message, readEvent } from '#contracts'
import { message, purchase } from '../../../fixtures/messages.ts'

function read(data: object | string): CarEvent {
  const parsed = readEvent(message(data))
  if (!parsed.accepted) throw new Error(JSON.stringify(parsed.violations))
  return parsed.event
}

const full = {
  ...purchase,
  event_id: 'e1',
  partner_id: 'dealer-7',
  amount: 45000.5,
  currency: 'EUR',
  email: 'jane@example.com',
  phone: '+4915112345678',
  gclid: 'g1',
  gbraid: 'g2',
  wbraid: 'g3',
  consent: { ad_user_data: true, ad_personalization: false },
  vehicle: { vin: 'V1', make: 'Audi', model: 'Q5', year: 2026 },
  schema_version: '1',
}

describe('the same contents are', () => {
  const json = JSON.stringify(full)
  test.each([
    ['a field the contract does not name', { ...full, sent_at: 'retry 2' }],
    ['another unknown field of the vehicle', { ...full, vehicle: { ...full.vehicle, doors: 5 } }],
    ['another order of the fields', Object.fromEntries(Object.entries(full).toReversed())],
    [
      'another order of the consent categories',
      { ...full, consent: { ad_personalization: false, ad_user_data: true } },
    ],
    ['the same instant at another offset', { ...full, timestamp: '2026-11-19T20:32:00+01:00' }],
    ['the same instant in lower case', { ...full, timestamp: '2026-11-19t19:32:00z' }],
    ['the same instant with a fraction', { ...full, timestamp: '2026-11-19T19:32:00.000Z' }],
    ['more digits than microseconds', { ...full, timestamp: '2026-11-19T19:32:00.0000001Z' }],
    ['an amount with zeros at its end', json.replace('45000.5', '45000.500')],
    ['an amount with an exponent', json.replace('45000.5', '4.50005e4')],
    ['an amount in the smallest steps', json.replace('45000.5', '450005000e-4')],
    ['a version that is a number', { ...full, schema_version: 1 }],
    ['a year with an exponent', json.replace('2026}', '2.026e3}')],
  ])('%s', (_what, other) => {
    expect(identityOf(read(other))).toEqual(identityOf(read(full)))
    expect(read(other).content_hash).toBe(read(full).content_hash)
  })

  test.each([
    ['null', { email: null, consent: null, vehicle: null, schema_version: null }],
    ['an empty vehicle and no consent', { vehicle: {}, consent: {} }],
    ['a vehicle of which nothing is known', { vehicle: { vin: null, doors: 5 } }],
  ])('an absent field and %s', (_what, more) => {
    expect(read({ ...purchase, ...more }).content_hash).toBe(read(purchase).content_hash)
  })
})

describe('other contents are', () => {
  const changes = {
    event_id: 'e2',
    partner_id: 'dealer-8',
    order_id: 'A002',
    customer_id: 'C102',
    car_model: 'Hatch',
    amount: 45000.500000001,
    currency: 'USD',
    timestamp: '2026-11-19T19:32:00.000001Z',
    email: 'joe@example.com',
    phone: '+4915112345679',
    gclid: 'h1',
    gbraid: 'h2',
    wbraid: 'h3',
    consent: { ad_user_data: true, ad_personalization: true },
    schema_version: '2',
  }
  const vehicles = { vin: 'V2', make: 'BMW', model: 'X5', year: 2025 }
  const variants = [
    ...Object.entries(changes).map(([name, value]) => ({ ...full, [name]: value })),
    ...Object.entries(vehicles).map(([name, value]) => ({
      ...full,
      vehicle: { ...full.vehicle, [name]: value },
    })),
  ]

  test('every field of the contract with another value, or without one', () => {
    const optional = Object.keys(full).filter((name) => !(name in purchase))
    const without = optional.map((name) => ({ ...full, [name]: undefined, partner_id: 'dealer-7' }))
    const hashes = [full, ...variants, ...without.slice(2)].map((event) => read(event).content_hash)
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  test('values that stand in another field', () => {
    const hashes = ['gclid', 'gbraid', 'wbraid', 'email', 'phone', 'schema_version'].map(
      (name) => read({ ...purchase, [name]: 'x' }).content_hash,
    )
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  test('a cancellation with the fields of a purchase', () => {
    const cancelled = read({ ...purchase, type: 'cancellation', reason: 'x' })
    expect(cancelled.content_hash).not.toBe(read(purchase).content_hash)
  })
})

test('the hash of an event is pinned: another hash would make every retry a correction', () => {
  expect(read(full).content_hash).toBe('e9b35db7c0519299dd67f5151b3034cf')
  expect(read(purchase).content_hash).toBe('2b4c409b53888e346346568c92a61df1')
})

describe('the identity', () => {
  test('is partner, type, order and event id, whatever else the event says', () => {
    const other = { ...full, amount: 1, timestamp: '2026-11-18T00:00:00Z', car_model: 'Hatch' }
    expect(identityOf(read(full))).toEqual(['dealer-7', 'purchase', 'A001', 'e1'])
    expect(identityOf(read(other))).toEqual(identityOf(read(full)))
  })

  test('is partner, type and contents where the partner gives no event id', () => {
    const one = read(purchase)
    expect(one.event_id).toBe(`derived-${one.content_hash}`)
    expect(one.event_id).toMatch(/^derived-[0-9a-f]{32}$/)
    expect(identityOf(read({ ...purchase, sent: 2 }))).toEqual(identityOf(one))
    expect(identityOf(read({ ...purchase, amount: 1 }))).not.toEqual(identityOf(one))
  })

  test('of an event that gives the derived id of another is not derived', () => {
    const { event_id, content_hash } = read({ ...purchase, event_id: read(purchase).event_id })
    expect(event_id).not.toBe(`derived-${content_hash}`)
  })
})

describe('a duplicate', () => {
  const delivered = (messages: readonly Message[]) =>
    messages.map((one, index) => {
      const parsed = readEvent(one)
      if (!parsed.accepted) throw new Error('rejected')
      return { index, message: one, event: parsed.event }
    })

  test.each([
    ['the older', '2026-11-20T10:00:00.000000Z', '2026-11-20T10:00:00.000001Z', [0]],
    ['the newer first', '2026-11-20T10:00:00.000001Z', '2026-11-20T10:00:00.000000Z', [1]],
    ['times of different length', '2026-11-20T10:00:00Z', '2026-11-20T10:00:00.5Z', [0]],
    ['the same time, by message id', '2026-11-20T10:00:00Z', '2026-11-20T10:00:00.000000Z', [0]],
  ])('is all but the newest: %s', (_what, first, second, duplicates) => {
    const messages = [
      message(full, { messageId: '1', publishTime: first }),
      message(full, { messageId: '2', publishTime: second }),
    ]
    expect(duplicatesOf(delivered(messages))).toEqual(duplicates)
  })

  test('of the same message is the second delivery', () => {
    const one = message(full)
    expect(duplicatesOf(delivered([one, one]))).toEqual([1])
  })

  test('is no event with other contents, and no event of another order with the same event id', () => {
    const versions = [full, { ...full, amount: 1 }, { ...full, order_id: 'A002' }]
    expect(duplicatesOf(delivered(versions.map((data) => message(data))))).toEqual([])
  })

  test('leaves the newest of each version, in whatever order the messages come', () => {
    const given = fc.array(fc.record({ amount: fc.integer({ min: 1, max: 3 }), at: fc.nat(9) }))
    fc.assert(
      fc.property(given, (events) => {
        const messages = events.map(({ amount, at }, index) =>
          message(
            { ...full, amount },
            { messageId: `${index}`, publishTime: `2026-11-20T10:00:0${at}Z` },
          ),
        )
        const duplicates = new Set(duplicatesOf(delivered(messages)))
        const kept = events.filter((_, index) => !duplicates.has(index))
        const newest = [1, 2, 3].flatMap((amount) => {
          const times = events.filter((event) => event.amount === amount).map(({ at }) => at)
          return times.length === 0 ? [] : [{ amount, at: Math.max(...times) }]
        })
        expect(new Set(kept.map((one) => JSON.stringify(one)))).toEqual(
          new Set(newest.map((one) => JSON.stringify(one))),
        )
        expect(kept).toHaveLength(newest.length)
      }),
    )
  })
})
