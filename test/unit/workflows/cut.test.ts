// Where a batch is cut that a worker cannot finish.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { cut } from '../../../workflows/cut.ts'

const length = fc.integer({ min: 2, max: 5_000 })

const indexesOf = (spans: ReturnType<typeof cut>) =>
  spans.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i))

test('every message is in exactly one span, and every span is shorter than the whole', () => {
  const suspect = fc.option(fc.integer({ min: -5, max: 6_000 }))
  fc.assert(
    fc.property(length, suspect, (all, index) => {
      const spans = cut(all, index)
      expect(indexesOf(spans).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: all }).map((_, i) => i),
      )
      for (const { from, to } of spans) expect(to - from).toBeLessThan(all)
    }),
    { numRuns: 200 },
  )
})

test('a suspect stands alone, and behind all the others', () => {
  fc.assert(
    fc.property(length, fc.nat(), (all, seed) => {
      const suspect = seed % all
      expect(cut(all, suspect).at(-1)).toEqual({ from: suspect, to: suspect + 1 })
    }),
  )
})

test('without a suspect two rounds find one message in 2,000, with 45 pieces at most in each', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 2_000 }), (all) => {
      const first = cut(all, null)
      expect(first.length).toBeLessThanOrEqual(45)
      const large = first.map(({ from, to }) => to - from).filter((messages) => messages > 1)
      expect(large.map((messages) => cut(messages, null).length)).toEqual(large)
    }),
  )
})
