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
