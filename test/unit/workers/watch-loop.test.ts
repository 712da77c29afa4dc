// When a thread counts as stuck: after a second where it uses its CPU, after ten where it only waits, and never while it beats.

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { STUCK_AFTER_MS, watchLoop } from '../../../workers/isolation/watch-loop.ts'

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

/** @returns after how many milliseconds the thread is stuck; null where it is not within a minute */
function stuckAfter(thread: { beats: boolean; cpuPerSecond: number }): number | null {
  let stuckAt: number | null = null
  const began = Date.now()
  const seconds = () => (Date.now() - began) / 1000
  const stop = watchLoop({
    beat: () => (thread.beats ? Math.floor(seconds() * 10) : 7),
    cpuMs: () => seconds() * thread.cpuPerSecond,
    onStuck: () => {
      expect(stuckAt).toBeNull()
      stuckAt = Date.now() - began
    },
  })
  jest.advanceTimersByTime(60_000)
  stop()
  return stuckAt
}

test.each([
  { beats: true, cpuPerSecond: 1_000, ms: null },
  { beats: false, cpuPerSecond: 1_000, ms: STUCK_AFTER_MS },
  { beats: false, cpuPerSecond: 800, ms: STUCK_AFTER_MS },
  // Short of CPU, it is stuck once it has used as much.
  { beats: false, cpuPerSecond: 400, ms: 2_000 },
  { beats: false, cpuPerSecond: 0, ms: 10_000 },
])('beats: $beats, $cpuPerSecond ms of CPU a second: stuck after $ms ms', ({ ms, ...thread }) => {
  expect(stuckAfter(thread)).toBe(ms)
})
