// `npm run record-histories`: runs batches through the real pipeline and keeps their histories for test/workflow/replay.test.ts.

import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { activityInfo } from '@temporalio/activity'
import { type Client, WorkflowFailedError, WorkflowIdReusePolicy } from '@temporalio/client'
import proto from '@temporalio/proto'
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker'
import { createHttpSegment } from '#activation/segment/segment-http'
import { activationQueue, type Message, type Resolution, TASK_QUEUE, WORKFLOW } from '#contracts'
import { encodeBatch } from '#contracts/batch-payload'
import { setUpSearchAttributes } from '#operations/setup/search-attributes'
import { setUpTables } from '#operations/setup/tables'
import { activityMetrics, governorMetrics, sweepMetrics } from '#runtime/metrics/groups'
import { pubsubFailure } from '#runtime/service-error'
import { GRPC } from '#runtime/status-codes'
import { connectClient, connectWorker } from '#runtime/temporal'
import { createBigQuery } from '#warehouse/client'
import { createInsertAllWarehouse } from '#warehouse/insert-all'
import { createReader, type Reader } from '#warehouse/read'
import { readForActivities } from '#warehouse/read-for-activities'
import { createOrderLookUp } from '../../activities/activation/order-look-up.ts'
import { buildDeadLetters } from '../../activities/build-dead-letters.ts'
import { createLookUpVersions } from '../../activities/changes/look-up-versions.ts'
import { createGovernorActivities } from '../../activities/governor/index.ts'
import { type Activities, createActivities, type Dependencies } from '../../activities/index.ts'
import type { ChangeEvents } from '../../activities/publish-order-changes.ts'
import { readEach } from '../../activities/read-batch.ts'
import { createSweepActivities } from '../../activities/sweep/index.ts'
import { repoDir, stackDir } from '../../deploy/local/paths.ts'
import { startStack } from '../../deploy/local/stack.ts'
import { WORKFLOWS_PATH } from '../../workers/options.ts'
import { cancellation, message, purchase } from '../fixtures/messages.ts'
import { failCalls, failInserts } from './parts.ts'
import { waitFor } from './wait-for.ts'

const HISTORIES = fileURLToPath(new URL('../workflow/histories', import.meta.url))

const GOOD = [message(purchase), message(cancellation)]
const BAD = [
  message(purchase),
  message({ ...purchase, amount: 'x' }, { attributes: { partner_id: 'dealer-9' } }),
  message('not json'),
  message({ ...purchase, order_id: 'A002', customer_id: 'refused' }),
  message(cancellation),
]

