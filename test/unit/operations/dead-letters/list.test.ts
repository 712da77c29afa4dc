// Dead letters in a list, and their sums: what counts together, what comes first, and what became of a run.

import { expect, test } from '@jest/globals'
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client'
import { listLetters, sumOpenEvents } from '#operations/dead-letters/list'
import { outcomeOf } from '#operations/dead-letters/outcome'
import type { Reader } from '#warehouse/read'
import type { Group } from '#warehouse/sql/dead-letter-groups'

const group = (id: string, own: Partial<Group> = {}): Group => ({
  id,
  stage: 'validation',
  partner: 'dealer-7',
  type: 'purchase',
  reasons: ['not_json'],
  events: 1,
  oldest: '2026-11-20T10:00:00.000Z',
  isOpen: true,
  partners: 1,
  ...own,
})

/** @returns a store of these groups, and the SQL that it was asked */
function storeOf(...groups: readonly Group[]) {
  const asked: string[] = []
  const store: Reader = Object(async ({ sql }: { sql: string }) => {
    asked.push(sql)
    return groups
  })
  return { store, asked }
}

test('a dead letter is one line: its oldest event, all its types and stages, its most frequent reason first', async () => {
  const { store } = storeOf(
    group('a', { events: 2, reasons: ['rare'], oldest: '2026-11-21T10:00:00.000Z', partners: 3 }),
    group('a', {
      events: 5,
      reasons: ['frequent', 'rare'],
      type: 'cancellation',
      stage: 'staging',
      partners: 3,
    }),
    group('b', { isOpen: false }),
  )
  expect(await listLetters(store, 'all')).toEqual([
    {
      short_id: expect.stringMatching(/^[0-9a-f]{8}$/),
      id: 'a',
      state: 'open',
      oldest_event_at: '2026-11-20T10:00:00.000Z',
      partner_id: 'dealer-7',
      partners: 3,
      stages: ['validation', 'staging'],
      types: ['purchase', 'cancellation'],
      events: 7,
      reasons: ['frequent', 'rare'],
    },
    expect.objectContaining({ id: 'b', state: 'closed', events: 1 }),
  ])
})

test('events of several partners are of several', async () => {
  const { store } = storeOf(group('a'), group('a', { partner: 'dealer-8' }))
  expect(await listLetters(store, 'open')).toMatchObject([{ partner_id: '(several)' }])
})

test('sums are by reason, partner and stage, the most events first, each reason of an event by itself', async () => {
  const { store, asked } = storeOf(
    group('a', { events: 2, reasons: ['one', 'two'] }),
    group('b', { events: 3, reasons: ['two'], oldest: '2026-11-19T10:00:00.000Z' }),
    group('b', { events: 4, reasons: ['two'], type: 'cancellation' }),
    group('c', { events: 8, reasons: ['two'], partner: 'dealer-8' }),
    group('d', { events: 16, reasons: ['two'], stage: 'staging' }),
  )
  const sums = await sumOpenEvents(store)
  expect(
    sums.map((sum) => [sum.reason, sum.partner_id, sum.stage, sum.events, sum.dead_letters]),
  ).toEqual([
    ['two', 'dealer-7', 'staging', 16, 1],
    ['two', 'dealer-7', 'validation', 9, 2],
    ['two', 'dealer-8', 'validation', 8, 1],
    ['one', 'dealer-7', 'validation', 2, 1],
  ])
  expect(sums[1]?.oldest_event_at).toBe('2026-11-19T10:00:00.000Z')
  // Only what is open is summed.
  expect(asked[0]).toContain('0 AS is_closed')
})

const LETTER = { id: 'a', attempts: 0, events: [] }
const failedWith = (cause: Error) =>
  Promise.reject(new WorkflowFailedError('failed', cause, 'NON_RETRYABLE_FAILURE'))
const deadLetter = (...details: unknown[]) =>
  ApplicationFailure.create({ message: '1 of 3 failed again', type: 'dead_letter', details })

test.each([
  ['that completes', Promise.resolve(), { outcome: 'closed', failed: [] }],
  [
    'whose events failed again',
    failedWith(deadLetter({ messageIds: ['m1', 7] })),
    { outcome: 'failed', failed: ['m1', '7'], summary: '1 of 3 failed again' },
  ],
  // Of a dead letter that was resolved in part, others are open.
  ['that leaves others open', failedWith(deadLetter({ messageIds: [] })), { outcome: 'closed' }],
  ['that says no more', failedWith(deadLetter()), { outcome: 'closed', failed: [] }],
  [
    'that ended otherwise',
    failedWith(new Error('failed', { cause: new Error('terminated') })),
    { outcome: 'broken', why: 'terminated', failed: [] },
  ],
  [
    'that failed for another reason',
    failedWith(ApplicationFailure.create({ message: 'a defect', type: 'Error' })),
    { outcome: 'broken', why: 'a defect' },
  ],
])('what became of a run %s', async (_what, result, outcome) => {
  expect(await outcomeOf(LETTER, 3, result)).toMatchObject({ id: 'a', events: 3, ...outcome })
})

test('a Temporal that does not answer is no outcome', async () => {
  await expect(outcomeOf(LETTER, 3, Promise.reject(new Error('away')))).rejects.toThrow('away')
})
