// `npm run bridge`: Pub/Sub to Temporal until SIGTERM, then drains and exits.

import { Runtime } from '@temporalio/worker'
import { type BridgeConfig, bridgeConfig, readConfig, redacted } from '#runtime/config'
import { serveHealth } from '#runtime/health'
import { createLogger } from '#runtime/log'
import { runMain } from '#runtime/main'
import { bridgeMetrics } from '#runtime/metrics'
import { createSubscriber } from '#runtime/pubsub'
import { installTelemetry } from '#runtime/telemetry'
import { connectClient } from '#runtime/temporal'
import { type BridgeOptions, runBridge } from './bridge.ts'
import { createGate } from './open-workflows.ts'
import { createPubSubSource } from './source.ts'
import { startBatch } from './start-batch.ts'

async function main(): Promise<void> {
  const config = readConfig(bridgeConfig, process.env)
  const log = createLogger('bridge', config.LOG_LEVEL)
  log.info(redacted(config), 'starting')
  installTelemetry('bridge', log, config.METRICS_ADDRESS, [])
  const metrics = bridgeMetrics(Runtime.instance().metricMeter)
  const stop = abortOnSignals(log)
  const client = await connectClient()
  const subscriber = createSubscriber(config)
  const gate = createGate(client, config.BRIDGE_MAX_OPEN_WORKFLOWS, log, metrics)
  const health = await serveHealth(config.HEALTH_PORT, () => !stop.aborted)
  log.info('ready')
  const bridge = {
    source: createPubSubSource(subscriber, config.GOOGLE_CLOUD_PROJECT, config.PUBSUB_SUBSCRIPTION),
    start: (messages, crowdedBy) =>
      startBatch(client, config.TEMPORAL_TASK_QUEUE, messages, crowdedBy),
    admit: () => gate.admit(stop),
    log,
    metrics,
  } satisfies Parameters<typeof runBridge>[0]
  await Promise.all([runBridge(bridge, options(config), stop), gate.watch(stop)])
  health.close()
  await Promise.all([subscriber.close(), client.connection.close()])
  log.info('stopped')
}

function options(config: BridgeConfig): BridgeOptions {
  return {
    pulls: config.BRIDGE_PULLS,
    starts: config.BRIDGE_STARTS,
    maxEvents: config.BRIDGE_BATCH_MAX_EVENTS,
    maxBytes: config.BRIDGE_BATCH_MAX_BYTES,
    lingerMs: config.BRIDGE_LINGER_MS,
  }
}

/** Aborts on the first SIGTERM or SIGINT. */
function abortOnSignals(log: { info(message: string): void }): AbortSignal {
  const controller = new AbortController()
  const stop = () => {
    log.info('draining')
    controller.abort()
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  return controller.signal
}

await runMain(main)
