// `npm run worker`: connects, serves workflows and activities, and finishes what is under way on SIGTERM.

import { Runtime, Worker } from '@temporalio/worker'
import { readConfig, redacted, type WorkerConfig, workerConfig } from '#runtime/config'
import { serveHealth } from '#runtime/health'
import { createLogger } from '#runtime/log'
import { runMain } from '#runtime/main'
import { activityMetrics } from '#runtime/metrics'
import { installTelemetry } from '#runtime/telemetry'
import { connectClient, connectWorker } from '#runtime/temporal'
import { createSegment } from '../activities/clients/create-segment.ts'
import { createWarehouse } from '../activities/clients/create-warehouse.ts'
import type { Warehouse } from '../activities/clients/warehouse.ts'
import { createActivities } from '../activities/index.ts'
import { activationWorkerOptions, workerOptions } from './options.ts'

async function main(): Promise<void> {
  const config = readConfig(workerConfig, process.env)
  const log = createLogger('worker', config.LOG_LEVEL)
  log.info(redacted(config), 'starting')
  installTelemetry('worker', log, config.METRICS_ADDRESS, ['SIGINT', 'SIGTERM'])
  const [client, temporal] = await Promise.all([connectClient(), connectWorker()])
  const warehouse = createWarehouse(config)
  const shared = { ...temporal, activities: activities(config, client, warehouse) }
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

function activities(config: WorkerConfig, client: Client, warehouse: Warehouse) {
  return createActivities({
    segment: createSegment(config),
    warehouse,
    temporal: client,
    taskQueue: config.TEMPORAL_TASK_QUEUE,
    segmentNamespace: config.SEGMENT_MESSAGE_NAMESPACE,
    metrics: activityMetrics(Runtime.instance().metricMeter),
  })
}

await runMain(main)
