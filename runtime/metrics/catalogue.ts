// The catalogue of the pipeline's own metrics: the instruments, docs/metrics.md and the dashboards are made from it.

import { ACTIVITY_METRICS } from './activity-metrics.ts'
import { BRIDGE_METRICS } from './bridge-metrics.ts'
import { PROCESS_METRICS } from './process-metrics.ts'
import type { MetricGroup, MetricSpec, Process } from './spec.ts'
import { GOVERNOR_METRICS, ISOLATION_METRICS, SWEEP_METRICS } from './worker-metrics.ts'

/** A metric, and the processes that have it. Each has the label `service` with the name of the process as well. */
export type CatalogueMetric = MetricSpec & { readonly processes: readonly Process[] }

/** Every metric of the pipeline. Those of Temporal's SDK are in the same port and begin with `temporal_`. */
export const METRICS: readonly CatalogueMetric[] = [
  ...of(BRIDGE_METRICS, 'bridge'),
  ...of(ACTIVITY_METRICS, 'worker'),
  ...of(SWEEP_METRICS, 'worker'),
  ...of(GOVERNOR_METRICS, 'worker'),
  ...of(ISOLATION_METRICS, 'worker'),
  ...of(PROCESS_METRICS, 'bridge', 'worker'),
]

function of(group: MetricGroup, ...processes: Process[]): CatalogueMetric[] {
  return Object.values(group).map((spec) => ({ ...spec, processes }))
}
