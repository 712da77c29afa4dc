// `npm run worker`: connects, serves workflows and activities, and finishes what is under way on SIGTERM.

import { Runtime, Worker } from '@temporalio/worker'
import { createBigQuery } from '#runtime/bigquery'
import { readConfig, redacted, type WorkerConfig, workerConfig } from '#runtime/config'
import { serveHealth } from '#runtime/health'
import { createLogger } from '#runtime/log'
import { runMain } from '#runtime/main'
import { activityMetrics } from '#runtime/metrics'
import { installTelemetry } from '#runtime/telemetry'
import { connectClient, connectWorker } from '#runtime/temporal'
import { createSegment } from '../activities/clients/segment.ts'
import { createInsertAllWarehouse } from '../activities/clients/warehouse.ts'
import { createActivities } from '../activities/index.ts'
import { workerOptions } from './options.ts'

async function main(): Promise<void> {
  const config = readConfig(workerConfig, process.env)
  const log = createLogger('worker', config.LOG_LEVEL)
  log.info(redacted(config), 'starting')
  installTelemetry('worker', log, config.METRICS_ADDRESS, ['SIGINT', 'SIGTERM'])
  const [client, { connection, namespace }] = await Promise.all([connectClient(), connectWorker()])
  const worker = await Worker.create({
    ...workerOptions(config),
    connection,
    namespace,
    activities: activities(config, client),
  })
  const health = await serveHealth(config.HEALTH_PORT, () => worker.getState() === 'RUNNING')
  log.info('ready')
  await worker.run()
  health.close()
  await Promise.all([connection.close(), client.connection.close()])
  log.info('stopped')
}

function activities(config: WorkerConfig, client: Awaited<ReturnType<typeof connectClient>>) {
  return createActivities({
    warehouse: createInsertAllWarehouse(createBigQuery(config)),
    segment: createSegment({ host: config.SEGMENT_HOST, writeKey: config.SEGMENT_WRITE_KEY }),
    temporal: client,
    taskQueue: config.TEMPORAL_TASK_QUEUE,
    segmentNamespace: config.SEGMENT_MESSAGE_NAMESPACE,
    metrics: activityMetrics(Runtime.instance().metricMeter),
  })
}

await runMain(main)
