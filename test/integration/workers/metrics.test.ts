// What a worker counts, as Prometheus reads it from its port: every series of a batch with good and bad events.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { WORKFLOW } from '#contracts'
import { freePort } from '../../../deploy/local/probes.ts'
import type { RunningProcess } from '../../../deploy/local/process.ts'
import { cancellation, message, purchase } from '../../fixtures/messages.ts'
import { batchOf } from '../../support/activities.ts'
import { failCalls } from '../../support/parts.ts'
import { scrape } from '../../support/scrape.ts'
import { useStackWithTables } from '../../support/stack.ts'
import { waitFor } from '../../support/wait-for.ts'
import { connectWithTables, startWorker } from '../../support/worker.ts'

const stack = useStackWithTables('temporal', 'bigquery', 'segment')
const taskQueue = randomUUID()
let address: string
let client: Client
let worker: RunningProcess

beforeAll(async () => {
  address = `127.0.0.1:${await freePort()}`
  client = await connectWithTables(stack().bigquery.url)
  const { env, logDir } = stack()
  worker = await startWorker(env, logDir, taskQueue, { METRICS_ADDRESS: address })
}, 120_000)
afterAll(async () => {
  await worker.stop()
  await client.connection.close()
})

const twice = message({ ...purchase, order_id: 'twice', event_id: 'twice' })

/** Every number differs from the others of its metric, so that a swapped label shows. */
const BATCH = batchOf(
  ...['a', 'b', 'c', 'd'].map((order_id) => message({ ...purchase, order_id })),
  twice,
  { ...twice, messageId: 'again' },
  message({ ...purchase, order_id: 'refused', customer_id: 'no-customer' }),
  message({ ...cancellation, order_id: 'cancelled' }),
  message({ ...cancellation, order_id: 'cancelled-too' }),
  ...['x', 'y'].map((amount) => message({ ...purchase, amount })),
  message({ ...purchase, amount: 'z' }, { attributes: { partner_id: 'dealer-8' } }),
)

test('what becomes of the events of a batch, and the rows, calls and dead letters of it', async () => {
  await failCalls(stack().segment.url, { status: 400, match: '"no-customer"' })
  await client.workflow.execute(WORKFLOW.processBatch, {
    taskQueue,
    workflowId: `batch-${randomUUID()}`,
    args: [BATCH],
  })
  const deadLetters = 'WorkflowType = "deadLetter" AND ExecutionStatus = "Failed"'
  const areOpen = async () => (await client.workflow.count(deadLetters)).count === 3
  await waitFor(areOpen, 'the dead letters to be recorded')
  const later = `WorkflowType = '${WORKFLOW.activateLater}' AND ExecutionStatus = 'Running'`
  const areWaiting = async () =>
    (await scrape(address, 'rows_'))['rows_written_total{table="activation_log"}'] === 14 &&
    (await client.workflow.count(later)).count === 1
  await waitFor(areWaiting, 'the cancellations to wait')
  expect(await scrape(address, 'events_', 'rows_', 'segment_', 'dead_letter')).toEqual({
    'events_decided_total{decision="accepted"}': 8,
    'events_decided_total{decision="duplicate"}': 1,
    'events_decided_total{decision="rejected"}': 3,
    'rows_written_total{table="audit_log"}': 12,
    'rows_written_total{table="staging_purchase"}': 6,
    'rows_written_total{table="staging_cancellation"}': 2,
    'rows_written_total{table="dead_letter"}': 4,
    // Six purchases before and after their request, and two cancellations that wait.
    'rows_written_total{table="activation_log"}': 14,
    'rows_written_total{table="batch_ledger"}': 1,
    'segment_calls_total{outcome="accepted"}': 5,
    'segment_calls_total{outcome="failed"}': 1,
    'dead_letters_opened_total{stage="validation"}': 2,
    'dead_letters_opened_total{stage="activation"}': 1,
  })
}, 120_000)
