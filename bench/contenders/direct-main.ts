// The same activities without an orchestrator: pull, validate, write, activate, acknowledge. What a crash interrupts comes again, whole.
// Cancellations are handed over to Temporal, as in the pipeline; no worker takes them.

import { randomUUID } from 'node:crypto'
import { noopMetricMeter } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { createSegment } from '#activation/segment/create-segment'
import { countsOf, type EventFailure, type Message } from '#contracts'
import { bridgeConfig, readConfig, workerConfig } from '#runtime/config'
import { createLogger } from '#runtime/log'
import { runMain } from '#runtime/main'
import { activityMetrics } from '#runtime/metrics/groups'
import { createSubscriber } from '#runtime/pubsub'
import { connectClient } from '#runtime/temporal'
import { createWarehouse } from '#warehouse/create-warehouse'
import { openReader } from '#warehouse/open-reader'
import { readForActivities } from '#warehouse/read-for-activities'
import { createOrderLookUp } from '../../activities/activation/order-look-up.ts'
import { type Activities, createActivities } from '../../activities/index.ts'
import { type BatchMessage, readEach } from '../../activities/read-batch.ts'
import { pendingBatches } from '../../bridge/batcher.ts'
import { cutBatches } from '../../bridge/cut-batches.ts'
import { createPullWithBackoff } from '../../bridge/pull-with-backoff.ts'
import { createPubSubSource } from '../../bridge/source.ts'

/** As many batches at once as a worker takes. */
const LOOPS = 8

const log = createLogger('direct', 'info')

async function main(): Promise<void> {
  const config = readConfig(bridgeConfig, process.env)
  const subscriber = createSubscriber(config)
  const source = createPubSubSource(
    subscriber,
    config.GOOGLE_CLOUD_PROJECT,
    config.PUBSUB_SUBSCRIPTION,
  )
  const stop = new AbortController()
  process.once('SIGTERM', () => stop.abort())
  const run = await createRunner()
  const caps = {
    maxEvents: config.BRIDGE_BATCH_MAX_EVENTS,
    maxBytes: config.BRIDGE_BATCH_MAX_BYTES,
  }
  const options = { ...caps, pulls: config.BRIDGE_PULLS, lingerMs: config.BRIDGE_LINGER_MS }
  const pending = pendingBatches(createPullWithBackoff(source, log), options, stop.signal)
  const loop = async () => {
    for await (const deliveries of pending) {
      for (const { batches, deliveries: own } of cutBatches(deliveries, caps)) {
        for (const batch of batches) await run(batch)
        await source.acknowledge(own.map(({ ackId }) => ackId))
      }
    }
  }
  log.info('ready')
  await Promise.all(Array.from({ length: LOOPS }, loop))
  process.exit()
}

/** Runs one batch through all its steps; nothing is retried, and no dead letter is opened. */
async function createRunner(): Promise<(messages: readonly Message[]) => Promise<void>> {
  const config = readConfig(workerConfig, process.env)
  const read = new Map<string, readonly BatchMessage[]>()
  const activities = createActivities(
    {
      warehouse: createWarehouse(config),
      segment: createSegment(config),
      lookUpOrders: createOrderLookUp(
        readForActivities(openReader(config)),
        config.ACTIVATION_LOOKUP_SECONDS,
      ),
      temporal: await connectClient(),
      taskQueue: config.TEMPORAL_TASK_QUEUE,
      segmentNamespace: config.SEGMENT_MESSAGE_NAMESPACE,
      metrics: activityMetrics(noopMetricMeter),
    },
    // No payload is made where none has to travel: the name of the batch stands for it.
    {
      read: (name) => read.get(Buffer.from(name).toString()) ?? [],
      forget: () => {},
    },
  )
  return async (messages) => {
    const batchId = `batch-${randomUUID()}`
    read.set(batchId, readEach(messages))
    await runSteps(activities, batchId)
    read.delete(batchId)
  }
}

const quiet = new DefaultLogger('ERROR')

async function runSteps(activities: Activities, batchId: string): Promise<void> {
  const environment = new MockActivityEnvironment({}, { logger: quiet })
  const batch = Buffer.from(batchId)
  const step = <Result>(work: () => Promise<Result>) =>
    environment.run<[], Result, () => Promise<Result>>(work)
  const verdict = await step(() => activities.validateEvents(batch))
  const skip = [...indexes(verdict.rejected), ...verdict.duplicates]
  const [staged] = await Promise.all([
    step(() => activities.stageEvents(batch, batchId, skip)),
    step(() => activities.writeAuditLog(batch, batchId, verdict.rejected)),
  ])
  const unstaged = [...skip, ...indexes(staged.failed)]
  const counts = countsOf(verdict, staged)
  await step(() => activities.activateEvents(batch, { batchId, skip: unstaged, counts }))
}

const indexes = (failedEvents: readonly EventFailure[]) => failedEvents.map(({ index }) => index)

await runMain(main)
