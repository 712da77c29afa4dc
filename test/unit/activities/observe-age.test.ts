// The latency of each event counts once, from when it was published.

import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import type { Observation } from '#runtime/metrics/instruments'
import { agesOf, observeAge } from '../../../activities/observe-age.ts'
import { message, purchase } from '../../fixtures/messages.ts'

const NOW = Date.parse('2026-11-28T10:00:00Z')
const at = (publishTime: string, attributes = {}) => ({
  message: message(purchase, { publishTime, attributes }),
})

test('neighbours that were published at the same time are one observation', () => {
  const [early, late] = ['2026-11-28T09:59:00.000000Z', '2026-11-28T09:59:59.500000Z']
  expect(agesOf([at(early), at(early), at(late), at(early)], NOW)).toEqual([
    [60, 2],
    [0.5, 1],
    [60, 1],
  ])
})

test('a message of a clock that is ahead has the age 0', () => {
  expect(agesOf([at('2026-11-28T10:00:01Z')], NOW)).toEqual([[0, 1]])
})

test('every message is in one observation', () => {
  const times = fc.array(fc.integer({ min: 0, max: 5 }))
  fc.assert(
    fc.property(times, (seconds) => {
      const ages = agesOf(
        seconds.map((second) => at(new Date(NOW - second * 1000).toISOString())),
        NOW,
      )
      const each = ages.flatMap(([age, count]) => Array<number>(count).fill(age))
      expect(each).toEqual(seconds)
    }),
  )
})

test('a replayed message is left out, and a redriven one is not', () => {
  const recorded: Observation[] = []
  const histogram = { record: (values: Iterable<Observation>) => void recorded.push(...values) }
  const published = '2026-11-28T09:00:00Z'
  const redriven = (attributes = {}) => ({
    message: { ...at(published, attributes).message, redrivenAt: '2026-11-28T09:59:00Z' },
  })
  observeAge(histogram, [redriven({ replay_of: '17' }), redriven()])
  observeAge(histogram, [redriven({ replay_of: '18' })])
  expect(recorded).toEqual([[expect.any(Number), 1]])
  observeAge(histogram, [at(published, { replay_of: 'set by a partner' })])
  expect(recorded).toHaveLength(2)
})
