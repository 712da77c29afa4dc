// What a trace is worded as: what could not be read is named with its reason, and what to do where nothing was found.

import { expect, test } from '@jest/globals'
import type { TraceResult } from '#operations/trace/trace'
import { printed } from '../../../../cli/trace/print.ts'
import { worded } from '../../../../cli/trace/wording.ts'
import { activated, facts, NOW, staged } from '../../operations/trace/rows.ts'

const NOTHING: TraceResult = {
  search: { id: 'A1' },
  traces: [],
  others: [],
  searched: ['streaming.audit_log', 'streaming.dead_letter'],
  missing: [],
  openBatches: 0,
}
const notesOf = (differs: Partial<TraceResult>) => worded({ ...NOTHING, ...differs }, NOW).notes
const subject = (partnerId: string) => ({
  partnerId,
  orderId: 'A1',
  messageIds: ['m1'],
  from: NOW,
  to: NOW,
})

test('an order that was not found is named with where it was searched', () => {
  expect(worded(NOTHING, NOW)).toEqual({
    id: 'A1',
    found: false,
    traces: [],
    notes: [
      'No order, event or message A1 in streaming.audit_log, streaming.dead_letter.',
      'Check the id (capitals count) or ask the partner whether it was published.',
    ],
  })
})

test.each<[Partial<TraceResult>, RegExp]>([
  [{ openBatches: null }, /^Check the id/],
  [{ openBatches: 1 }, /^1 batch is being processed/],
  [{ openBatches: 2 }, /^2 batches are being processed/],
  [
    { search: { id: 'A1', since: new Date(0) } },
    /, look further back \(such as --since 365d\), or ask/,
  ],
])('what to do next follows from %j', (differs, says) => {
  expect(notesOf(differs).at(-1)).toMatch(says)
})

test('the partner and the time that were searched for are named', () => {
  const search = { id: 'A1', partner: 'dealer-7', since: new Date(0) }
  expect(notesOf({ search })[0]).toMatch(
    /^No order, event or message A1 of dealer-7 published since 1970-01-01T00:00:00.000Z in /,
  )
})

test('where no table could be searched, each reason is one line, and nothing is said of the order', () => {
  const missing = ['streaming.audit_log', 'streaming.dead_letter'].map((part) => ({
    part,
    code: 'unreachable' as const,
    said: 'gone',
  }))
  expect(notesOf({ searched: [], missing, openBatches: null })).toEqual([
    '! streaming.audit_log, streaming.dead_letter could not be read, so this is not all there is: gone',
    expect.stringMatching(/^Nothing could be searched for A1\. .*`npm run setup`\.$/),
  ])
})

test('other partners that have the id are named once each', () => {
  const others = ['dealer-8', 'dealer-9', 'dealer-8'].map(subject)
  expect(notesOf({ traces: [facts({ staged: [staged()] })], others })).toEqual([
    '3 more have this id, of dealer-8, dealer-9: choose one with --partner.',
  ])
})

test('a trace that was read in part says what is missing of it', () => {
  const missing = [
    { part: 'streaming.activation_log', code: 'table_missing', said: 'Not found' },
    { part: 'Temporal', code: 'runs_not_read', runs: 3 },
  ] as const
  const rows = { staged: [staged()], activated: [activated()] }
  const { found, traces } = worded({ ...NOTHING, traces: [{ ...facts(rows), missing }] }, NOW)
  expect(found).toBe(true)
  expect(traces[0]?.missing).toEqual([
    { part: 'streaming.activation_log', why: 'Not found' },
    { part: 'Temporal', why: '3 more workflows are not asked for.' },
  ])
  const text = traces.map(printed).join('')
  expect(text).toContain('purchase staged 2.0 s after it was published, accepted by Segment.')
  expect(text).toContain('! Temporal could not be read, so this is not all there is: 3 more')
})
