// The failure messages of dead letters, which people read in Temporal's list of failed workflows.

import { expect, test } from '@jest/globals'
import type { DeadLetter, Stage } from '#contracts'
import type { FailedEvent, Resolution } from '#contracts/dead-letter/resolution'
import { summariseLeftOpen } from '../../../workflows/summarise.ts'

const LETTER: DeadLetter = {
  batchId: 'b',
  partnerId: 'dealer-7',
  stage: 'validation',
  part: 0,
  events: [],
}

const resolutionOf = (events: number, more: Partial<Resolution> = {}): Resolution => ({
  action: 'redrive',
  events,
  attempt: 2,
  actor: 'ann',
  reason: 'r',
  patch: null,
  occurredAt: '2026-11-20T10:00:00.000Z',
  previousRunId: null,
  staged: [],
  ...more,
})

const failed = (stage: Stage, ...reasons: readonly string[]): FailedEvent => ({
  messageId: 'm',
  stage,
  eventType: 'purchase',
  faults: reasons.map((reason) => ({ reason, path: '', expected: '', received: '' })),
})

test.each<[string, number, readonly FailedEvent[]]>([
  ['The one event of dealer-7 failed again', 1, [failed('validation', 'empty')]],
  ['All 2 events of dealer-7 failed again', 2, Array(2).fill(failed('validation', 'empty'))],
  ['1 of 2 events of dealer-7 failed again', 2, [failed('validation', 'empty')]],
])('%s, where so many of them did', (expected, events, again) => {
  const count = again.length
  expect(summariseLeftOpen(LETTER, resolutionOf(events), again)).toBe(
    `${expected} in redrive 2 by ann: rejected for empty (${count})`,
  )
})

test('the stages at which events failed again are named in their order, each with its reasons', () => {
  const again = [
    failed('activation', 'segment_refused'),
    failed('validation', 'empty'),
    failed('staging', 'warehouse_refused'),
    failed('validation', 'not_json', 'empty'),
  ]
  expect(summariseLeftOpen(LETTER, resolutionOf(9), again)).toBe(
    '4 of 9 events of dealer-7 failed again in redrive 2 by ann: rejected for empty (2), not_json (1); not staged for warehouse_refused (1); not activated for segment_refused (1)',
  )
})

test('events that the resolution left out are counted as open as before', () => {
  const others = { events: 3, stages: [], reasons: [], eventTypes: [] }
  const limited = { limitedTo: { messageIds: ['m'], others: { ...others, expected: {} } } }
  const resolution = resolutionOf(1, Object(limited))
  expect(summariseLeftOpen(LETTER, resolution, [])).toBe(
    'The one event of dealer-7 closed in redrive 2 by ann; open as before: 3 of the others',
  )
})
