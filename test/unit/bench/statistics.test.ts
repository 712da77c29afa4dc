import { expect, test } from '@jest/globals'
import { imageEnvironment } from '../../../bench/image-environment.ts'
import { median, percentile, spread } from '../../../bench/statistics.ts'

const oneToThousand = Array.from({ length: 1000 }, (_, i) => 1000 - i)

test('percentiles are values that were measured', () => {
  expect(spread(oneToThousand)).toEqual({ p50: 500, p99: 990, p999: 999 })
  expect(percentile([7], 99.9)).toBe(7)
  expect(median([3, 1, 2])).toBe(2)
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
