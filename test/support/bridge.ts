// A bridge inside the test's process, wired as its main does, that also tells what it did.

import type { Client } from '@temporalio/client'
import { noopMetricMeter } from '@temporalio/common'
import type { Message } from '#contracts'
import { bridgeMetrics } from '#runtime/metrics/groups'
import { createPublisher, createSubscriber, subscriptionPath, topicPath } from '#runtime/pubsub'
import { createReadiness } from '#runtime/readiness'
import { type BridgeOptions, runBridge } from '../../bridge/bridge.ts'
import { createDeadLetterTopic } from '../../bridge/dead-letter-topic.ts'
import { createHeld } from '../../bridge/held.ts'
import { createGate } from '../../bridge/open-workflows.ts'
import { createPubSubSource, type Source } from '../../bridge/source.ts'
import { type Started, startBatch } from '../../bridge/start-batch.ts'
import { tellReadiness } from '../../bridge/tell-readiness.ts'
import { recordingLog } from './recording-log.ts'
import type { Topic } from './topic.ts'

type Start = (messages: readonly Message[]) => Promise<Started>

export type Wiring = {
  readonly client: Client
  readonly topic: Topic
  readonly options?: Partial<BridgeOptions>
  /** @default none */
  readonly maxOpenWorkflows?: number
  /** Puts a fault between the bridge and Pub/Sub. */
  readonly aroundSource?: (source: Source) => Source
  /** Puts a fault between the bridge and Temporal. */
  readonly aroundStart?: (start: Start) => Start
}

/** Shorter than for a probe, so that a test need not wait as long. */
const UNAVAILABLE_AFTER_MS = 300

const OPTIONS = { pulls: 2, starts: 2, maxEvents: 1_000, maxBytes: 1_000_000, lingerMs: 20 }

/** Runs until `stop`; workflows are started on the task queue that is named like the topic. */
export function startBridge(wiring: Wiring) {
  const { client, topic, options, maxOpenWorkflows = 1_000_000 } = wiring
  const { aroundSource = (source) => source, aroundStart = (start) => start } = wiring
  const controller = new AbortController()
  const { log, lines } = recordingLog()
  const metrics = bridgeMetrics(noopMetricMeter)
  const readiness = createReadiness(UNAVAILABLE_AFTER_MS)
  const gate = createGate(
    { client, log, metrics, readiness },
    { cap: maxOpenWorkflows, taskQueue: topic.name },
  )
  const subscriber = createSubscriber(topic.settings)
  const publisher = createPublisher(topic.settings)
  const toDeadLetterTopic = createDeadLetterTopic(
    publisher,
    {
      topic: topicPath('local', topic.settings.PUBSUB_DEAD_LETTER_TOPIC),
      subscription: subscriptionPath('local', topic.name),
    },
    log,
    metrics,
  )
  const pulled: { ackId: string; messageId: string }[] = []
  const acknowledged: string[] = []
  const starts: Started[] = []
  const real = tellReadiness(
    aroundSource(createPubSubSource(subscriber, 'local', topic.name)),
    'Pub/Sub',
    readiness,
  )
  const realStart = aroundStart((messages) => startBatch(client, topic.name, messages))

  const source: Source = {
    pull: async (max, signal) => {
      const deliveries = await real.pull(max, signal)
      pulled.push(...deliveries.map(({ ackId, message: { messageId } }) => ({ ackId, messageId })))
      return deliveries
    },
    acknowledge: async (ackIds) => {
      await real.acknowledge(ackIds)
      acknowledged.push(...ackIds)
    },
  }
  const start: Start = async (messages) => {
    const started = await realStart(messages)
    starts.push(started)
    return started
  }
  const admit = () => gate.admit(controller.signal)
  const running = Promise.all([
    runBridge(
      { source, start, toDeadLetterTopic, admit, held: createHeld(), log, metrics },
      { ...OPTIONS, ...options },
      controller.signal,
    ),
    gate.watch(controller.signal),
  ])
  const stop = async () => {
    controller.abort()
    await running
    await Promise.all([subscriber.close(), publisher.close()])
  }
  const release = () => topic.release(pulled.map(({ ackId }) => ackId))
  /** Stops, and answers the ids of the messages that would come again after their ack deadline. */
  const stopAndFindLeft = async () => {
    await stop()
    await release()
    return topic.waiting()
  }
  return { readiness, lines, pulled, acknowledged, starts, release, stop, stopAndFindLeft }
}
