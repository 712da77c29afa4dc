// The age of the oldest message that the bridge holds, and why each batch was cut.

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import * as fc from 'fast-check'
import { causesOf, endOf } from '../../../bridge/count-batches.ts'
import { cutBatches } from '../../../bridge/cut-batches.ts'
import { createHeld } from '../../../bridge/held.ts'
import type { Delivery } from '../../../bridge/source.ts'
import { deliveries, delivery } from './deliveries.ts'

const NOW = Date.parse('2026-11-20T10:00:00Z')

beforeEach(() => void jest.spyOn(Date, 'now').mockReturnValue(NOW))
afterEach(() => void jest.restoreAllMocks())

const secondsAgo = (seconds: number): Delivery => {
  const publishTime = new Date(NOW - seconds * 1000).toISOString().replace('Z', '000Z')
  const one = delivery(Buffer.from('x'))
  return { ...one, message: { ...one.message, publishTime } }
}

test('the oldest message is that of all pulls whose deliveries are not released', () => {
  const held = createHeld()
  expect(held.oldestSeconds()).toBe(0)
  const [first, second] = [[secondsAgo(5), secondsAgo(90), secondsAgo(2)], [secondsAgo(30)]]
  held.hold(first)
  held.hold(second)
  held.hold([])
  expect(held.oldestSeconds()).toBe(90)
  held.release(first)
  expect(held.oldestSeconds()).toBe(30)
  held.release(second)
  expect(held.oldestSeconds()).toBe(0)
})

test('a replayed message waits since the replay', () => {
  const held = createHeld()
  const [replay, replayedAt] = [secondsAgo(9_000), secondsAgo(4).message.publishTime]
  held.hold([{ ...replay, message: { ...replay.message, redrivenAt: replayedAt } }, secondsAgo(2)])
  expect(held.oldestSeconds()).toBe(4)
})

test('a publish time of a clock that is ahead is an age of 0', () => {
  const held = createHeld()
  held.hold([secondsAgo(-60)])
  expect(held.oldestSeconds()).toBe(0)
})

describe('why a batch was cut', () => {
  const CAPS = { maxEvents: 3, maxBytes: 1_000 }
  const sized = (bytes: number) => delivery(Buffer.alloc(bytes), { attributes: {} })

  test.each([
    ['as many events as it takes', deliveries(3), false, 'events'],
    ['as many bytes as it takes', [sized(1_000)], false, 'bytes'],
    ['the time that the first may wait', deliveries(2), false, 'linger'],
    ['the end of the bridge', deliveries(2), true, 'drain'],
  ])('%s', (_, all, isStopping, cause) => {
    expect(endOf(all, CAPS, isStopping)).toBe(cause)
  })

  test('only the last batch has the cause of the end', () => {
    const groups = cutBatches(deliveries(7), CAPS)
    expect(causesOf(groups, CAPS, 'linger')).toEqual(['events', 'events', 'linger'])
    const large = cutBatches([sized(600), sized(600), sized(2_000_000), sized(1)], CAPS)
    expect(causesOf(large, CAPS, 'drain')).toEqual(['bytes', 'drain', 'message_too_large'])
  })

  test('each batch has one cause', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_500), { maxLength: 20 }), (sizes) => {
        const groups = cutBatches(sizes.map(sized), CAPS)
        const causes = causesOf(groups, CAPS, 'linger')
        expect(causes).toHaveLength(groups.length)
        expect(causes.filter((cause) => cause === 'linger').length).toBe(groups.length > 0 ? 1 : 0)
      }),
    )
  })
})
