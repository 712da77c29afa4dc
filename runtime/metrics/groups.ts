// The metrics of each part of the pipeline, made from the catalogue.

import type { MetricMeter } from '@temporalio/common'
import { ACTIVITY_METRICS } from './activity-metrics.ts'
import { BRIDGE_METRICS } from './bridge-metrics.ts'
import { createInstruments } from './instruments.ts'
import { PROCESS_METRICS } from './process-metrics.ts'
import { GOVERNOR_METRICS, ISOLATION_METRICS, SWEEP_METRICS } from './worker-metrics.ts'

export const bridgeMetrics = (meter: MetricMeter) => createInstruments(meter, BRIDGE_METRICS)

/** Metrics of the activities of batches. */
export const activityMetrics = (meter: MetricMeter) => createInstruments(meter, ACTIVITY_METRICS)

export const sweepMetrics = (meter: MetricMeter) => createInstruments(meter, SWEEP_METRICS)

/** Metrics of the governor of activation. Any worker may run its steps, so that a gauge of one worker would not be true for long. */
export const governorMetrics = (meter: MetricMeter) => createInstruments(meter, GOVERNOR_METRICS)

/** Metrics of activities that block their thread. */
export const isolationMetrics = (meter: MetricMeter) => createInstruments(meter, ISOLATION_METRICS)

/** What the bridge and the worker have in common. */
export const processMetrics = (meter: MetricMeter) => createInstruments(meter, PROCESS_METRICS)

export type BridgeMetrics = ReturnType<typeof bridgeMetrics>
export type ActivityMetrics = ReturnType<typeof activityMetrics>
export type SweepMetrics = ReturnType<typeof sweepMetrics>
export type GovernorMetrics = ReturnType<typeof governorMetrics>
export type IsolationMetrics = ReturnType<typeof isolationMetrics>
export type ProcessMetrics = ReturnType<typeof processMetrics>
