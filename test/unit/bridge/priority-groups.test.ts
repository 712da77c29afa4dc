// The batches of a noisy partner get a lower priority, and no delivery is lost.

import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { priorityGroupsOf } from '../../../bridge/priority-groups.ts'
import { delivery } from './deliveries.ts'

const of = (partner: string, count: number) =>
  Array.from({ length: count }, () => delivery('event', { attributes: { partner_id: partner } }))

test('every delivery is in exactly one group, in its order', () => {
  const sizes = fc.array(fc.nat(300), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(sizes, (counts) => {
      const all = counts.flatMap((count, partner) => of(`dealer-${partner}`, count))
      const groups = priorityGroupsOf(all)
      expect(groups.length).toBeLessThanOrEqual(2)
      for (const { deliveries } of groups) {
        const places = deliveries.map((one) => all.indexOf(one))
        expect(places).toEqual(places.toSorted((a, b) => a - b))
      }
      expect(new Set(groups.flatMap(({ deliveries }) => deliveries))).toEqual(new Set(all))
      expect(groups.flatMap(({ deliveries }) => deliveries).length).toBe(all.length)
    }),
    { numRuns: 30 },
  )
})

describe('a partner with most of a pending batch', () => {
  test('has a group of its own, after that of the others', () => {
    const [noisy, others] = [of('dealer-7', 300), of('dealer-8', 100)]
    expect(priorityGroupsOf([...noisy, ...others])).toEqual([
      { deliveries: others, noisyPartner: null },
      { deliveries: noisy, noisyPartner: 'dealer-7' },
    ])
  })

  test('is known by the field of the event where its message says nothing', () => {
    const noisy = Array.from({ length: 300 }, () =>
      delivery('{"type":"purchase", "partner_id" : "dealer-7"}'),
    )
    const [, last] = priorityGroupsOf([...of('dealer-8', 10), ...noisy])
    expect(last).toEqual({ deliveries: noisy, noisyPartner: 'dealer-7' })
  })

  test('is alone where nobody else sends', () => {
    const noisy = of('dealer-7', 300)
    expect(priorityGroupsOf(noisy)).toEqual([{ deliveries: noisy, noisyPartner: 'dealer-7' }])
  })
})

const guessed = (data: string, attributes: Record<string, string> = {}) =>
  priorityGroupsOf(Array.from({ length: 200 }, () => delivery(data, { attributes })))[0]
    ?.noisyPartner

test('the attribute counts for more than the field, and the first field for more than later ones', () => {
  const data = '{"partner_id":"first","more":{"partner_id":"second"}}'
  expect(guessed(data, { partner_id: 'own' })).toBe('own')
  expect(guessed(data)).toBe('first')
  expect(guessed('{"type":"purchase"}')).toBe('')
})

test('an id of 256 characters is one, and nothing longer', () => {
  const id = 'x'.repeat(256)
  expect(guessed(`{"partner_id":"${id}"}`)).toBe(id)
  expect(guessed(`{"partner_id":"${id}x"}`)).toBe('')
})

test('a partner is noisy with more than half of a pending batch of 200 or more', () => {
  const noisyOf = (own: number, others: number) =>
    priorityGroupsOf([...of('dealer-8', others), ...of('dealer-7', own)]).at(-1)?.noisyPartner
  expect(noisyOf(101, 99)).toBe('dealer-7')
  expect(noisyOf(100, 100)).toBeNull()
  expect(noisyOf(150, 49)).toBeNull()
})

test.each([
  ['few deliveries', [...of('dealer-7', 190), ...of('dealer-8', 5)]],
  ['an even share', [...of('dealer-7', 300), ...of('dealer-8', 300)]],
])('%s are one group', (_what, all) => {
  expect(priorityGroupsOf(all)).toEqual([{ deliveries: all, noisyPartner: null }])
})
