// What is sampled of a thread: by how many seconds its event loop was late, and the bytes of its heap, every five seconds.

import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, jest, test } from '@jest/globals'
import { processMetrics } from '#runtime/metrics/groups'
import { createSampler, SAMPLE_EVERY_MS } from '#runtime/metrics/sample-process'
import { createThreadMeter } from '../../../../workers/isolation/thread-meter.ts'

afterEach(() => {
  jest.restoreAllMocks()
})

const BLOCKED_MS = 200

function block(): void {
  const until = Date.now() + BLOCKED_MS
  while (Date.now() < until);
}

test('a loop that was blocked was late by as many seconds, and is told so once in five seconds', async () => {
  // Sums of whole numbers are exact.
  const began = Math.ceil(performance.now())
  const clock = jest.spyOn(performance, 'now').mockReturnValue(began)
  const { meter, take } = createThreadMeter()
  const sample = createSampler(processMetrics(meter), 'activities')
  // The monitor begins to measure with its first look at the loop.
  await sleep(50)
  block()
  await sleep(50)
  clock.mockReturnValue(began + SAMPLE_EVERY_MS - 1)
  sample()
  expect(take()).toEqual([])
  clock.mockReturnValue(began + SAMPLE_EVERY_MS)
  sample()
  sample()
  const told = take()
  expect(told.map(({ name, tags }) => [name, tags])).toEqual([
    ['nodejs_event_loop_delay_p99_seconds', { thread: 'activities' }],
    ['nodejs_heap_used_bytes', { thread: 'activities' }],
  ])
  const [late, heap] = told.map(({ value }) => value)
  expect(late).toBeGreaterThan((BLOCKED_MS - 50) / 1000)
  expect(late).toBeLessThan(60)
  expect(heap).toBeGreaterThan(1_000_000)
})
