// The cost of a million events, against arithmetic done by hand; the numbers are round, not measured.

import { describe, expect, test } from '@jest/globals'
import { largestBatch } from '../../../../cli/cost/batch.ts'
import {
  type Cost,
  costPerMillion,
  smallestBatchBelow,
} from '../../../../cli/cost/cost-per-million.ts'
import type { CostInputs } from '../../../../cli/cost/inputs.ts'
import { LIST_PRICES, withOwnPrices } from '../../../../cli/cost/prices.ts'

/** A GB of history, half a GB of messages and a GiB of rows per million events; 2,628 million events a month. */
const inputs: CostInputs = {
  rate: 1000,
  eventsPerBatch: 100,
  retentionDays: 7,
  plan: 'developer',
  fairness: false,
  writer: 'storage-write',
  messagesPerPublish: 1,
  cancelledShare: 0,
  measured: {
    actionsPerBatch: 6,
    historyBytesPerBatch: 1_000_000,
    historyBytesPerEvent: 1000,
    historyBytesPerEmptyBatch: 0,
    eventBytes: 500,
    rowBytesPerEvent: 2 ** 30 / 1e6,
    eventsPerBatch: { '1000': 100 },
    cpuSecondsPerMillionEvents: 100,
  },
}

const CPU_AND_MEMORY = 0.000011244 + 2 * 0.000001235

type Change = Partial<Omit<CostInputs, 'measured'>> & { measured?: Partial<CostInputs['measured']> }

function costOf({ measured, ...change }: Change = {}, prices = LIST_PRICES): Cost {
  return costPerMillion(
    { ...inputs, ...change, measured: { ...inputs.measured, ...measured } },
    prices,
  )
}

function partOf(cost: Cost, name: string) {
  const part = cost.parts.find((one) => one.name.startsWith(name))
  if (!part) throw new Error(`no part ${name}`)
  return part
}

test.each<[string, Change, string, number]>([
  ['six actions a batch of 100', {}, 'Temporal actions', (6 / 100) * 50],
  ['a batch ten times larger', { eventsPerBatch: 1000 }, 'Temporal actions', 0.3],
  ['an event a batch', { eventsPerBatch: 1 }, 'Temporal actions', 300],
  ['a cancellation in every batch', { cancelledShare: 1 }, 'Temporal actions', 4],
  ['one cancellation in 100', { cancelledShare: 0.01 }, 'Temporal actions', 3 + 1 - 0.99 ** 100],
  ['fairness', { fairness: true }, 'Temporal actions', 3.3],
  ['a GB open for ten seconds', {}, 'Temporal storage, active', (10 / 3600) * 0.042],
  ['a GB kept for a week', {}, 'Temporal storage, retained', 7 * 24 * 0.00105],
  ['a GB kept for 30 days', { retentionDays: 30 }, 'Temporal storage, retained', 0.756],
  ['a tenth of what is used', {}, 'Temporal plan', (3 + 0.1764 + 0.042 / 360) / 10],
  [
    'a change event an event',
    { changeEventSubscriptions: 2 },
    'Change events publish',
    (1e9 / 2 ** 40) * 40,
  ],
  [
    'two consumers of it',
    { changeEventSubscriptions: 2 },
    'Change events deliver',
    (2e9 / 2 ** 40) * 40,
  ],
  [
    'a millisecond of CPU for each',
    { changeEventSubscriptions: 2 },
    'Change events compute',
    2_000 * CPU_AND_MEMORY,
  ],
  [
    'six threads that look up orders each second',
    { changeEventSubscriptions: 2 },
    'Change events look-ups',
    ((6 * 20 * 2 ** 20) / 2 ** 40 / 1000) * 1e6 * 6.25,
  ],
  [
    'no query without a batch',
    { changeEventSubscriptions: 2, eventsPerBatch: 1000 },
    'Change events look-ups',
    ((1 * 20 * 2 ** 20) / 2 ** 40 / 1000) * 1e6 * 6.25,
  ],
  ['a request a message, as 1 kB', {}, 'Pub/Sub publish', (1e9 / 2 ** 40) * 40],
  ['two in a request', { messagesPerPublish: 2 }, 'Pub/Sub publish', (0.5e9 / 2 ** 40) * 40],
  ['more in a request', { messagesPerPublish: 9 }, 'Pub/Sub publish', (0.5e9 / 2 ** 40) * 40],
  ['pulled by the batch', {}, 'Pub/Sub deliver', (0.5e9 / 2 ** 40) * 40],
  ['pulled one by one', { eventsPerBatch: 1 }, 'Pub/Sub deliver', (1e9 / 2 ** 40) * 40],
  ['2 TiB a month free', {}, 'BigQuery Storage Write', ((2628 - 2048) / 2628) * 0.025],
  ['all of it free', { rate: 100 }, 'BigQuery Storage Write', 0],
  [
    'rows of insertAll, as 1 KiB each',
    { writer: 'insert-all' },
    'BigQuery insertAll',
    ((3 * 1024 * 1e6) / 2 ** 30) * 0.05,
  ],
  [
    'large rows of insertAll',
    { writer: 'insert-all', measured: { rowBytesPerEvent: (4 * 2 ** 30) / 1e6 } },
    'BigQuery insertAll',
    0.2,
  ],
  ['a GiB stored for a month', {}, 'BigQuery storage', 0.02],
  ['CPU at half load', {}, 'Compute, as used', 200 * CPU_AND_MEMORY],
  ['four instances less what is used', {}, 'Compute, up to', (4000 - 200) * CPU_AND_MEMORY],
  ['more than four instances', { rate: 100_000 }, 'Compute, up to', 0],
])('%s', (_name, change, part, usd) => {
  expect(partOf(costOf(change), part).usdPerMillion).toBeCloseTo(usd, 9)
})

