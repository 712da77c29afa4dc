// Runs a worker: connects, serves workflows and activities, and finishes what is under way on SIGTERM.

import { Runtime, Worker } from '@temporalio/worker'
import { readConfig, redacted, workerConfig } from '#runtime/config'
import { serveHealth } from '#runtime/health'
import { createLogger } from '#runtime/log'
import {
  activityMetrics,
  governorMetrics,
  isolationMetrics,
  processMetrics,
  sweepMetrics,
} from '#runtime/metrics/groups'
import { countFromZero } from '#runtime/metrics/instruments'
import { sampleMainThread } from '#runtime/metrics/sample-process'
import { createReadiness, watchReadiness } from '#runtime/readiness'
import { installTelemetry } from '#runtime/telemetry'
import { connectWorker } from '#runtime/temporal'
import { startTracing } from '#runtime/tracing/start'
import { healthOf } from './health.ts'
import { isolateActivities } from './isolation/isolated-activities.ts'
import { createRecorder } from './isolation/thread-meter.ts'
import { activationWorkerOptions, workerOptions } from './options.ts'
import { publishPartners } from './partners.ts'
import { runTogether } from './run-together.ts'
import { watchTemporal } from './watch-temporal.ts'

/**
 * @param main the module of the activity threads
 * @throws where the configuration cannot be used, Temporal does not answer, or activity threads cannot be started
 */
export async function runWorker(main: URL): Promise<void> {
  const config = readConfig(workerConfig, process.env)
  const log = createLogger('worker', config.LOG_LEVEL)
  log.info(redacted(config), 'starting')
  installTelemetry('worker', log, config.METRICS_ADDRESS, ['SIGINT', 'SIGTERM'])
  const meter = Runtime.instance().metricMeter
  const metrics = { ...activityMetrics(meter), ...sweepMetrics(meter), ...governorMetrics(meter) }
  const ofProcess = { ...processMetrics(meter), ...isolationMetrics(meter) }
  countFromZero({ ...metrics, ...ofProcess })
  sampleMainThread(ofProcess)
  const partners = await publishPartners(config.PARTNERS_FILE, ofProcess, log)
  const record = createRecorder({ ...metrics, ...ofProcess })
  const [temporal, isolated] = await Promise.all([
    connectWorker(),
    isolateActivities({ main, record, metrics: ofProcess, log }),
  ])
  const tracing = await startTracing('worker', config)
  const shared = { ...temporal, activities: isolated.activities }
  const workers = await Promise.all([
    Worker.create({ ...workerOptions(config, tracing), ...shared }),
    Worker.create({ ...activationWorkerOptions(config, tracing), ...shared }),
  ])
  const readiness = createReadiness()
  const stopWatch = watchTemporal(temporal.connection, readiness)
  const healthNow = healthOf(workers, readiness)
  watchReadiness(ofProcess, healthNow.whyNotReady)
  const health = await serveHealth(config.HEALTH_PORT, healthNow)
  log.info('ready')
  try {
    await runTogether(workers)
  } finally {
    await isolated.close()
  }
  health.close()
  stopWatch()
  partners.close()
  await temporal.connection.close()
  await tracing?.close()
  log.info('stopped')
}
