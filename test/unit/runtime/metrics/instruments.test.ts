// Instruments record under the names and labels of the catalogue, and histograms count as Prometheus reads them.

import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { ACTIVITY_METRICS } from '#runtime/metrics/activity-metrics'
import { METRICS } from '#runtime/metrics/catalogue'
import { countFromZero, createInstruments, type Observation } from '#runtime/metrics/instruments'
import type { MetricGroup } from '#runtime/metrics/spec'
import { STAGED_WITHIN_SECONDS } from '../../../../deploy/prometheus/objectives.ts'
import { createThreadMeter } from '../../../../workers/isolation/thread-meter.ts'

const GROUP = {
  cut: {
    name: 'cut_total',
    type: 'counter',
    unit: 'batches',
    labels: { cause: ['events', 'bytes'], how: ['a', 'b'] },
    meaning: 'Cut.',
  },
  byPartner: {
    name: 'partner_total',
    type: 'counter',
    unit: 'events',
    labels: { partner: { limitedBy: 'a file' }, cause: ['events'] },
    meaning: 'By partner.',
  },
  open: { name: 'open', type: 'gauge', unit: '1', labels: {}, meaning: 'Open.' },
  age: {
    name: 'age_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels: {},
    meaning: 'Age.',
    buckets: [1, 5, 60],
  },
} as const satisfies MetricGroup

function start() {
  const { meter, take } = createThreadMeter()
  return { ...createInstruments(meter, GROUP), take }
}

/** The sums of all updates, by name and labels. */
function totals(updates: ReturnType<ReturnType<typeof start>['take']>) {
  const sums = new Map<string, number>()
  for (const { name, tags, value } of updates) {
    const key = [name, ...Object.values(tags)].join(' ')
    sums.set(key, (sums.get(key) ?? 0) + value)
  }
  return Object.fromEntries(sums)
}

test('counters and gauges pass on values and labels', () => {
  const { cut, byPartner, open, take } = start()
  cut.add(2, { cause: 'bytes', how: 'a' })
  byPartner.add(1, { partner: 'dealer-7', cause: 'events' })
  open.set(3)
  expect(totals(take())).toEqual({
    'cut_total bytes a': 2,
    'partner_total dealer-7 events': 1,
    open: 3,
  })
})

test('a label or a value that the catalogue does not have is an error of types', () => {
  const { cut, open } = start()
  // @ts-expect-error -- the catalogue has no such value
  cut.add(1, { cause: 'time', how: 'a' })
  // @ts-expect-error -- a label is missing
  cut.add(1, { cause: 'bytes' })
  // @ts-expect-error -- the metric has no labels
  open.set(1, { cause: 'bytes' })
  expect(Object.keys(GROUP)).toHaveLength(4)
})

test('every counter whose labels have known values begins at zero, as does a histogram, and no gauge', () => {
  const { take, ...instruments } = start()
  countFromZero(instruments)
  expect(totals(take())).toEqual({
    'cut_total events a': 0,
    'cut_total events b': 0,
    'cut_total bytes a': 0,
    'cut_total bytes b': 0,
    'age_seconds_bucket 1': 0,
    'age_seconds_bucket 5': 0,
    'age_seconds_bucket 60': 0,
    'age_seconds_bucket +Inf': 0,
    age_seconds_count: 0,
    age_seconds_sum: 0,
  })
})

test('a bucket counts the observations up to its limit, the limit included', () => {
  const { age, take } = start()
  age.record([
    [0, 1],
    [1, 10],
    [1.5, 100],
    [60, 1_000],
    [60.1, 10_000],
  ])
  expect(totals(take())).toEqual({
    'age_seconds_bucket 1': 11,
    'age_seconds_bucket 5': 111,
    'age_seconds_bucket 60': 1_111,
    'age_seconds_bucket +Inf': 11_111,
    age_seconds_count: 11_111,
    age_seconds_sum: Math.floor(10 + 150 + 60_000 + 601_000),
  })
})

const observation = fc.tuple(fc.double({ min: 0, max: 200, noNaN: true }), fc.nat(9))

test('however observations are grouped, the histogram is the same as of each by itself', () => {
  fc.assert(
    fc.property(fc.array(fc.array(observation)), (groups) => {
      const { age, take } = start()
      for (const group of groups) age.record(group)
      const one = groups.flat().flatMap(([value, times]) => Array<number>(times).fill(value))
      const upTo = (limit: number) => one.filter((value) => value <= limit).length
      const counted = totals(take())
      const sum = one.reduce((total, value) => total + value, 0)
      expect(counted['age_seconds_bucket 1'] ?? 0).toBe(upTo(1))
      expect(counted['age_seconds_bucket 5'] ?? 0).toBe(upTo(5))
      expect(counted['age_seconds_bucket 60'] ?? 0).toBe(upTo(60))
      expect(counted['age_seconds_bucket +Inf'] ?? 0).toBe(one.length)
      expect(counted['age_seconds_count'] ?? 0).toBe(one.length)
      expect(Math.abs((counted['age_seconds_sum'] ?? 0) - sum)).toBeLessThan(1.001)
    }),
  )
})

test('a batch takes as many updates as the histogram has series, whatever its size', () => {
  const { age, take } = start()
  const batch = Array.from({ length: 8_000 }, (_, index): Observation => [index / 100, 1])
  age.record(batch)
  expect(take()).toHaveLength(6)
})

test('names are those of Prometheus, and no metric has two of them', () => {
  const names = METRICS.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  for (const { name, type, unit, buckets } of METRICS) {
    expect(name).toMatch(/^[a-z][a-z0-9_]+$/)
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter'])
    const isOf = (ending: string) => name.replace(/_total$/, '').endsWith(ending)
    expect([name, isOf('_seconds')]).toEqual([name, unit === 'seconds'])
    expect([name, isOf('_bytes')]).toEqual([name, unit === 'bytes'])
    expect([name, buckets !== undefined]).toEqual([name, type === 'histogram'])
  }
})

/** A bucket at the limit of the objective is what says whether it is kept: docs/dashboards.md. */
test('the buckets of a histogram grow, and those of latencies have the limits that people look at', () => {
  for (const { name, buckets = [] } of METRICS)
    expect([name, buckets]).toEqual([name, buckets.toSorted((one, other) => one - other)])
  for (const { buckets } of [ACTIVITY_METRICS.publishToStaged, ACTIVITY_METRICS.publishToAccepted])
    for (const seconds of [1, STAGED_WITHIN_SECONDS, 60 * 60, 24 * 60 * 60])
      expect(buckets).toContain(seconds)
})
