// An alert is short, names the worst first, and is only about what is past the threshold.

import { expect, test } from '@jest/globals'
import { alertText, type Count } from '../../../activities/sweep/alert-text.ts'
import { CANARIES } from '../../support/canaries.ts'
import { unsafeIn } from '../../support/neutral.ts'

const count = (partnerId: string, events: number, ...reasons: string[]): Count => ({
  partnerId,
  events,
  reasons,
  oldest: '2026-11-25T10:05:59.123Z',
})

test('nothing is said where nothing reaches the threshold', () => {
  expect(alertText([], 1)).toBeNull()
  expect(alertText([count('a', 9, 'not_json'), count('b', 9, 'empty')], 10)).toBeNull()
})

test('events with several reasons count once for their partner', () => {
  const counts = [count('a', 5, 'empty', 'not_json'), count('a', 4, 'not_json')]
  expect(alertText(counts, 10)).toBeNull()
  expect(alertText(counts, 9)).toContain('• `a`: 9 events, not_json (9), empty (5): ')
})

test('a partner that is told is not told again by its reason', () => {
  const text = alertText([count('a', 10, 'empty'), count('b', 9, 'empty')], 10)
  expect(text).toContain('`a`: 10 events')
  expect(text).not.toContain('--reason')
})

test('a partner whose events have different reasons is one of the partners of a reason they share', () => {
  const counts = [
    count('a', 3, 'empty'),
    count('a', 3, 'empty', 'not_json'),
    count('b', 4, 'empty'),
  ]
  expect(alertText(counts, 7)).toContain('• `empty`: 10 events of 2 partners: ')
  expect(alertText([count('a', 3, 'x'), count('a', 3, 'y'), count('b', 5, 'x')], 8)).toContain(
    '• `x`: 8 events of 2 partners: ',
  )
})

test('more than ten lines are counted, and of many reasons the three most frequent are named', () => {
  const counts = Array.from({ length: 12 }, (_, i) => count(`dealer-${i}`, 100 + i, `r${i}`))
  const many = ['r1', 'r2', 'r3', 'r4'].map((reason, i) => count('dealer-99', 100 - i, reason))
  const lines = alertText([...counts, ...many], 10)?.split('\n') ?? []
  expect(lines).toHaveLength(13)
  expect(lines[0]).toContain('since 2026-11-25 10:05 UTC')
  expect(lines[1]).toContain('• `dealer-99`: 394 events, r1 (100), r2 (99), r3 (98), and 1 more: ')
  expect(lines[11]).toBe('• and 3 more partners or reasons')
})

const cpuMs = () => process.cpuUsage().user / 1_000

test('however many partners have the same reason, it is one message, and takes no time by their square', () => {
  const counts = Array.from({ length: 40_000 }, (_, i) => count(`p${i}`, 10, 'empty'))
  const startedAt = cpuMs()
  expect(alertText(counts, 10)?.split('\n')).toHaveLength(13)
  const few = counts.map((one) => ({ ...one, events: 1 }))
  expect(alertText(few, 10)).toContain('• `empty`: 40000 events of 40000 partners: ')
  expect(cpuMs() - startedAt).toBeLessThan(2_000)
})

test('no name breaks out of the markup', () => {
  const text = alertText([count('`<!channel>` & co', 10, 'empty')], 10)
  expect(text).toContain('• `___channel_____co`: 10 events')
})

test.each(Object.entries(CANARIES))('%s does nothing in Slack', (_what, canary) => {
  const text = alertText([count(canary, 10, canary), count('b', 5, canary)], 5) ?? ''
  const byReason = alertText([count('a', 3, canary), count('b', 3, canary)], 5) ?? ''
  for (const lines of [text, byReason]) {
    expect(lines).not.toMatch(/[<>]|&(?!(amp|lt|gt);)/)
    expect(unsafeIn(lines)).toEqual([])
    const outsideCode = lines.replace(/`[^`\n]*`/g, '')
    expect(outsideCode).not.toMatch(/`|:\/\/|@|~|www\./)
  }
  expect(byReason.split('\n')).toHaveLength(3)
})
