// Samples the event loop and the heap of a thread for the metrics of its process.

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { monotonicMs } from '../clock.ts'
import type { ProcessMetrics } from './groups.ts'

type Sampled = Pick<ProcessMetrics, 'eventLoopDelay' | 'heapUsed'>

export const SAMPLE_EVERY_MS = 5_000

/** Node looks at the event loop as often as this, and reports the whole time between two looks. */
const RESOLUTION_MS = 20

const NS_PER_SECOND = 1e9

/**
 * The sampler of the calling thread. It does nothing where it is called again within `SAMPLE_EVERY_MS`.
 * @param thread the value of the label
 */
export function createSampler(metrics: Sampled, thread: 'main' | 'activities'): () => void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  let sampledAt = monotonicMs()
  return () => {
    const now = monotonicMs()
    if (now - sampledAt < SAMPLE_EVERY_MS) return
    sampledAt = now
    const late = delay.percentile(99) / NS_PER_SECOND - RESOLUTION_MS / 1000
    metrics.eventLoopDelay.set(Math.max(0, late), { thread })
    metrics.heapUsed.set(process.memoryUsage().heapUsed, { thread })
    delay.reset()
  }
}

/** Samples the main thread again and again, without keeping the process alive. */
export function sampleMainThread(metrics: Sampled): void {
  // A timer may fire a little early.
  setInterval(createSampler(metrics, 'main'), SAMPLE_EVERY_MS + RESOLUTION_MS).unref()
}
