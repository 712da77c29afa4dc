// What an erasure says of itself, and the exit code of each state.

import { expect, jest, test } from '@jest/globals'
import { ERASED_TABLES, type ErasureReceipt, NO_ROWS } from '#contracts'
import type { EraseStatus } from '#operations/erase/erase'
import { show } from '../../../../cli/erase/run.ts'
import { countsText, didText, progressText, statusText } from '../../../../cli/erase/wording.ts'

const RECEIPT: ErasureReceipt = {
  subject: '0a1b',
  actor: 'ann',
  reason: 'request 4711',
  requestedAt: '2026-11-20T10:00:00.000Z',
  finishedAt: '2026-11-20T11:00:00.000Z',
  passes: 2,
  rows: { ...NO_ROWS, audit_log: 11 },
  letters: 12,
  events: 13,
  runs: { deleted: 14, encrypted: 0, keptUntil: null, notSwept: 0 },
  segment: { isAsked: true, regulationId: 'reg-1' },
  unattributed: 0,
}

const done = (differs: Partial<ErasureReceipt> = {}): EraseStatus => ({
  state: 'done',
  subject: RECEIPT.subject,
  receipt: { ...RECEIPT, ...differs },
})

const PROGRESS = {
  step: 'waiting',
  requestedAt: '2026-11-20T10:00:00.000Z',
  passes: 1,
  rows: NO_ROWS,
  waitsFor: [],
  nextLookAt: null,
} as const

const RUNNING = { state: 'running', subject: '0a1b', progress: PROGRESS } as const
const NEVER = { state: 'never', subject: '0a1b' } as const
const FAILED = { state: 'failed', subject: '0a1b', status: 'TERMINATED' } as const

function shown(status: EraseStatus, json: boolean, did?: 'started') {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true)
  const code = show(status, json, did)
  const text = write.mock.calls.map(([chunk]) => String(chunk)).join('')
  write.mockRestore()
  return { code, text }
}

test.each([
  [done(), 0],
  [RUNNING, 0],
  [{ ...RUNNING, progress: null }, 0],
  [NEVER, 1],
  [FAILED, 1],
])('the exit code of %j is %d', (status, code) => {
  expect(shown(status, false).code).toBe(code)
  const json = shown(status, true, 'started')
  expect(json.code).toBe(code)
  expect(JSON.parse(json.text)).toEqual({ did: 'started', ...status })
})

test('a receipt says how much was erased of everything', () => {
  const text = statusText(done())
  const numberOf = (what: string) =>
    new RegExp(`│ ${what.replaceAll('.', '\\.')} +│ +(\\d+) │`).exec(text)?.[1]
  for (const table of ERASED_TABLES)
    expect(numberOf(`streaming.${table}`)).toBe(String(RECEIPT.rows[table]))
  expect(numberOf('dead letters closed')).toBe('12')
  expect(text).toContain('13 open events')
  expect(numberOf('runs deleted from Temporal')).toBe('14')
  expect(numberOf('deletion at Segment')).toBe('1')
  expect(text).toContain('regulation reg-1')
  expect(text).toContain('ann (request 4711) at 2026-11-20T10:00:00.000Z, done at 2026-11-20T11')
  for (const absent of ['Nothing of this customer', 'was not asked', 'encrypted', 'contain the id'])
    expect(text).not.toContain(absent)
})

test.each([
  ['no_token', 'SEGMENT_PUBLIC_API_TOKEN is not set'],
  ['nothing_found', 'nothing of the customer was found here'],
  ['refused', 'refused, or did not answer for a day'],
] as const)('a receipt says why Segment was not asked: %s', (why, words) => {
  const text = statusText(done({ segment: { isAsked: false, why } }))
  expect(text).toContain(`Segment was not asked to delete the person: `)
  expect(text).toContain(words)
  expect(text).toMatch(/│ deletion at Segment +│ +0 │ not asked, see below/)
})

test('a receipt says what is left, and where nothing was found', () => {
  const runs = { deleted: 0, encrypted: 3, keptUntil: '2026-12-01', notSwept: 0 }
  const text = statusText(done({ passes: 0, runs, unattributed: 4 }))
  expect(text).toContain('Nothing of this customer was found.')
  expect(text).toContain('3 encrypted runs stay in Temporal until 2026-12-01.')
  expect(text).toContain('4 messages without a partner contain the id')
})

test.each([
  ['batches_running', '2 batches that are running'],
  ['dead_letters_running', '2 dead letters that are being resolved'],
  ['streaming_buffer', 'rows of 2 tables yet'],
  ['not_swept', 'has not recorded 2 batches that ended early'],
] as const)('a running erasure says what it waits for: %s', (code, words) => {
  const nextLookAt = '2026-11-20T10:30:00.123Z'
  const text = progressText({ ...PROGRESS, waitsFor: [{ code, count: 2 }], nextLookAt })
  expect(text).toContain(words)
  expect(text).toContain('; looks again at 2026-11-20T10:30:00Z')
})

test('a running erasure that does not wait says its step', () => {
  expect(progressText({ ...PROGRESS, step: 'erasing' })).toBe('erasing')
  expect(statusText({ ...RUNNING, progress: null })).toBe('The erasure is under way.')
  expect(statusText(RUNNING)).toContain('under way since 2026-11-20T10:00:00.000Z: waiting.')
})

test('other states are told apart', () => {
  expect(statusText(NEVER)).toBe('This customer was never erased.')
  expect(statusText(FAILED)).toContain('ended with TERMINATED: see erase/0a1b in Temporal')
  expect(didText('started')).toContain('The erasure is started.')
  expect(didText('joined')).toContain('under way already')
  expect(didText('nothing')).toContain('Nothing of this customer is left')
})

test('a count says how much there is of everything, and which runs are open', () => {
  const counts = {
    rows: { ...NO_ROWS, audit_log: 21 },
    messages: 22,
    batches: 23,
    letters: 24,
    runs: 25,
    openRuns: 26,
    unattributed: 27,
  }
  const text = countsText(counts)
  expect(text).toMatch(/│ streaming\.audit_log +│ +21 │/)
  expect(text).toMatch(/│ messages +│ +22 │/)
  expect(text).toMatch(/│ batches +│ +23 │/)
  expect(text).toMatch(/│ dead letters +│ +24 │/)
  expect(text).toMatch(/│ runs in Temporal +│ +25 │ 26 of them are open/)
  expect(text).toMatch(/│ messages without a partner +│ +27 │ they contain the id/)
})
