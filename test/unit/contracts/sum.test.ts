// Amounts are added exactly, as text.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sumOf } from '#contracts/event/sum'

test.each([
  [[], '0'],
  [['45000'], '45000'],
  [['0.10', '0.2'], '0.3'],
  [['99999999999999999999999999999.999999999', '0.000000001'], '100000000000000000000000000000'],
  [['45000', '-500.5'], '44499.5'],
  [['0.5', '-1'], '-0.5'],
  [['1', '-1'], '0'],
])('the sum of %j is %s', (decimals, sum) => {
  expect(sumOf(decimals)).toBe(sum)
})

test.each(['', '1e3', '1.', '.5', '0.0000000001', ' 1', '1,5', 'NaN'])(
  '%j is no amount',
  (decimal) => {
    expect(() => sumOf(['1', decimal])).toThrow(RangeError)
  },
)

test('the sum does not depend on the order, and what is subtracted again is gone', () => {
  const amount = fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 29n - 1n }), fc.nat({ max: 999_999_999 }))
    .map(([whole, nano]) => `${whole}.${String(nano).padStart(9, '0')}`)
  fc.assert(
    fc.property(fc.array(amount), amount, (amounts, one) => {
      expect(sumOf(amounts.toReversed())).toBe(sumOf(amounts))
      expect(sumOf([...amounts, one, `-${one}`])).toBe(sumOf(amounts))
    }),
  )
})
