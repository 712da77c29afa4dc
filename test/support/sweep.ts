// The sweep with all it needs, for the tests of one file: a worker with real activities, encrypted as in production.

import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { Worker } from '@temporalio/worker'
import type { DeadLetter } from '#contracts'
import { activationQueue } from '#contracts'
import { setUpSearchAttributes } from '#operations/setup/search-attributes'
import { setUpTables } from '#operations/setup/tables'
import { activityMetrics, sweepMetrics } from '#runtime/metrics/groups'
import { connectClient, connectWorker } from '#runtime/temporal'
import { createInsertAllWarehouse } from '#warehouse/insert-all'
import { createReader } from '#warehouse/read'
import { readForActivities } from '#warehouse/read-for-activities'
import type { Warehouse } from '#warehouse/warehouse'
import { createActivities } from '../../activities/index.ts'
import type { ChangeEvents } from '../../activities/publish-order-changes.ts'
import type { BatchReader } from '../../activities/read-batch.ts'
import type { AlertOptions } from '../../activities/sweep/find-alert.ts'
import { createSweepActivities } from '../../activities/sweep/index.ts'
import type { Stack } from '../../deploy/local/stack.ts'
import { createThreadMeter } from '../../workers/isolation/thread-meter.ts'
import { lookUpOrdersIn } from './order-look-up.ts'
import { bigqueryAt, clearFaults, rowsOf } from './parts.ts'
import { pair } from './payload-keys.ts'
import { waitFor } from './wait-for.ts'
import { installQuietRuntime, workflowBundle } from './workflows.ts'

/** What sets a second worker apart: its task queue, what it writes to, how it reads batches. */
export type OwnParts = {
  readonly queue: string
  readonly warehouse: Warehouse
  readonly reader: BatchReader
  readonly changeEvents: ChangeEvents
}

const NO_ALERTS: AlertOptions = { webhookUrl: undefined, thresholdEvents: 3, intervalMinutes: 30 }

/** Call below `useStack('temporal', 'bigquery')`; `alert` is asked for when the worker starts. */
export function useSweep(
  stack: () => Stack<'temporal' | 'bigquery'>,
  alert: () => AlertOptions = () => NO_ALERTS,
) {
  const taskQueue = randomUUID()
  const { meter, take } = createThreadMeter()
  const metrics = { ...activityMetrics(meter), ...sweepMetrics(meter) }
  const connected: { client?: Client } = {}
  let stop = async () => {}
  const client = () => {
    if (!connected.client) throw new Error('the client is there from beforeAll on')
    return connected.client
  }
  const bigquery = () => bigqueryAt(stack().bigquery.url)
  /** A worker with real activities; what is handed in replaces its part. */
  const startWorker = async (own: Partial<OwnParts>): Promise<() => Promise<void>> => {
    const { connection, ...rest } = await connectWorker()
    const { queue = taskQueue, warehouse = createInsertAllWarehouse(bigquery()) } = own
    const ofBatches = createActivities(
      {
        warehouse,
        segment: { deliver: async () => null },
        lookUpOrders: lookUpOrdersIn(bigquery()),
        temporal: client(),
        taskQueue,
        segmentNamespace: 'test',
        metrics,
        ...(own.changeEvents && { changeEvents: own.changeEvents }),
      },
      own.reader,
    )
    const shared = {
      ...rest,
      connection,
      activities: { ...ofBatches, ...activities(client(), alert()) },
    }
    const workers = await Promise.all([
      Worker.create({ ...shared, workflowBundle: workflowBundle(), taskQueue: queue }),
      Worker.create({ ...shared, taskQueue: activationQueue(queue) }),
    ])
    const running = Promise.all(workers.map((worker) => worker.run()))
    return async () => {
      for (const worker of workers) worker.shutdown()
      await running
      await connection.close()
    }
  }
  const activities = (temporal = client(), options = NO_ALERTS) =>
    createSweepActivities({
      warehouse: createInsertAllWarehouse(bigquery()),
      read: readForActivities(createReader(bigquery())),
      temporal,
      taskQueue,
      alert: options,
      metrics,
    })

  beforeAll(async () => {
    installQuietRuntime()
    process.env['PAYLOAD_KEYS'] = pair('sweep', 7)
    connected.client = await connectClient()
    await setUpSearchAttributes(client())
    await setUpTables(bigquery(), 'EU')
    stop = await startWorker({})
  }, 120_000)
  afterEach(() => clearFaults(stack().bigquery.url))
  afterAll(async () => {
    await stop()
    await client().connection.close()
    delete process.env['PAYLOAD_KEYS']
  })

  return {
    client,
    /** Served by the worker. */
    taskQueue,
    /** Nobody works on it: what is started here waits until somebody ends it. */
    nowhere: randomUUID(),
    activities,
    /** What the sweep and its dead letters counted since the last time, by the name of the metric. */
    counted: (name: string) => take().filter((update) => update.name === name),
    startWorker,
    /** Waits until Temporal's lists show the newest run of a workflow in the state that it is in: they lag a little. */
    listed: (workflowId: string) => waitFor(() => isListed(client(), workflowId), 'the list'),
    bigquery,
    rows: (query: string, params: Record<string, unknown> = {}) =>
      rowsOf(bigquery(), query, params),
  }
}

async function isListed(client: Client, workflowId: string): Promise<boolean> {
  const { runId, status } = await client.workflow.getHandle(workflowId).describe()
  for await (const run of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    if (run.runId === runId && run.status.name === status.name) return true
  }
  return false
}

/** A dead letter of these messages, at staging, of dealer-7 unless it is another's. */
export function letterOf(
  messageIds: readonly string[],
  { partnerId = 'dealer-7', reasons = ['warehouse_refused'] }: Partial<LetterWords> = {},
): DeadLetter {
  const faults = reasons.map((reason) => ({ reason, path: '', expected: 'x', received: 'y' }))
  return {
    batchId: `batch-${randomUUID()}`,
    partnerId,
    stage: 'staging',
    part: 0,
    events: messageIds.map((messageId) => ({
      messageId,
      publishTime: new Date(Date.now() - 60_000).toISOString(),
      attributes: {},
      data: { text: '{}' },
      eventType: 'purchase',
      eventId: 'e1',
      orderId: 'A001',
      faults,
    })),
  }
}

type LetterWords = { readonly partnerId: string; readonly reasons: readonly string[] }
