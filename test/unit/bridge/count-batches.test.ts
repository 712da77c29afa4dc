// By what each batch ended: at the limits of events and bytes, by the linger, the end of the bridge, or a large message.

import { expect, test } from '@jest/globals'
import { MAX_MESSAGE_BYTES } from '#contracts'
import { causesOf, endOf } from '../../../bridge/count-batches.ts'
import { cutBatches } from '../../../bridge/cut-batches.ts'
import { deliveries, delivery } from './deliveries.ts'

const CAPS = { maxEvents: 3, maxBytes: 100 }
const bytes = (count: number) => [delivery(new Uint8Array(count))]

test.each([
  [deliveries(2), false, 'linger'],
  [deliveries(2), true, 'drain'],
  [deliveries(3), false, 'events'],
  [deliveries(3), true, 'events'],
  [bytes(99), false, 'linger'],
  [bytes(100), false, 'bytes'],
  [bytes(100), true, 'bytes'],
])('pending batch %#', (of, isStopping, end) => {
  expect(endOf(of, CAPS, isStopping)).toBe(end)
})

test('each group of a pending batch has its own cause, and the last whole one that of the pending batch', () => {
  const caps = { maxEvents: 2, maxBytes: 3 * MAX_MESSAGE_BYTES }
  const large = delivery(new Uint8Array(MAX_MESSAGE_BYTES + 1))
  const groups = cutBatches([...deliveries(3), large], caps)
  expect(causesOf(groups, caps, 'linger')).toEqual(['events', 'linger', 'message_too_large'])
  const byBytes = cutBatches([...bytes(500), ...bytes(500)], { maxEvents: 2, maxBytes: 700 })
  expect(causesOf(byBytes, { maxEvents: 2, maxBytes: 700 }, 'drain')).toEqual(['bytes', 'drain'])
})
