// What a dead letter says of its events: their size, their reasons, its search attributes, and what of it stays open.

import { describe, expect, test } from '@jest/globals'
import type { DeadEvent, DeadLetter } from '#contracts/batch'
import {
  fromCarried,
  toCarried,
  toCarriedWithin,
  toDeadEvent,
} from '#contracts/dead-letter/dead-event'
import { frameOf, othersOf } from '#contracts/dead-letter/open-events'
import { deadLetterAttributes } from '#contracts/dead-letter/search-attributes'
import {
  countReasons,
  isBatchReason,
  reasonAttribute,
  STAGES,
  sizeOf,
  verbOf,
  whoseOf,
} from '#contracts/dead-letter/vocabulary'
import { invalidValueReason } from '#contracts/sink-reasons'

const violation = (reason: string) => ({
  reason,
  path: '',
  expected: `not ${reason}`,
  received: '',
})
const failed = (...reasons: string[]) => ({ faults: reasons.map(violation) })

test.each([
  [1, undefined, '1 event'],
  [2, undefined, '2 events'],
  [1, 1, '1 batch of 1 message'],
  [1, 200, '1 batch of 200 messages'],
  [0, undefined, '0 events'],
])('%d events of %p messages are %s', (count, messages, size) => {
  const events = Array.from({ length: count })
  expect(sizeOf({ events, ...(messages !== undefined && { messages }) })).toBe(size)
})

test.each([
  ['validation', ['amount_missing'], 'rejected'],
  ['staging', ['warehouse_refused'], 'not staged'],
  ['activation', ['segment_refused'], 'not activated'],
  ['validation', ['batch_terminated'], 'not finished'],
  ['staging', ['amount_missing', 'batch_failed'], 'not finished'],
] as const)('at %s, events with %j are %s', (stage, reasons, verb) => {
  expect(verbOf({ stage, events: [failed('other'), failed(...reasons)] })).toBe(verb)
})

test.each([
  'batch_terminated',
  'batch_timed_out',
  'batch_canceled',
  'batch_failed',
  'change_events_unpublished',
  'batch_unreadable',
])('with %s nothing is wrong with the event', (reason) => {
  expect(isBatchReason(reason)).toBe(true)
})

test('stages are named in the order in which an event passes them', () => {
  expect(STAGES).toEqual(['validation', 'staging', 'activation'])
  expect(isBatchReason('amount_missing')).toBe(false)
})

test('an event counts once for a reason, and the most frequent reason is first', () => {
  const events = [failed('a'), failed('b', 'b', 'c'), failed('b'), failed('c'), failed('b', 'a')]
  expect(countReasons(events)).toEqual([
    { reason: 'b', expected: 'not b', events: 3 },
    { reason: 'a', expected: 'not a', events: 2 },
    { reason: 'c', expected: 'not c', events: 2 },
  ])
  expect(reasonAttribute(events)).toEqual(['b', 'a', 'c'])
  expect(reasonAttribute(events, ['c', 'd'])).toEqual(['b', 'a', 'c', 'd'])
})

test('forty reasons have room in the search attribute, and more are said to be more', () => {
  const names = Array.from({ length: 41 }, (_, i) => `reason_${i}`)
  expect(reasonAttribute(names.slice(1).map((name) => failed(name)))).toEqual(names.slice(1))
  expect(reasonAttribute(names.map((name) => failed(name)))).toEqual([
    ...names.slice(0, 40),
    '(more)',
  ])
})

test('whose a dead letter is, is what it says, or else its partner as far as that may be shown', () => {
  expect(whoseOf({ whose: '2 partners (a: 1, b: 1)', partnerId: '(several)' })).toBe(
    '2 partners (a: 1, b: 1)',
  )
  expect(whoseOf({ partnerId: 'dealer/7' })).toBe('dealer_7')
})

test('the reason of a refused value names its column where BigQuery does', () => {
  expect(invalidValueReason('currency')).toBe('warehouse_invalid_currency')
  expect(invalidValueReason()).toBe('warehouse_invalid')
})

const HEAD = {
  messageId: 'm1',
  publishTime: '2026-11-20T10:00:00.000000Z',
  attributes: { partner_id: 'dealer-7' },
}
const IDS = { type: 'purchase', eventId: 'e1', orderId: 'A1' } as const

test('an event of a dead letter has the ids that could be read, and its partner only where several share it', () => {
  const event = {
    ...HEAD,
    data: null,
    eventType: 'purchase',
    eventId: 'e1',
    orderId: 'A1',
    faults: [violation('a')],
  }
  expect(toDeadEvent(HEAD, IDS, [violation('a')])).toEqual(event)
  expect(toDeadEvent(HEAD, IDS, [violation('a')], 'dealer-7')).toEqual({
    ...event,
    partnerId: 'dealer-7',
  })
})

