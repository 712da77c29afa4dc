import { expect, test } from '@jest/globals'
import { readEvent, reasonsOf } from '#contracts'
import { parsePatch, patchEdit } from '#operations/dead-letters/patch'
import { createEventPool } from '../../../bench/load/events.ts'
import {
  CORRECTION,
  createInvalidPool,
  createStrangersPool,
} from '../../../bench/load/invalid-events.ts'
import { MARKER_PREFIX, readMarker } from '../../../bench/load/marker.ts'
import { createTally } from '../../../bench/load/tally.ts'
import { message } from '../../fixtures/messages.ts'
import { storedEvent } from '../../support/stored-event.ts'

const NUMBERS = Array.from({ length: 100 }, (_, number) => number)
/** More than the numbers, and fewer than a benchmark has: making 10,000 takes seconds. */
const SIZE = 150
const publishTime = new Date().toISOString()
const invalid = createInvalidPool('dealer-6', SIZE)
const markerOf = (number: number) => ({ number, sentAt: Date.now(), group: 'i' })

test('a benchmark sends events that keep the contract, each marked in its order id', () => {
  const pool = createEventPool(5, undefined, SIZE)
  for (const number of NUMBERS) {
    const marker = markerOf(number)
    const reading = readEvent(message('', { ...pool.make(marker), publishTime }))
    if (!reading.accepted) throw new Error(`rejected: ${reasonsOf(reading).join(', ')}`)
    expect(readMarker(Buffer.from(reading.event.order_id), 0)).toEqual(marker)
  }
})

test('strangers of a benchmark send invalid events, each of a partner of its own, and marked as well', () => {
  const pool = createStrangersPool(SIZE)
  const partners = NUMBERS.map((number) => {
    const reading = readEvent(message('', { ...pool.make(markerOf(number)), publishTime }))
    if (reading.accepted) throw new Error('it was accepted')
    expect(reasonsOf(reading)).toEqual(['currency_unknown'])
    expect(readMarker(Buffer.from(reading.identity.orderId ?? ''), 0)?.number).toBe(number)
    return reading.identity.partnerId
  })
  expect(new Set(partners).size).toBe(NUMBERS.length)
})

test('invalid events of a benchmark break one rule, are marked as well, and keep the contract once mended', async () => {
  const correct = patchEdit(parsePatch(CORRECTION, '--patch'))
  for (const number of NUMBERS) {
    const marker = markerOf(number)
    const { data, attributes } = invalid.make(marker)
    const reading = readEvent(message('', { data, attributes, publishTime }))
    if (reading.accepted) throw new Error('accepted')
    expect(reasonsOf(reading)).toEqual(['currency_unknown'])
    expect(reading.identity.partnerId).toBe('dealer-6')
    expect(readMarker(Buffer.from(reading.identity.orderId ?? ''), 0)).toEqual(marker)
    const mended = correct(storedEvent({ data, attributes }))?.data ?? Buffer.of()
    expect(readEvent(message('', { data: mended, attributes, publishTime })).accepted).toBe(true)
  }
})

test('a sink counts rows, and each event once', () => {
  const tally = createTally()
  const { data } = invalid.make(markerOf(3))
  tally.reset(10)
  tally.addRow('dead_letter', data)
  tally.addRow('dead_letter', data)
  tally.addRow('dead_letter_log', Buffer.from('a row about many events'))
  expect(data.includes(MARKER_PREFIX)).toBe(true)
  expect(tally.counts()).toMatchObject({
    dead_letter: { rows: 2, distinct: 1 },
    dead_letter_log: { rows: 1, distinct: 0 },
  })
  expect(tally.latencies('dead_letter')['i']).toHaveLength(2)
})