async function record(): Promise<void> {
  const dataDir = join(stackDir, 'test', randomUUID())
  const stack = await startStack({ dataDir, services: ['temporal', 'bigquery', 'segment'] })
  try {
    Object.assign(process.env, stack.env)
    Runtime.install({ logger: new DefaultLogger('ERROR') })
    await withWorker(
      { bigquery: stack.bigquery.url, segment: stack.segment.url },
      async (client) => {
        await keep(client, 'good-batch', await runBatch(client, 'batch-good', GOOD))
        await failInserts(stack.bigquery.url, {
          table: 'streaming.staging_purchase',
          status: 503,
          times: 1,
        })
        await failCalls(stack.segment.url, { status: 500, times: 1 })
        await failCalls(stack.segment.url, { status: 400, match: '"refused"' })
        await keep(client, 'batch-with-dead-letters', await runBatch(client, 'batch-bad', BAD))
        const deadLetter = await findDeadLetter(client)
        await keep(client, 'dead-letter', deadLetter)
        await redrive(client, deadLetter, 1, { ...purchase, amount: 'x' })
        await keep(client, 'redrive-failed-again', deadLetter)
        await failInserts(stack.bigquery.url, {
          table: 'streaming.staging_purchase',
          status: 503,
          times: 1,
        })
        await redrive(client, deadLetter, 2, { ...purchase, order_id: 'A009' })
        await keep(client, 'redrive', deadLetter)
        await keep(client, 'sweep', await runSweep(client))
        await keep(client, 'change-events', await runBatch(client, CHANGES, GOOD))
        await keep(client, 'change-events-later', await runBatch(client, CHANGES_LATER, GOOD))
        await keep(client, 'activate-later', await runLater(client, stack.segment.url))
      },
    )
  } finally {
    await stack.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

type Urls = { readonly bigquery: string; readonly segment: string }

async function withWorker(urls: Urls, use: (client: Client) => Promise<void>): Promise<void> {
  const client = await connectClient()
  const { connection } = await connectWorker()
  const bigquery = createBigQuery({
    GOOGLE_CLOUD_PROJECT: 'local',
    BIGQUERY_EMULATOR_HOST: urls.bigquery,
  })
  try {
    await Promise.all([setUpSearchAttributes(client), setUpTables(bigquery, 'EU')])
    const meter = Runtime.instance().metricMeter
    const deps = {
      warehouse: createInsertAllWarehouse(bigquery),
      temporal: client,
      taskQueue: TASK_QUEUE,
      metrics: { ...activityMetrics(meter), ...sweepMetrics(meter), ...governorMetrics(meter) },
    }
    const segment = createHttpSegment({ host: urls.segment, writeKey: 'key' })
    const read = readForActivities(createReader(bigquery))
    const lookUpOrders = createOrderLookUp(read, 0)
    const alert = { webhookUrl: undefined, thresholdEvents: 1, intervalMinutes: 1 }
    const batches = { ...deps, segment, lookUpOrders, segmentNamespace: 'test' }
    const activities = {
      ...createActivities(batches),
      ...withChangeEvents(batches, read),
      ...createSweepActivities({ ...deps, read, alert }),
      ...createGovernorActivities(client, TASK_QUEUE, deps.metrics),
    }
    const workflowsPath = WORKFLOWS_PATH
    const shared = { connection, activities }
    const worker = await Worker.create({ ...shared, taskQueue: TASK_QUEUE, workflowsPath })
    const activating = await Worker.create({ ...shared, taskQueue: activationQueue(TASK_QUEUE) })
    await activating.runUntil(() => worker.runUntil(() => use(client)))
  } finally {
    await client.connection.close()
    await connection.close()
  }
}

const CHANGES = 'batch-changes'
const CHANGES_LATER = 'batch-changes-later'

/** Two batches publish change events, the second one once Pub/Sub is available again. */
function withChangeEvents(
  batches: Dependencies,
  read: Reader,
): Pick<Activities, 'validateEvents' | 'publishOrderChanges'> {
  const workflowId = () => activityInfo().workflowExecution?.workflowId
  let isAway = true
  const publish = async () => {
    if (workflowId() !== CHANGES_LATER || !isAway) return
    isAway = false
    throw pubsubFailure({ grpcStatus: GRPC.UNAVAILABLE })
  }
  const changeEvents: ChangeEvents = {
    lookUp: createLookUpVersions(read),
    publish,
    breaker: (call) => call(),
  }
  const off = createActivities(batches)
  const on = createActivities({ ...batches, changeEvents })
  const isOn = () => workflowId() === CHANGES || workflowId() === CHANGES_LATER
  return {
    validateEvents: async (batch) => (isOn() ? on : off).validateEvents(batch),
    publishOrderChanges: on.publishOrderChanges,
  }
}

/** @returns its workflow id */
async function runBatch(client: Client, workflowId: string, messages: Message[]): Promise<string> {
  await client.workflow.execute(WORKFLOW.processBatch, {
    workflowId,
    taskQueue: TASK_QUEUE,
    args: [encodeBatch(messages)],
  })
  return workflowId
}

/** A sweep that finds a batch somebody has terminated. */
async function runSweep(client: Client): Promise<string> {
  const batch = await client.workflow.start(WORKFLOW.processBatch, {
    workflowId: 'batch-ended',
    taskQueue: 'nowhere',
    args: [encodeBatch(GOOD)],
  })
  await batch.terminate()
  const query = `WorkflowId = 'batch-ended' AND ExecutionStatus = 'Terminated'`
  const isListed = async () => (await client.workflow.count(query)).count > 0
  await waitFor(isListed, 'the terminated batch to be listed')
  const workflowId = 'sweep'
  await client.workflow.execute(WORKFLOW.sweep, { workflowId, taskQueue: TASK_QUEUE, args: [0] })
  return workflowId
}

/**
 * Events that wait: one is refused, one is sent when it is looked at first, and one waits until its purchase comes.
 * @returns the id of the workflow in which they wait
 */
async function runLater(client: Client, segmentUrl: string): Promise<string> {
  const purchaseOf = (order_id: string) => message({ ...purchase, order_id }, at('10:00:00'))
  const cancelled = ['L001', 'L002', 'L003'].map((order_id) =>
    message({ ...cancellation, order_id, customer_id: purchase.customer_id }, at('10:00:01')),
  )
  await runBatch(client, 'batch-purchases', [purchaseOf('L001'), purchaseOf('L002')])
  await failCalls(segmentUrl, { status: 400, match: '"L001"' })
  await runBatch(client, 'batch-cancellations', cancelled)
  const query = `WorkflowId STARTS_WITH 'batch-cancellations/later-'`
  const workflowId = await waitFor(() => firstOf(client, query), 'the cancellations to wait')
  await runBatch(client, 'batch-late-purchase', [purchaseOf('L003')])
  await client.workflow.getHandle(workflowId).result()
  return workflowId
}

const at = (time: string) => ({ publishTime: `2026-11-20T${time}.000000Z` })

/** Redrives the dead letter of dealer-9 with this event in place of its own, to its end. */
async function redrive(client: Client, workflowId: string, attempt: number, event: object) {
  const one = message(event, { attributes: { partner_id: 'dealer-9' } })
  const failedEvents = [{ index: 0, partnerId: 'dealer-9', reasons: [] }]
  const of = { batchId: 'batch-bad', stage: 'validation' } as const
  const [letter] = buildDeadLetters(readEach([one]), failedEvents, of)
  const resolution: Resolution = {
    action: 'redrive',
    events: 1,
    attempt,
    actor: 'ann',
    reason: 'corrected',
    patch: null,
    occurredAt: one.publishTime,
    previousRunId: null,
    staged: [],
  }
  const run = client.workflow.execute(WORKFLOW.deadLetter, {
    workflowId,
    taskQueue: TASK_QUEUE,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    args: [letter, resolution, encodeBatch([one])],
  })
  await run.catch((error: unknown) => {
    if (!(error instanceof WorkflowFailedError)) throw error
  })
}

/** The dead letter of what the batch had from dealer-9, once it has failed. */
function findDeadLetter(client: Client): Promise<string> {
  const query = `PartnerId = 'dealer-9' AND ExecutionStatus = 'Failed'`
  return waitFor(() => firstOf(client, query), 'the dead letter of dealer-9 to fail')
}

async function firstOf(client: Client, query: string): Promise<string | undefined> {
  for await (const { workflowId } of client.workflow.list({ query })) return workflowId
  return undefined
}

/** As a word of its own: payloads are base64, in which a short name may occur by chance. */
const HOST_NAME = new RegExp(`(?<![\\w+/])${hostname().replaceAll('.', '\\.')}(?![\\w+/])`)

const { History } = proto.temporal.api.history.v1
const PLAIN = { enums: String, longs: String, bytes: String }

async function keep(client: Client, name: string, workflowId: string): Promise<void> {
  const history = await client.workflow.getHandle(workflowId).fetchHistory()
  // Not the SDK's historyToJSON, which takes two installed copies of protobufjs for different types.
  const json = History.toObject(History.fromObject(history), PLAIN)
  const text = `${JSON.stringify(json, withoutMachine, 2)}\n`
  if (text.includes(repoDir) || HOST_NAME.test(text))
    throw new Error(`the history of ${name} names this machine: ${hostname()} or ${repoDir}`)
  await mkdir(HISTORIES, { recursive: true })
  await writeFile(join(HISTORIES, `${name}.json`), text)
  process.stderr.write(`recorded ${name}: ${history.events?.length} events\n`)
}

/** Who ran it and where: replay asks for neither. */
function withoutMachine(key: string, value: unknown): unknown {
  if (key === 'identity') return 'worker'
  if (key === 'stackTrace') return ''
  const isSticky = typeof value === 'object' && value !== null && 'normalName' in value
  return isSticky ? { ...value, name: 'sticky' } : value
}

await record()
