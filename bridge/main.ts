// `npm run bridge`: Pub/Sub to Temporal until SIGTERM, then drains and exits.

import { Runtime } from '@temporalio/worker'
import { type BridgeConfig, bridgeConfig, readConfig, redacted } from '#runtime/config'
import { serveHealth } from '#runtime/health'
import { createLogger } from '#runtime/log'
import { runMain } from '#runtime/main'
import { bridgeMetrics } from '#runtime/metrics'
import { createPublisher, createSubscriber, subscriptionPath, topicPath } from '#runtime/pubsub'
import { installTelemetry } from '#runtime/telemetry'
import { connectClient } from '#runtime/temporal'
import { type BridgeDependencies, type BridgeOptions, runBridge } from './bridge.ts'
import { createDeadLetterTopic } from './dead-letter-topic.ts'
import { createGate } from './open-workflows.ts'
import { followPartners } from './partners.ts'
import { createPubSubSource } from './source.ts'
import { type LowPriorityGroup, startBatch } from './start-batch.ts'

async function main(): Promise<void> {
  const config = readConfig(bridgeConfig, process.env)
  const log = createLogger('bridge', config.LOG_LEVEL)
  log.info(redacted(config), 'starting')
  installTelemetry('bridge', log, config.METRICS_ADDRESS, [])
  const metrics = bridgeMetrics(Runtime.instance().metricMeter)
  const stop = abortOnSignals(log)
  const partners = await followPartners(config.PARTNERS_FILE, metrics, log)
  const client = await connectClient()
  const subscriber = createSubscriber(config)
  const publisher = createPublisher(config)
  const capped = { cap: config.BRIDGE_MAX_OPEN_WORKFLOWS, taskQueue: config.TEMPORAL_TASK_QUEUE }
  const gate = createGate(client, capped, log, metrics)
  const health = await serveHealth(config.HEALTH_PORT, () => !stop.aborted)
  log.info('ready')
  const project = config.GOOGLE_CLOUD_PROJECT
  const noisyGroup = (partner: string): LowPriorityGroup => ({
    name: partner,
    weight: partners.of(partner).fairnessWeight,
  })
  const bridgeOf = (name: string, group: LowPriorityGroup | null): BridgeDependencies => {
    const ownLog = log.child({ subscription: name })
    const subscription = subscriptionPath(project, name)
    const topic = topicPath(project, config.PUBSUB_DEAD_LETTER_TOPIC)
    return {
      source: createPubSubSource(subscriber, project, name),
      start: (messages, noisyPartner) =>
        startBatch(
          client,
          config.TEMPORAL_TASK_QUEUE,
          messages,
          noisyPartner === null ? group : noisyGroup(noisyPartner),
        ),
      toDeadLetterTopic: createDeadLetterTopic(publisher, { topic, subscription }, ownLog, metrics),
      admit: () => gate.admit(stop),
      log: ownLog,
      metrics,
    }
  }
  const live = bridgeOf(config.PUBSUB_SUBSCRIPTION, null)
  const retrySubscription = config.PUBSUB_RETRY_SUBSCRIPTION
  const retries = bridgeOf(retrySubscription, { name: retrySubscription, weight: 1 })
  await Promise.all([
    runBridge(live, options(config), stop),
    runBridge(retries, { ...options(config), ...FOR_RETRIES }, stop),
    gate.watch(stop),
  ])
  health.close()
  partners.close()
  await Promise.all([subscriber.close(), publisher.close(), client.connection.close()])
  log.info('stopped')
}

/** Enough for the messages that people publish again, and little of what live traffic needs. */
const FOR_RETRIES = { pulls: 1, starts: 1 }

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
