// A list in two halves has every item once and in order, and never ends where a refused request is halved until one item is left.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { halvesOf } from '#runtime/chunks'

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
