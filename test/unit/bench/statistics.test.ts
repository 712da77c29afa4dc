import { expect, test } from '@jest/globals'
import { imageEnvironment } from '../../../bench/image-environment.ts'
import { growthOf, median, percentile, ratio, spread } from '../../../bench/statistics.ts'

const oneToThousand = Array.from({ length: 1000 }, (_, i) => 1000 - i)

test('percentiles are values that were measured', () => {
  expect(spread(oneToThousand)).toEqual({ p50: 500, p99: 990, p999: 999 })
  expect(percentile([7], 99.9)).toBe(7)
  expect(median([3, 1, 2])).toBe(2)
})

test('a ratio has two decimals, and is of the first over the second', () => {
  expect([ratio(2, 3), ratio(3, 2), ratio(1, 1)]).toEqual([0.67, 1.5, 1])
})

test('growth is from the second quarter to the last: what the first one fills is no leak', () => {
  expect(growthOf([0, 10, 100, 102, 104, 90, 90, 90, 90, 109, 110, 111])).toBe(8)
  expect(growthOf([500, 500, 7, 7, 1_000, 1_000, 3, 3])).toBe(-4)
})

test('of nothing there is no median', () => {
  expect(median([])).toBeNaN()
})

test('a benchmark runs with the settings of the image', async () => {
  const { NODE_OPTIONS, ...malloc } = await imageEnvironment()
  expect(NODE_OPTIONS).toMatch(/^--max-semi-space-size=\d+ --max-old-space-size=\d+$/)
  expect(Object.keys(malloc)).toEqual([
    'MALLOC_ARENA_MAX',
    'MALLOC_MMAP_THRESHOLD_',
    'MALLOC_TRIM_THRESHOLD_',
  ])
})
