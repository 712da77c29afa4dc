// What a dead letter says of itself: the reasons by how many events have them, and the next step; never what a partner wrote.

import { expect, test } from '@jest/globals'
import {
  type DeadEvent,
  type DeadLetter,
  describeDeadLetter,
  REASONS,
  type Stage,
} from '#contracts'
import { CANARIES } from '../../../support/canaries.ts'
import { activeIn } from '../../../support/markdown.ts'
import { unsafeIn } from '../../../support/neutral.ts'

const ID = 'dead-letter/batch-1/dealer-7-0a1b2c3d/validation'

const dead = (...reasons: readonly string[]): DeadEvent => ({
  messageId: 'm1',
  publishTime: '2026-11-20T10:00:00.000000Z',
  attributes: {},
  data: { text: '{"email":"max@example.com"}' },
  eventType: 'purchase',
  eventId: null,
  orderId: 'max@example.com',
  faults: reasons.map((reason) => ({
    reason,
    path: 'consent.max@example.com',
    expected: REASONS[reason] ?? reason,
    received: '"max"',
  })),
})

const letterOf = (stage: Stage, ...events: readonly DeadEvent[]): DeadLetter => ({
  batchId: 'batch-1',
  partnerId: 'dealer-7',
  stage,
  part: 0,
  events,
})

const describe = (letter: DeadLetter) => describeDeadLetter(letter, ID)

test.each<[string, DeadLetter]>([
  [
    '3 events of dealer-7 rejected: not_json (2), amount_missing (1)',
    letterOf('validation', dead('amount_missing'), dead('not_json'), dead('not_json', 'not_json')),
  ],
  [
    '1 event of dealer-7 not staged: a (1), b (1), c (1) and 1 more reason',
    letterOf('staging', dead('a', 'b', 'c', 'd')),
  ],
  [
    '1 event of dealer-7 not activated: segment_refused (1)',
    letterOf('activation', dead('segment_refused')),
  ],
  [
    '1 event of dealer-7 not finished: batch_terminated (1)',
    letterOf('validation', dead('batch_terminated')),
  ],
])('the summary is "%s"', (expected, letter) => {
  expect(describe(letter).summary).toBe(expected)
})

test('the details have a line for each reason, and the commands that are the next step', () => {
  const { details } = describe(letterOf('validation', dead('amount_missing'), dead('not_json')))
  expect(details).toContain('**2 events of dealer-7 rejected**, at stage `validation`')
  expect(details).toContain(`- \`amount_missing\` × 1: expected ${REASONS['amount_missing']}\n`)
  expect(details).toContain('- `not_json` × 1: expected JSON text (RFC 8259)\n')
  for (const command of [
    `show ${ID}`,
    'redrive ID --dry-run',
    'discard ID --reason',
    'report --partner dealer-7',
  ])
    expect(details).toContain(`npm run dlq -- ${command}`)
})

test.each([
  ['what broke the contract', ['not_json'], 'Validation found violations of the contract.'],
  ['an ended batch', ['batch_terminated'], 'all of it can be sent again as it is.'],
  [
    'an ended batch of which some breaks the contract',
    ['batch_terminated', 'not_json'],
    'what the contract accepts can be sent again as it is.',
  ],
])('the details say why: %s', (_what, reasons, words) => {
  const letter = letterOf('validation', ...reasons.map((reason) => dead(reason)))
  expect(describe(letter).details).toContain(words)
})

test('a dead letter that was split says which one it is', () => {
  const letter = { ...letterOf('validation', dead('not_json')), part: 1 }
  expect(describe(letter).details).toContain('number 2 of the dead letters')
})

test('only a partner that broke the contract gets a report, and only if its name is safe in a shell', () => {
  const odd = { ...letterOf('validation', dead('not_json')), partnerId: '$(reboot)' }
  const staging = letterOf('staging', dead('warehouse_refused'))
  for (const letter of [odd, staging]) expect(describe(letter).details).not.toContain('report')
  expect(JSON.stringify(describe(odd))).not.toContain('$(')
})

test('nothing of an event but its reasons is told', () => {
  const text = JSON.stringify(describe(letterOf('validation', dead('consent_not_a_boolean'))))
  expect(text).not.toMatch(/max|example\.com/)
})

test('however many reasons and however long the name, both fit in what Temporal takes', () => {
  const events = Object.keys(REASONS).map((reason) => dead(reason, `${reason}_more`))
  const letter = { ...letterOf('validation', ...events), partnerId: '\u8eca'.repeat(256) }
  const { summary, details } = describe(letter)
  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(250)
  expect(Buffer.byteLength(details)).toBeLessThan(15_000)
  expect(details).toMatch(/- and \d+ more/)
})

test('a reason with a line break in it stays in its line', () => {
  const { details } = describe(letterOf('staging', dead('a\n`b`')))
  expect(details).toContain('- `a  b ` × 1')
})

const ODD = { ...CANARIES, 'a host name': 'www.evil.example', 'a strong name': '__evil__' }

test.each(Object.entries(ODD))('%s stays text in what Temporal shows as Markdown', (_what, odd) => {
  for (const text of [odd, `${'x'.repeat(118)}${odd}`]) {
    const reasons = [1, 2, 3].map((place) => `${text}${place}`)
    const letter = { ...letterOf('validation', dead(...reasons)), partnerId: text }
    const { summary, details } = describe(letter)
    expect([activeIn(summary), activeIn(details)]).toEqual([[], []])
    expect([unsafeIn(summary), unsafeIn(details)]).toEqual([[], []])
    expect([summary, details]).not.toContainEqual(expect.stringMatching(/^[^`]*evil/))
    expect(summary).not.toContain('\n')
  }
})

test('a summary that is cut leaves no code without its end', () => {
  const long = `https://evil.example/${'y'.repeat(300)}`
  const { summary } = describe(letterOf('validation', dead('short', long)))
  expect(activeIn(summary)).toEqual([])
  expect(summary).toContain('of dealer-7 rejected: ')
  expect(summary.split('`').length % 2).toBe(1)
})
