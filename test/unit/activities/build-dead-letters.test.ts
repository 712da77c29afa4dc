// What becomes of the events of a batch that cannot go on.

import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { type DeadLetter, type EventFailure, MAX_DEAD_LETTER_BYTES, type Message } from '#contracts'
import { buildDeadLetters as build } from '../../../activities/build-dead-letters.ts'
import { readEach } from '../../../activities/read-batch.ts'
import { message, purchase } from '../../fixtures/messages.ts'

const buildDeadLetters = (
  messages: readonly Message[],
  failedEvents: readonly EventFailure[],
  of: Parameters<typeof build>[2],
) => build(readEach(messages), failedEvents, of)

const of = { batchId: 'batch-1', stage: 'validation' } as const

const failedEvent = (
  index: number,
  partnerId = 'dealer-7',
  ...reasons: string[]
): EventFailure => ({
  index,
  partnerId,
  reasons: reasons.length > 0 ? reasons : ['order_id_missing'],
})

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value))
const idsOf = (letters: readonly DeadLetter[]) =>
  letters.flatMap(({ events }) => events.map(({ messageId }) => messageId))

function only(letters: readonly DeadLetter[]) {
  const [letter] = letters
  if (!letter || letters.length !== 1) throw new Error(`${letters.length} letters instead of one`)
  return letter
}

test('no failed event makes no dead letter', () => {
  expect(buildDeadLetters([message()], [], of)).toEqual([])
})

test('each partner has one dead letter with its own events, in their order', () => {
  const messages = ['a', 'b', 'c', 'd'].map((messageId) => message('{}', { messageId }))
  const failedEvents = [failedEvent(0, 'x'), failedEvent(1, 'y'), failedEvent(3, 'x')]
  const letters = buildDeadLetters(messages, failedEvents, of)
  expect(letters.map(({ partnerId }) => partnerId)).toEqual(['x', 'y'])
  expect(letters.map(({ events }) => events.map(({ messageId }) => messageId))).toEqual([
    ['a', 'd'],
    ['b'],
  ])
  expect(letters).toEqual([
    expect.objectContaining({ ...of, part: 0 }),
    expect.objectContaining({ ...of, part: 0 }),
  ])
})

test('a rejected event is readable, with every rule it breaks', () => {
  const { order_id: _, ...rest } = purchase
  const data = { ...rest, amount: 'many', event_id: 'e1' }
  const received = message(data, {
    messageId: 'm-rejected',
    attributes: { partner_id: 'dealer-7' },
  })
  expect(only(buildDeadLetters([received], [failedEvent(0)], of)).events).toEqual([
    {
      messageId: 'm-rejected',
      publishTime: received.publishTime,
      attributes: { partner_id: 'dealer-7' },
      data: { text: JSON.stringify(data) },
      eventType: 'purchase',
      eventId: 'e1',
      orderId: null,
      faults: [
        expect.objectContaining({
          reason: 'amount_not_a_number',
          path: 'amount',
          received: '"many"',
        }),
        expect.objectContaining({
          reason: 'order_id_missing',
          path: 'order_id',
          received: 'nothing',
        }),
      ],
    },
  ])
})

test.each([
  ['staging', 'BigQuery'],
  ['activation', 'Segment'],
] as const)('an accepted event that fails at %s was refused by %s', (stage, sink) => {
  const letters = buildDeadLetters([message()], [failedEvent(0, 'dealer-7', 'so', 'it_says')], {
    batchId: 'batch-1',
    stage,
  })
  const [event] = only(letters).events
  expect(event).toMatchObject({ eventType: 'purchase', orderId: 'A001' })
  expect(event?.eventId).toMatch(/^derived-/)
  expect(event?.faults.map(({ reason, received }) => [reason, received])).toEqual([
    ['so', `refused by ${sink}`],
    ['it_says', `refused by ${sink}`],
  ])
})

test.each<[string, Uint8Array, unknown]>([
  ['text', Buffer.from('größer als "x"\n'), { text: 'größer als "x"\n' }],
  ['no bytes at all', Buffer.alloc(0), { text: '' }],
  ['bytes that are not UTF-8', Buffer.from([0xff, 0x00, 0xfe]), { base64: '/wD+' }],
])('data that is %s is carried whole', (_, data, expected) => {
  expect(only(buildDeadLetters([message(data)], [failedEvent(0)], of)).events[0]?.data).toEqual(
    expected,
  )
})

