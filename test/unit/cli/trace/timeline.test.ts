// The timeline of an order is in time order and whole, however the rows come; and nothing personal is in it.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { toMicroseconds } from '#warehouse/sql/columns'
import { span } from '../../../../cli/trace/span.ts'
import { timelineOf } from '../../../../cli/trace/timeline.ts'
import {
  activated,
  audited,
  dead,
  facts,
  handled,
  NOW,
  run,
  staged,
  timeAt,
} from '../../operations/trace/rows.ts'

const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 })

const moments = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 6, maxLength: 6 })

test('is sorted, and holds every row once, in whatever order the tables answer', () => {
  const property = fc.property(moments, order, (seconds, shuffled) => {
    const rows = seconds.map((second, i) =>
      audited({ message_id: `m${i}`, ingested_at: timeAt(second) }),
    )
    const entries = timelineOf(facts({ audited: rows }), NOW)
    const again = shuffled.flatMap((i) => rows[i] ?? [])
    expect(timelineOf(facts({ audited: again }), NOW)).toEqual(entries)
    expect(entries.map(({ at }) => at)).toEqual(entries.map(({ at }) => at).toSorted())
    expect(entries.filter(({ what }) => what === 'decision')).toHaveLength(rows.length)
  })
  fc.assert(property)
})

test('a row that a retry wrote again is told once, as of its first time', () => {
  const rows = [staged({ ingested_at: timeAt(9) }), staged({ ingested_at: timeAt(3) })]
  const entries = timelineOf(facts({ staged: rows }), NOW).filter(({ what }) => what === 'staged')
  expect(entries.map(({ at }) => at)).toEqual([timeAt(3)])
})

test('steps of the same moment stand in the order in which they follow each other', () => {
  const rows = {
    audited: [audited({ ingested_at: timeAt(0) })],
    staged: [staged({ ingested_at: timeAt(0) })],
    activated: [activated({ ingested_at: timeAt(0) })],
    dead: [dead({ ingested_at: timeAt(0) })],
    handled: [handled({ occurred_at: timeAt(0) })],
  }
  expect(timelineOf(facts(rows), NOW).map(({ what }) => what)).toEqual([
    'published',
    'decision',
    'staged',
    'activation',
    'dead letter',
    'redrive',
  ])
})

test('what a step waits for comes last, and what a partner sent is masked', () => {
  const waiting = {
    step: 'activateEvents',
    attempt: 3,
    lastFailure: 'Segment: answered 503',
    nextAttemptAt: null,
  }
  const fault = {
    reason: 'amount_not_a_number',
    path: 'amount',
    expected: 'a number',
    received: 'max@example.com',
  }
  const entries = timelineOf(
    facts({ dead: [dead({ faults: [fault] })] }, [run({ status: 'RUNNING', pending: [waiting] })]),
    NOW,
  )
  expect(entries.at(-1)).toMatchObject({ at: NOW, what: 'waiting', source: 'Temporal' })
  expect(JSON.stringify(entries)).not.toContain('max@example.com')
})

test.each([
  ['2026-11-25T08:00:00Z', '2026-11-25T08:00:00.000000Z'],
  ['2026-11-25T08:00:00.1Z', '2026-11-25T08:00:00.100000Z'],
  ['2026-11-25T08:00:00.123456789Z', '2026-11-25T08:00:00.123456Z'],
])('%s sorts as %s', (text, padded) => {
  expect(toMicroseconds(text)).toBe(padded)
})

test.each([
  [2.14, '2.1 s'],
  [-3, '0.0 s'],
  [184, '3 min 4 s'],
  [7_500, '2 h 5 min'],
  [349_200, '4 d 1 h'],
])('%d seconds are %j', (seconds, text) => {
  const from = '2026-11-25T08:00:00.000Z'
  expect(span(from, new Date(Date.parse(from) + seconds * 1000).toISOString())).toBe(text)
})

test('every version of a corrected event is told by its number, in the order of publishing', () => {
  const rows = [
    staged({ message_id: 'm3', publish_time: timeAt(3), content_hash: 'h2' }),
    staged({ message_id: 'm1', publish_time: timeAt(1), content_hash: null }),
    staged({ message_id: 'm2', publish_time: timeAt(2), content_hash: null }),
    staged({ message_id: 'm4', event_id: 'e2' }),
  ]
  const entries = timelineOf(facts({ staged: rows }), NOW).filter(({ what }) => what === 'staged')
  expect(entries.map(({ text }) => text)).toEqual([
    'purchase e1, version 1 of 2 (message m1) in batch-1',
    'purchase e1, version 1 of 2 (message m2) in batch-1',
    'purchase e1, version 2 of 2 (message m3) in batch-1',
    'purchase e2 (message m4) in batch-1',
  ])
})

test.each([
  ['redrive', 'closed', 'redrive', 'closed'],
  ['republish', 'closed', 'republish', 'closed'],
  ['discard', 'closed', 'discard', 'closed'],
  ['redrive', 'failed', 'redrive', '2 of 5 events failed again'],
  ['of a later version', 'closed', 'redrive', 'closed'],
])('an action of a person is told: %s that is %s', (action, outcome, what, words) => {
  const row = handled({ action, outcome, attempt: 3, events: 5, failed: 2 })
  expect(timelineOf(facts({ handled: [row] }), NOW)).toEqual([
    {
      at: timeAt(60),
      what,
      text: `number 3 by anna (amount corrected): ${words}; ${row.dead_letter_id}`,
      source: 'dead_letter_log',
    },
  ])
})

test('a run is told from its start to its end, a batch apart from a dead letter', () => {
  const failed = { step: 'stageEvents', attempt: 2, at: timeAt(3), failure: 'answered 503' }
  const batch = run({ status: 'TIMED_OUT', closedAt: timeAt(9), failedAttempts: [failed] })
  const letter = run({ workflowId: 'dead-letter/x', startedAt: timeAt(5) })
  const unknown = { workflowId: 'gone', isKnown: false } as const
  expect(timelineOf(facts({}, [letter, batch, unknown]), NOW)).toEqual([
    { at: timeAt(1), what: 'batch', text: 'started batch-1', source: 'Temporal' },
    {
      at: timeAt(3),
      what: 'attempt',
      text: 'stageEvents, attempt 2 failed: answered 503',
      source: 'Temporal',
    },
    { at: timeAt(5), what: 'run', text: 'started dead-letter/x', source: 'Temporal' },
    { at: timeAt(9), what: 'run', text: 'ended with timed out: batch-1', source: 'Temporal' },
  ])
})

test.each([
  ['accepted', 'accepted by Segment'],
  ['not_activated', 'held back from Segment'],
  ['failed', 'not activated'],
  ['waiting', 'waits before it is sent to Segment'],
  ['sending', 'is being sent to Segment'],
  ['unsent', 'certainly not taken by Segment, and tried again'],
  ['later', 'later'],
])('what became of an event at Segment is told: %s', (outcome, words) => {
  const rows = { activated: [activated({ outcome, reason: 'why' })] }
  expect(timelineOf(facts(rows), NOW)).toMatchObject([
    { what: 'activation', text: `purchase e1 ${words}: why`, source: 'activation_log' },
  ])
})
