// The meter of an activity thread: what activities count is kept until the next answer carries it to the main thread.

import { type MetricMeter, type MetricTags, noopMetricMeter } from '@temporalio/common'
import type { MetricUpdate } from './protocol.ts'

export type ThreadMeter = {
  readonly meter: MetricMeter
  /** What was counted since the last time. */
  readonly take: () => readonly MetricUpdate[]
}

/** Counters and gauges, which is all that activities have. */
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

/** Applies what activity threads counted to the metrics of this process. */
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
