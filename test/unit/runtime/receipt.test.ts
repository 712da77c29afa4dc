// The receipt of a batch says which messages it has, whatever their order and contents.

import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { messagesOf, receiptIn } from '#contracts'
import { receiptFor } from '#runtime/receipt'
import { message } from '../../fixtures/messages.ts'

const at = (messageId: string, publishTime = '2026-11-20T10:00:00.000000Z') =>
  message('event', { messageId, publishTime })

const someIds = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20 }), {
  minLength: 1,
  maxLength: 30,
})

test('the same messages have the same receipt in any order, and however often each is there', () => {
  const shuffled = someIds.chain((ids) =>
    fc.tuple(fc.constant(ids), fc.shuffledSubarray(ids, { minLength: ids.length })),
  )
  fc.assert(
    fc.property(shuffled, ([ids, others]) => {
      const twice = [...others, ...others.slice(0, 3)].map((id) => at(id))
      expect(receiptFor(twice)).toEqual(receiptFor(ids.map((id) => at(id))))
    }),
  )
})

test('every message counts once, and one more or another one is another digest', () => {
  fc.assert(
    fc.property(someIds, fc.string({ minLength: 1, maxLength: 20 }), (ids, other) => {
      fc.pre(!ids.includes(other))
      const receipt = receiptFor(ids.map((id) => at(id)))
      expect(messagesOf(receipt)).toBe(ids.length)
      const more = receiptFor([...ids, other].map((id) => at(id)))
      const instead = receiptFor([...ids.slice(1), other].map((id) => at(id)))
      expect(new Set([receipt, more, instead].map(({ digest }) => digest)).size).toBe(3)
    }),
  )
})

test('the digest is what anybody can compute: SHA-256 of the sorted ids, a line each', () => {
  const expected = createHash('sha256').update('1\n2\n30').digest('hex')
  expect(receiptFor(['30', '1', '2'].map((id) => at(id))).digest).toBe(expected)
})

test('messages are counted by the UTC day they were published on, each day with its oldest', () => {
  const receipt = receiptFor([
    at('1', '2026-11-20T23:59:59.999999Z'),
    at('2', '2026-11-21T00:00:01.000000Z'),
    at('3', '2026-11-21T00:00:00.000000Z'),
  ])
  expect(receipt.days).toEqual([
    { oldest: '2026-11-20T23:59:59.999999Z', messages: 1 },
    { oldest: '2026-11-21T00:00:00.000000Z', messages: 2 },
  ])
})

test('a message in parts counts with its first, and each part has a digest of its own', () => {
  const parts = [0, 1, 2].map((index) => receiptFor([{ ...at('m'), part: { index, of: 3 } }]))
  expect(parts.map(messagesOf)).toEqual([1, 0, 0])
  expect(new Set(parts.map(({ digest }) => digest)).size).toBe(3)
})

test('a message that is its only part is the message', () => {
  expect(receiptFor([{ ...at('m'), part: { index: 0, of: 1 } }])).toEqual(receiptFor([at('m')]))
})

test.each([undefined, {}, { receipt: null }, { receipt: 'x' }, { receipt: { digest: 'x' } }])(
  'the memo %j of an older bridge has no receipt',
  (memo) => {
    expect(receiptIn(memo)).toBeNull()
  },
)

test('a receipt is found in the memo it was put into', () => {
  const receipt = receiptFor([at('1')])
  expect(receiptIn({ receipt })).toEqual(receipt)
})
