// Creates all activities by the configuration, within an activity thread.

import { createSegment } from '#activation/segment/create-segment'
import { createPublicApi } from '#activation/segment/public-api'
import { readConfig, workerConfig } from '#runtime/config'
import { createLogger } from '#runtime/log'
import {
  activityMetrics,
  governorMetrics,
  processMetrics,
  sweepMetrics,
} from '#runtime/metrics/groups'
import { createSampler } from '#runtime/metrics/sample-process'
import { createRemoteLog } from '#runtime/remote-log'
import { connectClient } from '#runtime/temporal'
import { startTracing } from '#runtime/tracing/start'
import { createChanger } from '#warehouse/change'
import { createBigQuery } from '#warehouse/client'
import { createWarehouse } from '#warehouse/create-warehouse'
import { createReader } from '#warehouse/read'
import { readForActivities } from '#warehouse/read-for-activities'
import { createOrderLookUp } from '../activities/activation/order-look-up.ts'
import { createEraseActivities } from '../activities/erase/index.ts'
import { createGovernorActivities } from '../activities/governor/index.ts'
import { createActivities } from '../activities/index.ts'
import { createBatchReader } from '../activities/read-batch.ts'
import { createSweepActivities } from '../activities/sweep/index.ts'
import { connectChangeEvents } from './connect-change-events.ts'
import { markMessage } from './isolation/serve-activities.ts'
import { createThreadMeter } from './isolation/thread-meter.ts'
import { alertOptions, publicApiAddress } from './options.ts'
import { followPartners } from './partners.ts'
import { traceSegment, traceWarehouse } from './trace-activities.ts'

/** @throws where the configuration cannot be used, or Temporal does not answer */
export async function connectActivities() {
  const config = readConfig(workerConfig, process.env)
  const log = createLogger('worker', config.LOG_LEVEL)
  const temporal = await connectClient()
  const remoteLog = createRemoteLog(log)
  const tracing = await startTracing('worker', config)
  const ownWarehouse = createWarehouse(config, remoteLog)
  const warehouse = tracing ? traceWarehouse(tracing, ownWarehouse) : ownWarehouse
  const { meter, take } = createThreadMeter()
  const sample = createSampler(processMetrics(meter), 'activities')
  const sampleAndTake = () => {
    sample()
    return take()
  }
  const metrics = { ...activityMetrics(meter), ...sweepMetrics(meter), ...governorMetrics(meter) }
  const shared = { warehouse, temporal, taskQueue: config.TEMPORAL_TASK_QUEUE, metrics }
  const ownSegment = createSegment(config, remoteLog)
  const segment = tracing ? traceSegment(tracing, ownSegment) : ownSegment
  const segmentNamespace = config.SEGMENT_MESSAGE_NAMESPACE
  const partners = followPartners(config.PARTNERS_FILE)
  const reader = createReader(createBigQuery(config))
  const read = readForActivities(reader, remoteLog)
  const lookUpOrders = createOrderLookUp(read, config.ACTIVATION_LOOKUP_SECONDS)
  const { close: closeChangeEvents, ...changeEvents } = await connectChangeEvents(
    config,
    read,
    remoteLog,
  )
  const publicApi = publicApiAddress(config)
  const activities = {
    ...createActivities(
      { ...shared, segment, lookUpOrders, segmentNamespace, partners, ...changeEvents },
      createBatchReader(markMessage),
    ),
    ...createSweepActivities({
      ...shared,
      read,
      alert: alertOptions(config),
    }),
    ...createGovernorActivities(temporal, config.TEMPORAL_TASK_QUEUE, metrics),
    ...createEraseActivities({
      ...shared,
      read,
      change: createChanger(reader, remoteLog),
      publicApi: publicApi && createPublicApi(publicApi, remoteLog),
    }),
  }
  const close = async () => {
    partners.close()
    await Promise.all([warehouse.close(), closeChangeEvents(), temporal.connection.close()])
    await tracing?.close()
  }
  return { activities, metrics: { take: sampleAndTake }, log, close }
}
