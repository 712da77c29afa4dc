// What the bridge is run with, by its configuration.

import type { BridgeConfig } from '#runtime/config'
import type { BridgeOptions } from './bridge.ts'
import type { GateOptions } from './open-workflows.ts'

/** For the subscription of the live topic. */
export const liveOptions = (config: BridgeConfig): BridgeOptions => ({
  pulls: config.BRIDGE_PULLS,
  starts: config.BRIDGE_STARTS,
  maxEvents: config.BRIDGE_BATCH_MAX_EVENTS,
  maxBytes: config.BRIDGE_BATCH_MAX_BYTES,
  lingerMs: config.BRIDGE_LINGER_MS,
})

/** Enough for the messages that people publish again, and little of what live traffic needs. */
export const retryOptions = (config: BridgeConfig): BridgeOptions => ({
  ...liveOptions(config),
  pulls: 1,
  starts: 1,
})

export const gateOptions = (config: BridgeConfig): GateOptions => ({
  cap: config.BRIDGE_MAX_OPEN_WORKFLOWS,
  taskQueue: config.TEMPORAL_TASK_QUEUE,
})

export const subscriptionsOf = (config: BridgeConfig): string[] => [
  config.PUBSUB_SUBSCRIPTION,
  config.PUBSUB_RETRY_SUBSCRIPTION,
]

/** Cloud Monitoring has a value a minute; the local stand-in has the present one. */
const BACKLOG_EVERY_MS = 60_000
const LOCAL_BACKLOG_EVERY_MS = 2_000

/** Milliseconds between two looks at the backlog. Null where a local Pub/Sub has no stand-in for Cloud Monitoring to ask. */
export function backlogEveryMs(config: BridgeConfig): number | null {
  if (config.MONITORING_EMULATOR_HOST !== undefined) return LOCAL_BACKLOG_EVERY_MS
  return config.PUBSUB_EMULATOR_HOST === undefined ? BACKLOG_EVERY_MS : null
}
