// The input of a run that resolves a dead letter: as many of its events as there is room for, and no more.

import { expect, test } from '@jest/globals'
import {
  limitedTo,
  type OpenLetter,
  toDeadLetter,
  toInput,
} from '#operations/dead-letters/open-letters'
import { storedEvent } from '../../../support/stored-event.ts'

const letter: OpenLetter = {
  id: 'dead-letter/batch-1/dealer-7-00000000/validation/2',
  attempts: 0,
  events: Array.from({ length: 20 }, (_, i) =>
    storedEvent({ message_id: `m${i}`, data: Buffer.from('x'.repeat(1_000)) }),
  ),
}

const faultOf = (reason: string) => ({ reason, path: '', expected: '', received: '' })

const bytesOf = (value: object) => Buffer.byteLength(JSON.stringify(value))
const BARE = bytesOf(toDeadLetter(letter))

test('a dead letter of several partners says whose each event is, and one of one partner does not', () => {
  const events = ['a', 'b', 'b'].map((partner_id) => storedEvent({ partner_id }))
  expect(toDeadLetter({ id: letter.id, events })).toMatchObject({
    partnerId: '(several)',
    whose: '2 partners (b: 2, a: 1)',
    events: [{ partnerId: 'a' }, { partnerId: 'b' }, { partnerId: 'b' }],
  })
  expect(toInput({ id: letter.id, attempts: 0, events }, 1_000_000)).toMatchObject({
    events: [{ partnerId: 'a' }, { partnerId: 'b' }, { partnerId: 'b' }],
  })
  expect(toDeadLetter(letter).events.every(({ partnerId }) => partnerId === undefined)).toBe(true)
})

test('what is left alone is summed up, and nothing is said of it where there is none', () => {
  const [event = storedEvent()] = letter.events
  const others = [
    storedEvent({ stage: 'staging', type: null, reasons: ['x'], faults: [faultOf('x')] }),
    storedEvent({ reasons: ['y'], faults: [faultOf('y'), faultOf('x')] }),
  ]
  expect(limitedTo({ ...letter, events: [event], others })).toEqual({
    limitedTo: {
      messageIds: ['m0'],
      others: {
        events: 2,
        stages: ['staging', 'validation'],
        reasons: ['x', 'y'],
        eventTypes: ['unknown', 'purchase'],
      },
    },
  })
  expect(limitedTo(letter)).toEqual({})
})

test('all of it, where there is room', () => {
  const { events, ...frame } = toInput(letter, 1_000_000)
  expect(frame).toMatchObject({ batchId: 'batch-1', partnerId: 'dealer-7', part: 2 })
  expect(events.map(({ data }) => data)).toEqual(
    Array.from({ length: 20 }, () => ({ text: 'x'.repeat(1_000) })),
  )
})

test.each([
  ['every event, and the data of some', BARE + 5_500, 20, 5],
  ['every event without its data', BARE + 100, 20, 0],
  ['some events', BARE / 2, 9, 0],
  ['none', 0, 0, 0],
])('%s, where there is room for no more', (_what, room, shown, withData) => {
  const input = toInput(letter, room)
  expect(input.events).toHaveLength(shown)
  expect(input.events.filter(({ data }) => data !== null)).toHaveLength(withData)
  expect(bytesOf(input)).toBeLessThanOrEqual(Math.max(room, bytesOf({ ...input, events: [] })))
})
