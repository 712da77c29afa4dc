// A list in two halves has every item once and in order, and never ends where a refused request is halved until one item is left.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { chunksOf, halvesOf } from '#runtime/chunks'
import { compare } from '#runtime/compare'
import { groupBy } from '#runtime/group-by'

test('the halves are the list, and the second has as many items as the first or one less', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (items) => {
      const [first, second] = halvesOf(items)
      expect([...first, ...second]).toEqual(items)
      expect([0, 1]).toContain(first.length - second.length)
    }),
  )
})

test('of two items or more neither half is empty, so that halving ends with single items', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 2 }), (items) => {
      for (const half of halvesOf(items)) {
        expect(half.length).toBeGreaterThan(0)
        expect(half.length).toBeLessThan(items.length)
      }
    }),
  )
})

test.each([
  [{ maxItems: 2, maxBytes: 100 }, [[1, 2], [3, 4], [9]]],
  [{ maxItems: 9, maxBytes: 6 }, [[1, 2, 3], [4], [9]]],
  [{ maxItems: 9, maxBytes: 5 }, [[1, 2], [3], [4], [9]]],
  [{ maxItems: 9, maxBytes: 10 }, [[1, 2, 3, 4], [9]]],
])('chunks of %j are as full as they may be, limits included', (limits, chunks) => {
  expect(chunksOf([1, 2, 3, 4, 9], (bytes) => bytes, limits)).toEqual(chunks)
  expect(chunksOf([], () => 1, limits)).toEqual([])
})

test('groups and their items keep the order of the list', () => {
  const groups = groupBy([3, 1, 4, 1, 5], (item) => item % 2 === 0)
  expect([...groups]).toEqual([
    [false, [3, 1, 1, 5]],
    [true, [4]],
  ])
})

test('texts are sorted by their code units, as times and ids are', () => {
  expect(['b', 'a', 'B', 'ä', 'a'].toSorted(compare)).toEqual(['B', 'a', 'a', 'b', 'ä'])
  expect(compare('a', 'a')).toBe(0)
})
