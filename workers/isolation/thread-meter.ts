// The meter of an activity thread: it collects the updates of metrics until the next answer takes them to the main thread.

import { type MetricMeter, type MetricTags, noopMetricMeter } from '@temporalio/common'
import type { Part } from '#runtime/metrics/instruments'
import type { MetricUpdate } from './protocol.ts'

export type ThreadMeter = {
  readonly meter: MetricMeter
  /** The updates since the last call. */
  readonly take: () => readonly MetricUpdate[]
}

/** Supports counters and gauges, of which the instruments are made. */
export function createThreadMeter(): ThreadMeter {
  let updates: MetricUpdate[] = []
  const update =
    (name: string) =>
    (value: number, tags: MetricTags = {}): void =>
      void updates.push({ name, value, tags })
  const meter: MetricMeter = {
    withTags: () => meter,
    createHistogram: (...args) => noopMetricMeter.createHistogram(...args),
    createCounter: (name, unit, description) => ({
      ...noopMetricMeter.createCounter(name, unit, description),
      add: update(name),
    }),
    createGauge: (name, type, unit, description) => ({
      ...noopMetricMeter.createGauge(name, type, unit, description),
      set: update(name),
    }),
  }
  const take = () => {
    const taken = updates
    updates = []
    return taken
  }
  return { meter, take }
}

type Metrics = Readonly<Record<string, { readonly parts: readonly Part[] }>>

/** Applies the updates of activity threads to the metrics of this process. */
export function createRecorder(metrics: Metrics): (updates: readonly MetricUpdate[]) => void {
  const parts = Object.values(metrics).flatMap((metric) => metric.parts)
  const byName = new Map(parts.map((part) => [part.name, part]))
  return (updates) => {
    for (const { name, value, tags } of updates) {
      const part = byName.get(name)
      if (part && 'add' in part) part.add(value, tags)
      else part?.set(value, tags)
    }
  }
}
