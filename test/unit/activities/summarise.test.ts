// What became of the events of a run, summed up.

import { expect, test } from '@jest/globals'
import { type Outcome } from '../../../activities/activation/outcome.ts'
import { activatedOf, eventsWith } from '../../../activities/activation/summarise.ts'
import { acceptedOf, readEach } from '../../../activities/read-batch.ts'
import { message, purchase } from '../../fixtures/messages.ts'

const { events } = acceptedOf(
  readEach(Array.from({ length: 12 }, (_, i) => message({ ...purchase, partner_id: `p${i}` }))),
  [],
)

const OUTCOMES = ['failed', 'waiting', 'accepted', 'not_activated'] as const

/** In an order that is neither that of the batch nor the opposite. */
const outcomes = events
  .map((event, i): Outcome => {
    const outcome = OUTCOMES[i % OUTCOMES.length] ?? 'failed'
    return {
      event,
      outcome,
      reason: outcome === 'failed' ? 'call_too_large' : null,
      decision: null,
    }
  })
  .toSorted((one, other) => ((one.event.index * 5) % 12) - ((other.event.index * 5) % 12))

const places = (outcome: Outcome['outcome']) =>
  eventsWith(outcome, outcomes).map(({ index }) => index)

test('the events with an outcome come in the order of the batch', () => {
  expect(OUTCOMES.map(places)).toEqual([
    [0, 4, 8],
    [1, 5, 9],
    [2, 6, 10],
    [3, 7, 11],
  ])
})

test('every outcome has its count, and failures come in the order of the batch with those of validation', () => {
  const changed = [{ index: 6, partnerId: 'p6', reasons: ['amount_missing'] }]
  const some = outcomes.filter(({ event }) => event.index !== 6 && event.index !== 7)
  expect(activatedOf(some, changed)).toEqual({
    accepted: 2,
    notActivated: 2,
    waiting: 3,
    failed: [
      { index: 0, partnerId: 'p0', reasons: ['call_too_large'] },
      { index: 4, partnerId: 'p4', reasons: ['call_too_large'] },
      { index: 6, partnerId: 'p6', reasons: ['amount_missing'] },
      { index: 8, partnerId: 'p8', reasons: ['call_too_large'] },
    ],
  })
})