describe('what is too large for a dead letter', () => {
  test('a message in parts has one dead letter event, without its data', () => {
    const parts = [0, 1, 2].map((index) =>
      message('x', { messageId: 'm-large', part: { index, of: 3 } }),
    )
    const failedEvents = parts.map((_, index) => failedEvent(index, 'dealer-7', 'too_large'))
    const { events } = only(buildDeadLetters(parts, failedEvents, of))
    expect(events).toEqual([
      expect.objectContaining({
        messageId: 'm-large',
        data: null,
        faults: [expect.objectContaining({ reason: 'too_large' })],
      }),
    ])
  })

  test('text of control characters, six times as long in JSON, is carried as base64', () => {
    const data = Buffer.alloc(500_000, '\u0001')
    const { events } = only(buildDeadLetters([message(data)], [failedEvent(0)], of))
    expect(events.map((event) => event.data)).toEqual([{ base64: data.toString('base64') }])
  })

  test.each([
    ['more bytes than a dead letter', Buffer.alloc(MAX_DEAD_LETTER_BYTES + 1, 'x')],
    ['as many bytes as a dead letter', Buffer.alloc(MAX_DEAD_LETTER_BYTES, 'x')],
    ['control characters that even base64 makes too long', Buffer.alloc(900_000, '\u0001')],
    ['bytes that base64 makes too long', Buffer.alloc(900_000, 0xff)],
  ])('%s are left to the audit log', (_, data) => {
    const { events } = only(buildDeadLetters([message(data)], [failedEvent(0)], of))
    expect(events.map((event) => event.data)).toEqual([null])
    expect(bytesOf(events)).toBeLessThanOrEqual(MAX_DEAD_LETTER_BYTES)
  })

  test('a key as long as the message does not make its fault as long', () => {
    const consent = { ['k'.repeat(600_000)]: 'yes' }
    const { events } = only(
      buildDeadLetters([message({ ...purchase, consent })], [failedEvent(0)], of),
    )
    expect(bytesOf(events)).toBeLessThanOrEqual(MAX_DEAD_LETTER_BYTES)
    expect(events[0]?.data).not.toBeNull()
    expect(events[0]?.faults).not.toEqual([])
  })

  test('an event that breaks a rule a thousand times fits, and still says which rule', () => {
    const consent = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`c${i}`, 'yes']))
    const received = message({ ...purchase, consent, order_id: '' })
    const { events } = only(buildDeadLetters([received], [failedEvent(0)], of))
    expect(bytesOf(events)).toBeLessThanOrEqual(MAX_DEAD_LETTER_BYTES)
    const reasons = new Set(events[0]?.faults.map(({ reason }) => reason))
    expect(reasons).toEqual(new Set(['order_id_empty', 'consent_not_a_boolean']))
    // Ten of each, and the one of the order id.
    expect(events[0]?.faults).toHaveLength(11)
    expect(events[0]?.data).not.toBeNull()
  })
})

/** Kinds of data that grow differently on their way into JSON. */
const filling = fc.constantFrom('x', '"', '\u0001', 'ü', '\ud83d\ude97')
const sizes = fc.integer({ min: 0, max: 300_000 })

const batch = fc.array(
  fc.record({
    partner: fc.constantFrom('x', 'y'),
    data: fc.oneof(
      fc.tuple(filling, sizes).map(([text, size]) => Buffer.alloc(size, text)),
      sizes.map((size) => Buffer.alloc(size, 0xff)),
    ),
    isCasualty: fc.boolean(),
  }),
  { maxLength: 12 },
)

test('however large the events, each is in one dead letter of its partner, and each letter fits', () => {
  fc.assert(
    fc.property(batch, (events) => {
      const messages: Message[] = events.map(({ data }, index) =>
        message(data, { messageId: `m${index}` }),
      )
      const failedEvents = events.flatMap(({ partner, isCasualty }, index) =>
        isCasualty ? [failedEvent(index, partner)] : [],
      )
      const letters = buildDeadLetters(messages, failedEvents, of)

      for (const partner of ['x', 'y']) {
        const own = letters.filter(({ partnerId }) => partnerId === partner)
        const expected = failedEvents.filter(({ partnerId }) => partnerId === partner)
        expect(idsOf(own)).toEqual(expected.map(({ index }) => `m${index}`))
        expect(own.map(({ part }) => part)).toEqual(own.map((_, part) => part))
      }
      for (const letter of letters) {
        expect(letter.events.length).toBeGreaterThan(0)
        expect(bytesOf(letter.events)).toBeLessThanOrEqual(MAX_DEAD_LETTER_BYTES)
      }
      expect(buildDeadLetters(messages, failedEvents, of)).toEqual(letters)
    }),
    { numRuns: 40 },
  )
})
