// The identity of an event: partner, type and event id, each of which sets two events apart.

import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createDuplicateFinder, derivedEventId, identityOf } from '#contracts'

const event = { partner_id: 'dealer-7', type: 'purchase', event_id: 'e1' } as const

const words = fc.record({
  partner_id: fc.string(),
  type: fc.constantFrom('purchase' as const, 'cancellation' as const),
  event_id: fc.string(),
})

describe('a duplicate', () => {
  test('is an event whose identity came before, whatever else it says', () => {
    const isDuplicate = createDuplicateFinder()
    expect(isDuplicate(event)).toBe(false)
    expect(isDuplicate({ ...event })).toBe(true)
  })

  test.each([
    ['partner', { partner_id: 'dealer-8' }],
    ['type', { type: 'cancellation' }],
    ['event id', { event_id: 'e2' }],
  ] as const)('is not an event of another %s', (_what, other) => {
    const isDuplicate = createDuplicateFinder()
    isDuplicate(event)
    expect(isDuplicate({ ...event, ...other })).toBe(false)
  })

  test('is found exactly where the identities are equal, however the words are divided', () => {
    fc.assert(
      fc.property(words, words, (one, other) => {
        const isDuplicate = createDuplicateFinder()
        isDuplicate(one)
        const areEqual = identityOf(one).every((word, at) => word === identityOf(other)[at])
        expect(isDuplicate(other)).toBe(areEqual)
      }),
    )
  })
})

test('an event id is derived from partner, type, order and timestamp, and stays the same', () => {
  const order = {
    type: 'purchase',
    order_id: 'A001',
    timestamp: '2025-11-01T19:32:00.000000Z',
  } as const
  const id = derivedEventId('dealer-7', order)
  expect(id).toMatch(/^derived-[0-9a-f]{32}$/)
  const others = [
    derivedEventId('dealer-8', order),
    derivedEventId('dealer-7', { ...order, type: 'cancellation' }),
    derivedEventId('dealer-7', { ...order, order_id: 'A002' }),
    derivedEventId('dealer-7', { ...order, timestamp: '2025-11-01T19:32:00.000001Z' }),
  ]
  expect(new Set([id, ...others]).size).toBe(5)
})
