// However many partners a batch's failed events have, a bounded number of dead letters holds each of them once.

import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import {
  type DeadLetter,
  deadLetterId,
  type EventFailure,
  MAX_DEAD_LETTER_BYTES,
  MAX_PARTNERS_APART,
  type Message,
  partnerOf,
} from '#contracts'
import { buildDeadLetters } from '../../../activities/build-dead-letters.ts'
import { wordsOf } from '../../../activities/open-dead-letters.ts'
import { readEach } from '../../../activities/read-batch.ts'
import { message, purchase } from '../../fixtures/messages.ts'

const of = { batchId: 'batch-1', stage: 'validation' } as const

const NO_ORDER = { ...purchase, order_id: undefined }

/** A failed event for each of these partners. */
function lettersOf(partnerIds: readonly string[], data: object | string = NO_ORDER): DeadLetter[] {
  const messages = partnerIds.map(
    (_, index): Message => message(data, { messageId: `m${index}`, attributes: {} }),
  )
  const failedEvents = partnerIds.map(
    (partnerId, index): EventFailure => ({ index, partnerId, reasons: ['order_id_missing'] }),
  )
  return buildDeadLetters(readEach(messages), failedEvents, of)
}

const idsOf = (letters: readonly DeadLetter[]) =>
  letters.map((letter) => deadLetterId(wordsOf(letter)))

const partners = (count: number) => Array.from({ length: count }, (_, i) => `dealer-${i}`)

const shared = (letters: readonly DeadLetter[]) =>
  letters.filter(({ partnerId }) => partnerId === '(several)')

test.each([
  [MAX_PARTNERS_APART, MAX_PARTNERS_APART, 0],
  [MAX_PARTNERS_APART + 1, MAX_PARTNERS_APART + 1, 0],
  [MAX_PARTNERS_APART + 2, MAX_PARTNERS_APART + 1, 1],
  [2_000, MAX_PARTNERS_APART + 1, 1],
])('%d partners make %d dead letters, of which %d is shared', (count, all, several) => {
  const letters = lettersOf(partners(count))
  expect([letters.length, shared(letters).length]).toEqual([all, several])
})

test('those with the most failed events have one of their own, and of equals the first by id', () => {
  const noisy = Array.from({ length: 5 }, () => 'zulu')
  const letters = lettersOf([...partners(40), ...noisy])
  const apart = letters.filter((letter) => !shared([letter]).length).map((one) => one.partnerId)
  const first = partners(40)
    .toSorted()
    .slice(0, MAX_PARTNERS_APART - 1)
  expect(apart.toSorted()).toEqual([...first, 'zulu'])
})

test('a shared one says how many partners it is about, and names the three most frequent', () => {
  const twice = Array.from({ length: MAX_PARTNERS_APART }, (_, i) => [`a${i}`, `a${i}`, `a${i}`])
  const letters = lettersOf([...twice.flat(), 'c', 'b', 'b', ...partners(40), 'jane@example.com'])
  expect(shared(letters).map(({ whose }) => whose)).toEqual([
    '43 partners (b: 2, c: 1, dealer-0: 1, …)',
  ])
})

test('events whose partner is unknown share one dead letter', () => {
  expect(lettersOf(Array.from({ length: 500 }, () => 'unknown'))).toHaveLength(1)
})

test('a partner that calls itself as shared dead letters are called keeps its own', () => {
  const [letter, ...others] = lettersOf(['(several)', '(several)'])
  expect(others).toEqual([])
  expect(letter?.whose).toMatch(/^hidden-[0-9a-f]{8}$/)
  expect(letter?.events.map(({ partnerId }) => partnerId)).toEqual([undefined, undefined])
})

test('a batch of tiny events that break as many rules as they can makes a bounded number', () => {
  const empty = ['order_id', 'customer_id', 'car_model', 'email', 'phone', 'gclid', 'gbraid']
  const event = JSON.stringify({
    type: 'purchase',
    ...Object.fromEntries(empty.map((field) => [field, ''])),
    vehicle: { vin: '', make: '', model: '', year: 1 },
  })
  const letters = lettersOf(partners(2_000), event)
  // 2,000 of them are more than the 1.25 MB of a batch would hold.
  expect(letters.length).toBeLessThanOrEqual(MAX_PARTNERS_APART + 15)
  for (const { events } of letters)
    expect(Buffer.byteLength(JSON.stringify(events))).toBeLessThanOrEqual(MAX_DEAD_LETTER_BYTES)
})

const batch = fc
  .array(fc.oneof(fc.string({ maxLength: 3 }), fc.nat(400).map(String)), {
    maxLength: 300,
    size: 'max',
  })
  .map((ids) => ids.map((id) => `p${id}`))

test('each failed event is in one dead letter, with its partner; the same batch makes the same ones', () => {
  fc.assert(
    fc.property(batch, (partnerIds) => {
      const letters = lettersOf(partnerIds)
      expect(letters.length).toBeLessThanOrEqual(MAX_PARTNERS_APART + 1)
      const found = letters.flatMap((letter) =>
        letter.events.map((event) => [event.messageId, partnerOf(letter, event)] as const),
      )
      expect(found.length).toBe(partnerIds.length)
      expect(new Map(found)).toEqual(new Map(partnerIds.map((id, index) => [`m${index}`, id])))
      const ids = idsOf(letters)
      expect(new Set(ids).size).toBe(ids.length)
      expect(idsOf(lettersOf(partnerIds))).toEqual(ids)
    }),
    { numRuns: 60 },
  )
})

test('a shared one with another partner among its partners has another id', () => {
  const [id, other] = [partners(30), [...partners(30), 'zulu']].map((ids) =>
    idsOf(shared(lettersOf(ids))),
  )
  expect(id).toEqual([expect.stringMatching(/^dead-letter\/batch-1\/several-[0-9a-f]{8}\/valid/)])
  expect(other).not.toEqual(id)
})
