// The meter of an activity thread: it collects the updates of metrics until the next answer takes them to the main thread.

import { type MetricMeter, type MetricTags, noopMetricMeter } from '@temporalio/common'
import type { MetricUpdate } from './protocol.ts'

export type ThreadMeter = {
  readonly meter: MetricMeter
  /** The updates since the last call. */
  readonly take: () => readonly MetricUpdate[]
}

/** Supports counters and gauges, because activities use no other metrics. */
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

type Metrics = Readonly<
  Record<
    string,
    | { readonly name: string; add(value: number, tags?: MetricTags): void }
    | { readonly name: string; set(value: number, tags?: MetricTags): void }
  >
>

/** Applies the updates of activity threads to the metrics of this process. */
export function createRecorder(metrics: Metrics): (updates: readonly MetricUpdate[]) => void {
  const byName = new Map(Object.values(metrics).map((metric) => [metric.name, metric]))
  return (updates) => {
    for (const { name, value, tags } of updates) {
      const metric = byName.get(name)
      if (metric && 'add' in metric) metric.add(value, tags)
      else metric?.set(value, tags)
    }
  }
}
