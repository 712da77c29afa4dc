// What `dlq list`, `dlq summary` and `dlq show` print: as many lines as were asked for, and all of it as JSON.

import { expect, test } from '@jest/globals'
import type { ListedLetter, Sum } from '#operations/dead-letters/list'
import type { ShownLetter } from '#operations/dead-letters/show'
import { listText } from '../../../../cli/dead-letters/list.ts'
import { nothingCame } from '../../../../cli/dead-letters/report.ts'
import { letterText } from '../../../../cli/dead-letters/show.ts'
import { summaryText } from '../../../../cli/dead-letters/summary.ts'
import { storedEvent } from '../../../support/stored-event.ts'

const letterOf = (short_id: string): ListedLetter => ({
  short_id,
  id: `dead-letter/${short_id}`,
  state: 'open',
  oldest_event_at: '2026-11-20T10:00:00.000Z',
  partner_id: 'dealer-7',
  partners: 1,
  stages: ['validation'],
  types: ['purchase'],
  events: 2,
  reasons: ['not_json'],
})
const LETTERS = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc'].map(letterOf)

const sumOf = (reason: string): Sum => ({
  reason,
  partner_id: 'dealer-7',
  stage: 'validation',
  events: 2,
  dead_letters: 1,
  oldest_event_at: '2026-11-20T10:00:00.000Z',
})
const SUMS = ['not_json', 'empty', 'too_large'].map(sumOf)

const TWO_HIDDEN = '\n2 more: narrow it down, or use --limit or --json.'

test('a table has as many lines as were asked for, and says how many are hidden', () => {
  const list = listText(LETTERS, { limit: 1 })
  expect(list).toContain('aaaaaaaa')
  expect(list).not.toContain('bbbbbbbb')
  expect(list.endsWith(TWO_HIDDEN)).toBe(true)
  const summary = summaryText(SUMS, { limit: 1 })
  expect(summary).toContain('not_json')
  expect(summary).not.toContain('empty')
  expect(summary.endsWith(TWO_HIDDEN)).toBe(true)
})

test('a table that has all of them hides none', () => {
  expect(listText(LETTERS, { limit: 3 })).not.toContain('more')
  expect(summaryText(SUMS, { limit: 3 })).not.toContain('more')
})

test('the JSON has all of them with every field, whatever the limit of the lines is', () => {
  expect(JSON.parse(listText(LETTERS, { limit: 1, json: true }))).toEqual(LETTERS)
  expect(JSON.parse(summaryText(SUMS, { limit: 1, json: true }))).toEqual(SUMS)
})

test.each([
  [{ partner_id: 'dealer-7', partners: 1 }, '│ dealer-7 '],
  [{ partner_id: 'dealer-7', partners: 4 }, '│ dealer-7, with 3 more '],
  [{ partner_id: '(several)', partners: 4 }, '│ 4 partners '],
])('a line says whose events the dead letter holds: %j', (whose, words) => {
  expect(listText([{ ...letterOf('aaaaaaaa'), ...whose }], { limit: 1 })).toContain(words)
})

test('closed dead letters are told apart where all are listed, and a column has what its name says', () => {
  const closed = {
    ...letterOf('bbbbbbbb'),
    state: 'closed',
    stages: ['validation', 'staging'],
  } as const
  const all = listText([letterOf('aaaaaaaa'), closed], { limit: 9, all: true })
  expect(all).toMatch(/│ aaaaaaaa │ open +│ \d+d +│ dealer-7 │ validation +│ +2 │ not_json │/)
  expect(all).toMatch(/│ bbbbbbbb │ closed │ \d+d +│ dealer-7 │ validation, staging │ +2 │/)
  expect(listText(LETTERS, { limit: 9 })).not.toContain('state')
  expect(summaryText(SUMS, { limit: 1 })).toMatch(
    /│ not_json │ dealer-7 │ validation │ +2 │ +1 │ \d+d +│/,
  )
})

