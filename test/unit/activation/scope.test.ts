// Two partners never share an id at Segment, whatever their ids are made of.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { scopedId, scopeOf } from '#activation/scope'

test.each([
  ['dealer-7', 'A001', 'dealer-7:A001'],
  ['dealer-8', 'A001', 'dealer-8:A001'],
  ['dealer', '7:A001', 'dealer:7:A001'],
  ['dealer:7', 'A001', 'dealer%3A7:A001'],
  ['dealer%3A7', 'A001', 'dealer%253A7:A001'],
  ['ältester Händler', 'A 1', 'ältester Händler:A 1'],
  ['unknown', '1', 'unknown:1'],
])('%s and %s are %s', (partner, id, scoped) => {
  expect(scopedId(partner, id)).toBe(scoped)
})

test.each(['jane@example.com', '+49 151 12345678', 'jane%40example.com', '0151 / 1234567'])(
  'a partner id that is personal, such as %s, is replaced by a digest',
  (partner) => {
    expect(scopedId(partner, '1')).toMatch(/^hidden-[0-9a-f]{32}:1$/)
    expect(scopedId(partner, '1')).toBe(scopedId(partner, '1'))
  },
)

test('a partner that is named as a stand-in is not taken for the partner it stands for', () => {
  const standIn = scopeOf('jane@example.com')
  expect(scopeOf(standIn)).not.toBe(standIn)
})

test('two pairs of partner and id have the same scoped id only where they are the same', () => {
  const awkward = fc.string({
    unit: fc.constantFrom(':', '%', '3', 'A', '2', '5', 'a'),
    maxLength: 6,
  })
  fc.assert(
    fc.property(awkward, awkward, awkward, awkward, (partner, id, other, otherId) => {
      const areSame = partner === other && id === otherId
      expect(scopedId(partner, id) === scopedId(other, otherId)).toBe(areSame)
    }),
    { numRuns: 2000 },
  )
})
