// `npm run bridge`: Pub/Sub to Temporal until SIGTERM, then drains and exits.

import type { v1 } from '@google-cloud/pubsub'
import { Runtime } from '@temporalio/worker'
import { type BridgeConfig, bridgeConfig, readConfig, redacted } from '#runtime/config'
import { serveHealth } from '#runtime/health'
import { createLogger, type Logger } from '#runtime/log'
import { runMain } from '#runtime/main'
import { type BridgeMetrics, bridgeMetrics, processMetrics } from '#runtime/metrics/groups'
import { countFromZero } from '#runtime/metrics/instruments'
import { sampleMainThread } from '#runtime/metrics/sample-process'
import { createPublisher, createSubscriber, subscriptionPath, topicPath } from '#runtime/pubsub'
import { createReadiness, type Readiness, watchReadiness } from '#runtime/readiness'
import { installTelemetry } from '#runtime/telemetry'
import { connectClient } from '#runtime/temporal'
import { startTracing } from '#runtime/tracing/start'
import { type BridgeDependencies, runBridge } from './bridge.ts'
import { createDeadLetterTopic } from './dead-letter-topic.ts'
import { createHeld } from './held.ts'
import { createReadBacklog } from './monitoring.ts'
import { createGate } from './open-workflows.ts'
import {
  backlogEveryMs,
  gateOptions,
  liveOptions,
  retryOptions,
  subscriptionsOf,
} from './options.ts'
import { followPartners } from './partners.ts'
import { withReplays } from './replays.ts'
import { createPubSubSource, type Source } from './source.ts'
import { type LowPriorityGroup, startBatch } from './start-batch.ts'
import { tellReadiness, whyBridgeIsNotReady } from './tell-readiness.ts'
import { type Start, traceStart } from './trace-start.ts'
import { watchBacklog } from './watch-backlog.ts'
import { watchDeadLetters } from './watch-dead-letters.ts'
import { watchHeld } from './watch-held.ts'

async function main(): Promise<void> {
  const config = readConfig(bridgeConfig, process.env)
  const log = createLogger('bridge', config.LOG_LEVEL)
  log.info(redacted(config), 'starting')
  const { metrics, ofProcess } = startMetrics(config, log)
  const readiness = createReadiness()
  const held = createHeld()
  const stop = abortOnSignals(log)
  const partners = await followPartners(config.PARTNERS_FILE, ofProcess, log)
  const { client, subscriber, publisher, tracing, close } = await connect(config)
  const traced = (name: string, start: Start) =>
    tracing ? traceStart(tracing, name, start) : start
  const gate = createGate({ client, log, metrics, readiness }, gateOptions(config))
  const whyNotReady = () => whyBridgeIsNotReady(stop, readiness)
  watchReadiness(ofProcess, whyNotReady)
  const health = await serveHealth(config.HEALTH_PORT, { isAlive: () => true, whyNotReady })
  log.info('ready')
  const project = config.GOOGLE_CLOUD_PROJECT
  const sourceOf = sourcesOf(subscriber, project, readiness)
  const noisyGroup = (partner: string): LowPriorityGroup => ({
    name: partner,
    weight: partners.of(partner).fairnessWeight,
  })
  const bridgeOf: BridgeOf = (name, group) => {
    const ownLog = log.child({ subscription: name })
    const subscription = subscriptionPath(project, name)
    const topic = topicPath(project, config.PUBSUB_DEAD_LETTER_TOPIC)
    return {
      source: sourceOf(name, group !== null),
      held,
      start: traced(name, (messages, noisyPartner) =>
        startBatch(
          client,
          config.TEMPORAL_TASK_QUEUE,
          messages,
          noisyPartner === null ? group : noisyGroup(noisyPartner),
        ),
      ),
      toDeadLetterTopic: createDeadLetterTopic(publisher, { topic, subscription }, ownLog, metrics),
      admit: () => gate.admit(stop),
      log: ownLog,
      metrics,
    }
  }
  await Promise.all([
    runBridges(bridgeOf, config, stop),
    gate.watch(stop),
    watchDeadLetters(client, metrics, log, stop),
    watchHeld(held, metrics, stop),
    watchBacklogOf(config, metrics, log, stop),
  ])
  health.close()
  partners.close()
  await close()
  log.info('stopped')
}

async function watchBacklogOf(
  config: BridgeConfig,
  metrics: BridgeMetrics,
  log: Logger,
  stop: AbortSignal,
): Promise<void> {
  const everyMs = backlogEveryMs(config)
  if (everyMs === null) return
  const subscriptions = subscriptionsOf(config)
  const read = createReadBacklog(config, subscriptions)
  await watchBacklog({ read, subscriptions, everyMs, metrics, log }, stop)
}

function startMetrics({ METRICS_ADDRESS: address }: BridgeConfig, log: Logger) {
  installTelemetry('bridge', log, address, [])
  const meter = Runtime.instance().metricMeter
  const metrics = bridgeMetrics(meter)
  const ofProcess = processMetrics(meter)
  countFromZero({ ...metrics, ...ofProcess })
  sampleMainThread(ofProcess)
  return { metrics, ofProcess }
}

/** Operators alone publish to the subscription of retries: its messages may be replays. */
const sourcesOf =
  (subscriber: v1.SubscriberClient, project: string, readiness: Readiness) =>
  (name: string, isOfRetries: boolean): Source => {
    const source = createPubSubSource(subscriber, project, name)
    const restored = isOfRetries ? withReplays(source) : source
    return tellReadiness(restored, `Pub/Sub subscription ${name}`, readiness)
  }

async function connect(config: BridgeConfig) {
  const client = await connectClient()
  const subscriber = createSubscriber(config)
  const publisher = createPublisher(config)
  const tracing = await startTracing('bridge', config)
  const close = async () => {
    await Promise.all([subscriber.close(), publisher.close(), client.connection.close()])
    await tracing?.close()
  }
  return { client, subscriber, publisher, tracing, close }
}

type BridgeOf = (subscription: string, group: LowPriorityGroup | null) => BridgeDependencies

/** One for the live topic, and one for the messages that people publish again, which run at a lower priority. */
async function runBridges(
  bridgeOf: BridgeOf,
  config: BridgeConfig,
  stop: AbortSignal,
): Promise<void> {
  const live = bridgeOf(config.PUBSUB_SUBSCRIPTION, null)
  const retrySubscription = config.PUBSUB_RETRY_SUBSCRIPTION
  const retries = bridgeOf(retrySubscription, { name: retrySubscription, weight: 1 })
  await Promise.all([
    runBridge(live, liveOptions(config), stop),
    runBridge(retries, retryOptions(config), stop),
  ])
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
