// What `dlq list` and `dlq summary` print: as many lines as were asked for, and all of it as JSON.

import { expect, test } from '@jest/globals'
import type { ListedLetter, Sum } from '#operations/dead-letters/list'
import { listText } from '../../../../cli/dead-letters/list.ts'
import { summaryText } from '../../../../cli/dead-letters/summary.ts'

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
