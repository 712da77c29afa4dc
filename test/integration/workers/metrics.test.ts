// What a worker counts, as Prometheus reads it from its port: every series of a batch with good and bad events.

import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { WORKFLOW } from '#contracts'
import type { RunningProcess } from '../../../deploy/local/process.ts'
import { cancellation, message, purchase } from '../../fixtures/messages.ts'
import { batchOf } from '../../support/activities.ts'
import { failCalls } from '../../support/parts.ts'
import { onFreePort } from '../../support/ports.ts'
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
  client = await connectWithTables(stack().bigquery.url)
  const { env, logDir } = stack()
  const partners = join(logDir, 'partners.yaml')
  await mkdir(logDir, { recursive: true })
  await writeFile(partners, 'partners: { dealer-7: {} }')
  worker = await onFreePort((port) => {
    address = `127.0.0.1:${port}`
    const own = { METRICS_ADDRESS: address, PARTNERS_FILE: partners }
    return startWorker(env, logDir, taskQueue, own)
  })
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

const omit = (counted: Readonly<Record<string, number>>, names: readonly string[]) =>
  Object.fromEntries(Object.entries(counted).filter(([name]) => !names.includes(name)))

test('what becomes of the events of a batch, and the rows, calls and dead letters of it', async () => {
  await failCalls(stack().segment.url, { status: 400, match: '"no-customer"' })
  await client.workflow.execute(WORKFLOW.processBatch, {
    taskQueue,
    workflowId: `batch-${randomUUID()}`,
    args: [BATCH],
    // On a busy machine a workflow task that times out runs its local activities again, and they count twice.
    workflowTaskTimeout: '1 minute',
  })
  const deadLetters = 'WorkflowType = "deadLetter" AND ExecutionStatus = "Failed"'
  const areOpen = async () => (await client.workflow.count(deadLetters)).count === 3
  await waitFor(areOpen, 'the dead letters to be recorded')
  const later = `WorkflowType = '${WORKFLOW.activateLater}' AND ExecutionStatus = 'Running'`
  const areWaiting = async () =>
    (await scrape(address, 'rows_'))['rows_written_total{table="activation_log"}'] === 14 &&
    (await client.workflow.count(later)).count === 1
  await waitFor(areWaiting, 'the cancellations to wait')
  const counted = await scrape(address, 'event', 'rows_', 'segment_', 'dead_letter', 'partner_')
  const buckets = Object.keys(counted).filter((name) => name.includes('_bucket'))
  expect(omit(counted, buckets)).toEqual({
    event_publish_to_staged_seconds_count: 8,
    event_publish_to_staged_seconds_sum: expect.any(Number),
    event_publish_to_accepted_seconds_count: 5,
    event_publish_to_accepted_seconds_sum: expect.any(Number),
    'events_activated_total{outcome="accepted"}': 5,
    'events_activated_total{outcome="failed"}': 1,
    'events_activated_total{outcome="waiting"}': 2,
    'events_rejected_total{reason="amount_not_a_number"}': 3,
    'partner_events_total{decision="accepted",partner="dealer-7"}': 8,
    'partner_events_total{decision="duplicate",partner="dealer-7"}': 1,
    'partner_events_total{decision="rejected",partner="dealer-7"}': 2,
    'partner_events_total{decision="rejected",partner="other"}': 1,
    'partner_newest_event_timestamp_seconds{partner="dealer-7"}': expect.any(Number),
    'partner_newest_event_timestamp_seconds{partner="other"}': expect.any(Number),
    'partner_rejections_total{partner="dealer-7",reason="amount_not_a_number"}': 2,
    'partner_rejections_total{partner="other",reason="amount_not_a_number"}': 1,
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
