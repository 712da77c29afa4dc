// Whether an event repeats or changes an earlier one follows from what the tables have of its order.

import { expect, test } from '@jest/globals'
import { orderKeyOf } from '#activation/order/facts'
import { readEvent } from '#contracts'
import { countVersions } from '../../../activities/activation/count-versions.ts'
import type { BatchEvent } from '../../../activities/read-batch.ts'
import { message, purchase } from '../../fixtures/messages.ts'
import { stagedVersion } from '../../support/accepted-event.ts'

const NOW = '2026-11-20T10:00:00.000000Z'
const EARLIER = '2026-11-20T09:00:00.000000Z'

function eventOf(fields: object, publishTime = NOW): BatchEvent {
  const one = message({ ...purchase, event_id: 'e1', ...fields }, { publishTime })
  const parsed = readEvent(one)
  if (!parsed.accepted) throw new Error('the event of the test is rejected')
  return { index: 0, message: one, event: parsed.event }
}

const stagedOf = ({ event, message: { messageId, publishTime } }: BatchEvent) =>
  stagedVersion({ event, messageId, publishTime, runId: 'batch-1' })

const count = (events: readonly BatchEvent[], staged: readonly BatchEvent[]) => {
  const [first] = [...staged, ...events]
  if (!first) throw new Error('the test has no event')
  const { event } = first
  const key = orderKeyOf({ partnerId: event.partner_id, orderId: event.order_id })
  return countVersions(events, new Map([[key, { staged: staged.map(stagedOf), logged: [] }]]))
}

test.each([
  ['the same contents of an earlier message', {}, { duplicate: 1, correction: 0 }],
  ['other contents of an earlier message', { amount: 1 }, { duplicate: 0, correction: 1 }],
  ['another event of the order', { event_id: 'e2' }, { duplicate: 0, correction: 0 }],
])('%s', (_, fields, expected) => {
  expect(count([eventOf({})], [eventOf(fields, EARLIER), eventOf({})])).toEqual(expected)
})

test('the row of the message itself, and a later one, are nothing earlier', () => {
  const later = eventOf({ amount: 1 }, '2026-11-20T11:00:00.000000Z')
  expect(count([eventOf({})], [eventOf({}), later])).toEqual({ duplicate: 0, correction: 0 })
})

test('who sends an event again after a correction of it repeats it', () => {
  const corrected = eventOf({ amount: 1 }, '2026-11-20T09:30:00.000000Z')
  expect(count([eventOf({})], [eventOf({}, EARLIER), corrected])).toEqual({
    duplicate: 1,
    correction: 0,
  })
})

test('of two versions in one batch, the later is the correction', () => {
  const versions = [eventOf({ amount: 1 }, EARLIER), eventOf({})]
  expect(count(versions, versions)).toEqual({ duplicate: 0, correction: 1 })
})

test('an order of which the tables have nothing', () => {
  expect(countVersions([eventOf({})], new Map())).toEqual({ duplicate: 0, correction: 0 })
})
