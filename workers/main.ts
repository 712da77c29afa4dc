// `npm run worker`: connects, serves workflows and activities, and finishes what is under way on SIGTERM.

import { Runtime, Worker } from '@temporalio/worker'
import { createBigQuery } from '#runtime/bigquery'
import { readConfig, redacted, type WorkerConfig, workerConfig } from '#runtime/config'
import { serveHealth } from '#runtime/health'
import { createLogger } from '#runtime/log'
import { runMain } from '#runtime/main'
import { activityMetrics, sweepMetrics } from '#runtime/metrics'
import { installTelemetry } from '#runtime/telemetry'
import { connectClient, connectWorker } from '#runtime/temporal'
import { createSegment } from '../activities/clients/create-segment.ts'
import { createWarehouse } from '../activities/clients/create-warehouse.ts'
import { createRemoteLog, type RemoteLog } from '../activities/clients/remote-log.ts'
import type { Warehouse } from '../activities/clients/warehouse.ts'
import { createWarehouseQuery } from '../activities/clients/warehouse-query.ts'
import { createActivities } from '../activities/index.ts'
import { createSweepActivities } from '../activities/sweep/index.ts'
import { activationWorkerOptions, workerOptions } from './options.ts'

async function main(): Promise<void> {
  const config = readConfig(workerConfig, process.env)
  const log = createLogger('worker', config.LOG_LEVEL)
  log.info(redacted(config), 'starting')
  installTelemetry('worker', log, config.METRICS_ADDRESS, ['SIGINT', 'SIGTERM'])
  const [client, temporal] = await Promise.all([connectClient(), connectWorker()])
  const remoteLog = createRemoteLog(log)
  const warehouse = createWarehouse(config, remoteLog)
  const own = { temporal: client, warehouse, remoteLog }
  const shared = { ...temporal, activities: activities(config, own) }
  const workers = await Promise.all([
    Worker.create({ ...workerOptions(config), ...shared }),
    Worker.create({ ...activationWorkerOptions(config), ...shared }),
  ])
  const health = await serveHealth(config.HEALTH_PORT, () =>
    workers.every((worker) => worker.getState() === 'RUNNING'),
  )
  log.info('ready')
  try {
    await runTogether(workers)
  } finally {
    await warehouse.close()
  }
  health.close()
  await Promise.all([temporal.connection.close(), client.connection.close()])
  log.info('stopped')
}

/** Runs until all have stopped; one that fails stops the others. */
async function runTogether(workers: readonly Worker[]): Promise<void> {
  const runs = workers.map((worker) => worker.run())
  const stopOthers = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
  }
  await Promise.all(runs).catch(stopOthers)
  await Promise.all(runs)
}

type Client = Awaited<ReturnType<typeof connectClient>>

type Own = {
  readonly temporal: Client
  readonly warehouse: Warehouse
  readonly remoteLog: RemoteLog
}

function activities(config: WorkerConfig, { temporal, warehouse, remoteLog }: Own) {
  const meter = Runtime.instance().metricMeter
  const metrics = { ...activityMetrics(meter), ...sweepMetrics(meter) }
  const shared = { warehouse, temporal, taskQueue: config.TEMPORAL_TASK_QUEUE, metrics }
  const segmentNamespace = config.SEGMENT_MESSAGE_NAMESPACE
  return {
    ...createActivities({ ...shared, segment: createSegment(config, remoteLog), segmentNamespace }),
    ...createSweepActivities({
      ...shared,
      query: createWarehouseQuery(createBigQuery(config), remoteLog),
      alert: {
        webhookUrl: config.ALERT_WEBHOOK_URL,
        thresholdEvents: config.ALERT_THRESHOLD_EVENTS,
        intervalMinutes: config.ALERT_INTERVAL_MINUTES,
      },
    }),
  }
}

await runMain(main)