describe('on the Business plan', () => {
  test('actions are cheaper by volume, past what is included', () => {
    // 157.68 million actions, 2.5 of them included: tiers of 5, 5, 10, 30, 50 and the rest.
    const usd = 5 * 50 + 5 * 45 + 10 * 40 + 30 * 35 + 50 * 30 + 55.18 * 25
    expect(partOf(costOf({ plan: 'business' }), 'Temporal actions').usdPerMonth).toBeCloseTo(usd, 6)
  })

  test('storage is less what is included', () => {
    const cost = costOf({ plan: 'business' })
    expect(partOf(cost, 'Temporal storage, active').usdPerMonth).toBe(0)
    const retained = (2628 * 168 - 74_400) * 0.00105
    expect(partOf(cost, 'Temporal storage, retained').usdPerMonth).toBeCloseTo(retained, 6)
  })

  test('the plan is a tenth of what is used', () => {
    const plan = partOf(costOf({ plan: 'business' }), 'Temporal plan')
    expect(plan.usdPerMonth).toBeCloseTo((4804.5 + 385.4592) / 10, 6)
  })

  test('the plan is never less than its base price', () => {
    const cost = costOf({ plan: 'business', rate: 10 })
    expect(partOf(cost, 'Temporal actions').usdPerMonth).toBe(0)
    expect(partOf(cost, 'Temporal plan').usdPerMonth).toBe(500)
  })
})

test('the part of a history that is the same in every batch weighs on small ones', () => {
  const measured = { historyBytesPerEmptyBatch: 10_000 }
  const retained = (eventsPerBatch: number) =>
    partOf(costOf({ eventsPerBatch, measured }), 'Temporal storage, retained').quantity
  expect(retained(1000)).toBeCloseTo(168, 9)
  expect(retained(100)).toBeCloseTo(1.09 * 168, 9)
})

test('the parts make the total, and the shares one', () => {
  const cost = costOf()
  const sum = (value: (part: Cost['parts'][number]) => number) =>
    cost.parts.reduce((total, part) => total + value(part), 0)
  expect(sum((part) => part.usdPerMillion)).toBeCloseTo(cost.usdPerMillion, 9)
  expect(sum((part) => part.share)).toBeCloseTo(1, 9)
  expect(cost.usdPerMonth).toBeCloseTo(cost.usdPerMillion * 2628, 6)
})

describe('own prices', () => {
  test('take the place of the list', () => {
    const cost = costOf({}, withOwnPrices({ pubsubPublish: 20 }))
    expect(partOf(cost, 'Pub/Sub publish').usdPerMillion).toBeCloseTo((1e9 / 2 ** 40) * 20, 9)
    expect(partOf(cost, 'Pub/Sub deliver').price.usd).toBe(40)
  })

  test('of actions hold on every plan and for every volume', () => {
    const prices = withOwnPrices({ temporalActions: 20 })
    const business = partOf(costOf({ plan: 'business' }, prices), 'Temporal actions')
    expect(business.usdPerMonth).toBeCloseTo((157.68 - 2.5) * 20, 6)
  })
})

describe('the smallest batch within a target', () => {
  test('meets it, and one event less does not', () => {
    const batch = smallestBatchBelow(1, inputs, LIST_PRICES)
    if (batch === undefined) throw new Error('there should be one')
    expect(costOf({ eventsPerBatch: batch }).usdPerMillion).toBeLessThan(1)
    expect(costOf({ eventsPerBatch: batch - 1 }).usdPerMillion).toBeGreaterThanOrEqual(1)
  })

  test('is not made up where there is none', () => {
    expect(smallestBatchBelow(0.01, inputs, LIST_PRICES)).toBeUndefined()
  })

  test.each([
    [500, 2000],
    [1000, 1310],
    [10_000_000, 1],
  ])('is no larger than the bridge can make: of %i bytes, %i', (eventBytes, events) => {
    expect(largestBatch({ ...inputs.measured, eventBytes })).toBe(events)
  })
})

test('change events cost nothing where they are off', () => {
  const names = costOf().parts.map(({ name }) => name)
  expect(names.filter((name) => name.startsWith('Change events'))).toEqual([])
})
