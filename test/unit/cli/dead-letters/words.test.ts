// What is said where no dead letter is found, and of steps that make no progress.

import { expect, test } from '@jest/globals'
import type { Step } from '#operations/stuck-runs/diagnose'
import { nothingFound } from '../../../../cli/dead-letters/filters.ts'
import { explain, refusalWords } from '../../../../cli/dead-letters/stuck-words.ts'
import { changeRow } from '../../../../cli/setup.ts'

const SINCE = new Date('2026-11-20T10:00:00Z')

test.each([
  [{}, 'open', 'No dead letter is open.'],
  [{}, 'all', 'There are no dead letters.'],
  [{ partner: 'dealer-7' }, 'open', 'No dead letter of partner dealer-7 is open.'],
  [{ stage: 'staging' }, 'all', 'There is no dead letter of stage staging.'],
  [
    { since: SINCE, until: SINCE, reason: 'r', type: 'purchase' },
    'open',
    'No dead letter of reason r, type purchase, since 2026-11-20T10:00:00.000Z, until 2026-11-20T10:00:00.000Z is open.',
  ],
] as const)('with the filters %j of %s', (filters, of, words) => {
  expect(nothingFound(filters, of)).toBe(words)
})

const step = (own: Partial<Step>): Step => ({
  step: 'stageEvents',
  since: '2026-11-20T10:00:00.000Z',
  attempt: 9,
  next_try_at: null,
  gives_up_at: null,
  problem: 'no_worker',
  message: null,
  waiting_activity_id: null,
  ...own,
})

test('each problem is one paragraph: how many steps have it, what it says, and when the first gives up', () => {
  const paragraphs = explain([
    step({}),
    step({ problem: 'paused', gives_up_at: '2026-11-22T10:00:00.000Z' }),
    step({ problem: 'paused', gives_up_at: '2026-11-21T10:00:00.000Z', message: 'one\u001b' }),
  ])
  expect(paragraphs).toHaveLength(2)
  expect(paragraphs[0]).toMatch(/^no_worker \(1\): .*\n {2}What to do: Start workers [^\n]*$/)
  expect(paragraphs[1]).toMatch(/^paused \(2\): Somebody paused the activity\.\n {2}It says: one/)
  expect(paragraphs[1]).toContain('What to do: Unpause it')
  expect(paragraphs[1]).toContain('It gives up at 2026-11-21T10:00:00.000Z: its run fails then')
  expect(paragraphs[1]).not.toContain('\u001b')
})

test('a server that is too old is said in our words, and a refusal in those of Temporal', () => {
  const message = 'unknown method ResetActivity'
  expect(refusalWords({ code: 'refused', message, activities: 1 })).toBe(message)
  expect(refusalWords({ code: 'server_too_old', message, activities: 1 })).toContain('1.28')
})

test.each([
  [{ kind: 'topic', name: 'car-events', did: 'created' }, 'topic car-events'],
  [
    { kind: 'table', name: 'streaming.audit_log', did: 'updated', newColumns: ['part', 'parts'] },
    'table streaming.audit_log (new columns: part, parts)',
  ],
  [
    { kind: 'search attribute', name: 'Stage', did: 'by hand', type: 'KEYWORD' },
    'search attribute Stage (KEYWORD)',
  ],
] as const)('a set-up says of %j', (change, what) => {
  expect(changeRow(change)).toEqual({ what, did: change.did })
})