test('where there is no dead letter, a list says so of what was asked for', () => {
  expect(listText([], { limit: 1 })).toBe('No dead letter is open.')
  expect(listText([], { limit: 1, all: true })).toBe('There are no dead letters.')
  expect(summaryText([], { limit: 1 })).toBe('No dead letter is open.')
})

const fault = (reason: string) => ({
  reason,
  path: 'amount',
  expected: 'a number',
  received: '"x"',
})

const EVENTS = ['m1', 'm2', 'm3'].map((message_id, at) =>
  storedEvent({
    message_id,
    order_id: `O${at}`,
    faults: [fault('amount_not_a_number'), fault('currency_unknown')],
    publish_time: `2026-11-2${2 - at}T10:00:00.000000Z`,
  }),
)

const LETTER: ShownLetter = {
  id: 'dead-letter/b/p-1/validation',
  isOpen: true,
  events: EVENTS,
  log: [],
}

test('a dead letter is shown with its oldest event, every fault of so many events, and what is next', () => {
  const text = letterText(LETTER, 2)
  const [first = '', second = ''] = text.split('\n')
  const short = /^([0-9a-f]{8}) {2}dead-letter\/b\/p-1\/validation$/.exec(first)?.[1] ?? 'none'
  expect(second).toMatch(
    /^open, 3 events of dealer-7, the oldest published \d+d ago \(2026-11-20T10:00:00\.000000Z\)$/,
  )
  expect(text).toContain('Why its events are open')
  expect(text).toMatch(
    /│ m1 +│ purchase │ O0 +│ validation │ amount_not_a_number │ amount │ a number │ "x" +│/,
  )
  expect(text.match(/│ currency_unknown/g) ?? text.match(/currency_unknown/g)).toHaveLength(2)
  expect(text).not.toContain('│ m3 ')
  expect(text).toContain('\n1 more events: --limit, or --json.')
  expect(text).toContain(`npm run dlq -- redrive ${short} --dry-run`)
  expect(text).toContain(`npm run dlq -- discard ${short} --reason`)
  expect(text).not.toContain('What was done with it')
  expect(letterText(LETTER, 3)).not.toContain('more events')
})

test('of a closed dead letter it is shown what was done, and nothing is next', () => {
  const log = [
    {
      action: 'redrive',
      attempt: 4,
      outcome: 'failed',
      actor: 'ann',
      reason: 'fixed',
      patch: [{ messages: ['m1'] }],
      events: 8,
      failed: 5,
      run_id: 'r1',
      occurred_at: '2026-11-23T10:00:00.000000Z',
    },
  ]
  const text = letterText({ ...LETTER, isOpen: false, log, events: EVENTS.slice(0, 1) }, 20)
  expect(text).toContain('closed, 1 event of dealer-7')
  expect(text).toContain('Why its events failed last')
  expect(text).toMatch(
    /│ +4 │ redrive │ failed +│ ann │ fixed │ 2026-11-23T10:00:00\.000000Z │ +8 │ +5 │ yes +│/,
  )
  expect(text).not.toContain('Next:')
  const unchanged = log.map((entry) => ({ ...entry, patch: null }))
  expect(letterText({ ...LETTER, log: unchanged }, 20)).toMatch(/│ +8 │ +5 │ no +│/)
})

test('where several partners share a dead letter, each event says whose it is', () => {
  const shared = [
    ...EVENTS,
    storedEvent({
      message_id: 'm9',
      partner_id: 'dealer-8',
      type: null,
      faults: [fault('not_json')],
    }),
  ]
  const text = letterText({ ...LETTER, events: shared }, 20)
  expect(text).toContain('open, 4 events of 2 partners')
  expect(text).toMatch(/│ m9 +│ dealer-8 │ unknown +│/)
  expect(letterText(LETTER, 20)).not.toContain('│ partner')
})

test('where nothing came from a partner, it is said who sent something', () => {
  expect(nothingCame('dealer-9', ['dealer-7', 'dealer-8'])).toBe(
    'Nothing came from dealer-9 in this period. These partners sent events: dealer-7, dealer-8.',
  )
  expect(nothingCame('dealer-9', [])).toContain('look at another period with --since and --until')
})