describe('the data of an event', () => {
  const CONTROL = Buffer.alloc(30, 1)
  const bytesOf = (value: object) => Buffer.byteLength(JSON.stringify(value))

  test('is text where it is UTF-8, else base64, and comes back byte for byte', () => {
    for (const [bytes, carried] of [
      [Buffer.from('{"é":1}'), { text: '{"é":1}' }],
      [Buffer.from([0xff, 0xfe]), { base64: '//4=' }],
    ] as const) {
      expect(toCarried(bytes)).toEqual(carried)
      expect(fromCarried(carried)).toEqual(bytes)
    }
  })

  test('is base64 where only that has room, and absent where neither has', () => {
    const text = { text: CONTROL.toString() }
    const base64 = { base64: CONTROL.toString('base64') }
    expect(toCarriedWithin(CONTROL, bytesOf(text))).toEqual(text)
    expect(toCarriedWithin(CONTROL, bytesOf(text) - 1)).toEqual(base64)
    expect(toCarriedWithin(CONTROL, bytesOf(base64))).toEqual(base64)
    expect(toCarriedWithin(CONTROL, bytesOf(base64) - 1)).toBeNull()
  })

  test('is of its own part of a buffer that several share', () => {
    const shared = new Uint8Array(Buffer.from('before{"a":1}after')).subarray(6, 13)
    expect(toCarried(shared)).toEqual({ text: '{"a":1}' })
    const bytes = new Uint8Array([1, 0xff, 0xfe, 2]).subarray(1, 3)
    expect(toCarried(bytes)).toEqual({ base64: '//4=' })
  })
})

const row = (partner_id: string) => ({ batch_id: 'batch-1', partner_id, stage: 'staging' as const })

test('the frame of open events is that of their dead letter', () => {
  const frame = { batchId: 'batch-1', stage: 'staging', part: 2 }
  expect(frameOf([row('dealer-7'), row('dealer-7')], 2)).toEqual({
    ...frame,
    isOfOnePartner: true,
    partnerId: 'dealer-7',
    whose: 'dealer-7',
  })
  expect(frameOf([row('dealer-7'), row('dealer-8')], 2)).toEqual({
    ...frame,
    isOfOnePartner: false,
    partnerId: '(several)',
    whose: '2 partners (dealer-7: 1, dealer-8: 1)',
  })
})

test('what an action leaves alone is said with each stage, reason and type once', () => {
  const left = [
    { stage: 'staging', type: 'purchase', ...failed('a', 'b') },
    { stage: 'validation', type: null, ...failed('b') },
    { stage: 'staging', type: 'purchase', ...failed('b') },
  ] as const
  expect(othersOf(left)).toEqual({
    events: 3,
    stages: ['staging', 'validation'],
    reasons: ['b', 'a'],
    eventTypes: ['purchase', 'unknown'],
  })
})

describe('the search attributes of a dead letter', () => {
  const event = (more: Partial<DeadEvent> = {}): DeadEvent => ({
    ...toDeadEvent(HEAD, IDS, [violation('a')]),
    ...more,
  })
  const LETTER: DeadLetter = {
    batchId: 'batch-1',
    partnerId: 'dealer-7',
    stage: 'validation',
    part: 0,
    events: [
      event(),
      event({ eventType: null, publishTime: '2026-11-20T09:00:00.000000Z' }),
      event({ eventType: 'purchase', faults: [violation('b')] }),
    ],
  }
  const attributesOf = (letter: DeadLetter) =>
    Object.fromEntries(deadLetterAttributes(letter).map(({ key, value }) => [key.name, value]))

  test('are those by which people find it', () => {
    expect(attributesOf(LETTER)).toEqual({
      PartnerId: 'dealer-7',
      Stage: 'validation',
      Reason: ['a', 'b'],
      EventType: ['purchase', 'unknown'],
      EventCount: 3,
      OldestEventAt: new Date('2026-11-20T09:00:00Z'),
      BatchId: 'batch-1',
    })
  })

  test('count the messages of a batch that could not be read', () => {
    expect(attributesOf({ ...LETTER, messages: 200 })['EventCount']).toBe(200)
  })

  test('say that several partners share it, and cut the longest partner', () => {
    const shared = { ...LETTER, events: [event({ partnerId: 'dealer-7' }), event()] }
    expect(attributesOf(shared)['PartnerId']).toBe('(several)')
    const long = { ...LETTER, partnerId: 'ü'.repeat(256) }
    expect(attributesOf(long)['PartnerId']).toBe('ü'.repeat(255))
  })
})
