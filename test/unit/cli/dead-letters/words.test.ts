// What is said where no dead letter is found, and of steps that make no progress.

import { expect, test } from '@jest/globals'
import type { Step, Stuck } from '#operations/stuck-runs/diagnose'
import type { Found } from '#operations/stuck-runs/find'
import { nothingFound } from '../../../../cli/dead-letters/filters.ts'
import { stuckJson, stuckText } from '../../../../cli/dead-letters/retry-stuck.ts'
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

const stuckRun = (own: Partial<Stuck> = {}): Stuck => ({
  ...step({}),
  id: 'batch-1',
  run_id: 'run-1',
  type: 'processBatch',
  ...own,
})

const foundOf = (stuck: readonly Stuck[], slow = stuck.length, looked = slow): Found => ({
  stuck,
  slow,
  looked,
})

const [one, other] = [stuckRun(), stuckRun({ run_id: 'run-2' })]
const waiting = stuckRun({ waiting_activity_id: '7', next_try_at: '2026-11-20T10:05:07.000Z' })

test.each([
  [foundOf([]), /^Nothing is stuck: no run of .* takes longer than 2 min\.$/],
  [foundOf([], 1), /^1 run takes longer than 2 min, and is not stuck\.$/],
  [foundOf([], 2), /^2 runs take longer than 2 min, and none of them is stuck\.$/],
  [foundOf([one]), /^1 run takes longer than 2 min, and is stuck:\n/],
  [foundOf([one, other]), /^2 runs take longer than 2 min, and all of them are stuck:\n/],
  [foundOf([one, other], 5), /^5 runs take longer than 2 min, and 2 of them are stuck:\n/],
  // Two steps of one run.
  [foundOf([one, one], 5), /^5 runs take longer than 2 min, and 1 of them is stuck:\n/],
])('how many runs are slow and stuck: %#', (found, words) => {
  expect(stuckText(found, 2, null)).toMatch(words)
})

test('runs that were not looked at are counted', () => {
  expect(stuckText(foundOf([one], 9, 4), 2, null)).toContain(
    '\n\n5 more were not looked at: raise --limit.',
  )
  expect(stuckText(foundOf([one], 4, 4), 2, null)).not.toContain('not looked at')
})

test('a stuck step has a line, and what keeps it a paragraph', () => {
  const letter = stuckRun({ id: 'dead-letter/b/p-1/validation' })
  const text = stuckText(foundOf([waiting, letter]), 2, null)
  expect(text).toMatch(/│ batch-1 +│ \d+d +│ stageEvents +│ +9 │ 10:05:07 UTC +│ no_worker +│/)
  expect(text).toMatch(/│ [0-9a-f]{8} +│ \d+d +│ stageEvents +│ +9 │ +│ no_worker +│/)
  expect(text).toContain('no_worker (2): It waits for a worker')
})

const NOW_HINT = 'Once the cause is fixed, --now lets them start their next attempt at once.'

test('activities that wait for their next attempt can be hurried', () => {
  expect(stuckText(foundOf([waiting]), 2, null)).toContain(NOW_HINT)
  expect(stuckText(foundOf([one]), 2, null)).not.toContain(NOW_HINT)
  const hurried = (count: number) =>
    stuckText(foundOf([waiting]), 2, { hurried: count, refusals: [] })
  expect(hurried(0)).toContain('Nothing waited for a next attempt.')
  expect(hurried(1)).toContain('\n\n1 activity starts its next attempt at once.')
  expect(hurried(2)).toContain('\n\n2 activities start their next attempt at once.')
  expect(hurried(2)).not.toContain(NOW_HINT)
})

test('a refusal of Temporal is told with how many it was', () => {
  const refusals = [{ code: 'refused', message: 'no', activities: 3 }] as const
  const hurried = { hurried: 0, refusals }
  expect(stuckText(foundOf([waiting]), 2, hurried)).toContain(
    '0 activities start their next attempt at once.\n\n3 could not be started at once: no',
  )
  expect(JSON.parse(stuckJson(foundOf([waiting]), hurried))).toMatchObject({
    hurried: 0,
    refusals: { no: 3 },
  })
})

test('the JSON has every field of a stuck step, with what it means and what to do', () => {
  expect(JSON.parse(stuckJson(foundOf([waiting], 5, 4), null))).toEqual({
    stuck: [
      {
        ...waiting,
        meaning: 'It waits for a worker, and none takes it.',
        action: expect.stringContaining('Start workers'),
      },
    ],
    slow: 5,
    looked: 4,
  })
})

/** What an operator is sent to do, by a word of it: the wrong advice at an alert costs hours. */
test.each([
  ['no_worker', 'npm run worker'],
  ['limited_queue', 'npm run activation -- status'],
  ['worker_lost', 'the memory of the workers'],
  ['missing_key', 'PAYLOAD_KEYS'],
  ['other_code', 'Deploy the code it was started with'],
  ['workflow_defect', 'Fix the workflow code'],
  ['paused', 'temporal activity unpause'],
  ['unexpected', 'Report it with the id'],
] as const)('what to do where the problem is %s', (problem, words) => {
  const [paragraph = ''] = explain([step({ problem })])
  expect(paragraph.split('What to do: ')[1]).toContain(words)
})
