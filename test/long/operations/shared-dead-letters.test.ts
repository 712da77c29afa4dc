// One batch with invalid events of three hundred partners, two of whom call themselves by an e-mail address and a
// telephone number: few dead letters, each partner's events found in them, and handled by themselves.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { MAX_PARTNERS_APART, publicPartner, TASK_QUEUE, WORKFLOW } from '#contracts'
import { encodeBatch } from '#contracts/batch-payload'
import { countsOf } from '#operations/dead-letters/counts'
import { message, purchase } from '../../fixtures/messages.ts'
import { dlqOf } from '../../support/dlq.ts'
import { operationsOn } from '../../support/operations.ts'
import { bigqueryAt, rowsOf } from '../../support/parts.ts'
import { useStackWithTables } from '../../support/stack.ts'
import { waitFor } from '../../support/wait-for.ts'
import { runWarmCommand } from '../../support/warm-command/run.ts'
import { startWorkerWithTables, type TestWorker } from '../../support/worker.ts'

const EMAIL = 'jane.canary@example.com'
const PHONE = '+49 171 5550123'
/** What of them would be read wherever it stood. */
const CANARY = /canary|5550123/

const stack = useStackWithTables('temporal', 'bigquery', 'segment')
const { dlq } = dlqOf(() => stack().env)
const { discard, list, preview, redrive, report, show, sums } = operationsOn(() => ({
  ...stack(),
  client,
}))
const rows = (query: string, params = {}) => rowsOf(bigqueryAt(stack().bigquery.url), query, params)

const batchId = `batch-${randomUUID()}`
const PARTNERS = 300

let client: Client
let worker: TestWorker
let shared = ''

/** The partners with a dead letter of their own are the first of the two, and nineteen others. */
const plain = Array.from({ length: PARTNERS - 2 }, (_, i) => `p${i}`)
const partnerIds = [...plain, ...plain.slice(0, MAX_PARTNERS_APART - 1), EMAIL, EMAIL, EMAIL, PHONE]

const lettersOfBatch = async () => {
  const found: string[] = []
  for await (const run of client.workflow.list({ query: `BatchId = '${batchId}'` }))
    if (run.status.name === 'FAILED') found.push(run.workflowId)
  return [...new Set(found)]
}

beforeAll(async () => {
  ;({ client, worker } = await startWorkerWithTables(stack(), TASK_QUEUE))
  const messages = partnerIds.map((partner_id, i) =>
    message({ ...purchase, order_id: `o${i}`, amount: 'x', partner_id }, { attributes: {} }),
  )
  const run = { workflowId: batchId, taskQueue: TASK_QUEUE, args: [encodeBatch(messages)] }
  await client.workflow.execute(WORKFLOW.processBatch, run)
  const isThere = async () => (await lettersOfBatch()).length >= MAX_PARTNERS_APART + 1
  await waitFor(isThere, 'the dead letters of the batch', 60_000)
  shared = (await lettersOfBatch()).find((id) => id.includes('/several-')) ?? ''
}, 300_000)
afterAll(async () => {
  await worker.stop()
  await client.connection.close()
})

const FIX = '[{"op":"replace","path":"/amount","value":45000.00}]'

const openCounts = () =>
  rows(
    `SELECT COUNT(*) AS events, COUNT(DISTINCT partner_id) AS partners
     FROM streaming.open_dead_letter WHERE batch_id = @batchId`,
    { batchId },
  )

test('there are twenty-one dead letters, and the table has each event with its own partner', async () => {
  expect(await lettersOfBatch()).toHaveLength(MAX_PARTNERS_APART + 1)
  expect(await openCounts()).toEqual([{ events: partnerIds.length, partners: PARTNERS }])
})

test('neither ids nor search attributes, summaries or failures tell a partner id that is personal', async () => {
  const told: unknown[] = []
  for await (const { raw, workflowId, runId } of client.workflow.list()) {
    const handle = client.workflow.getHandle(workflowId, runId)
    const description = await handle.describe()
    const { events } = await handle.fetchHistory()
    const failures = (events ?? []).map(
      (event) => event.workflowExecutionFailedEventAttributes?.failure?.message,
    )
    told.push(raw, workflowId, failures, description.searchAttributes)
    told.push(await description.staticSummary(), await description.staticDetails())
  }
  const text = JSON.stringify(told)
  expect(text).toContain(publicPartner(EMAIL))
  expect(text).toContain('(several)')
  expect(text).not.toMatch(CANARY)
  expect(
    await rows('SELECT message_id FROM streaming.dead_letter WHERE partner_id = @id', {
      id: EMAIL,
    }),
  ).toHaveLength(3)
}, 300_000)

test('a partner inside a shared dead letter is found by list, summary, show and report', async () => {
  const [line, ...more] = await list({ partner: PHONE })
  expect(more).toEqual([])
  expect(line).toMatchObject({
    id: shared,
    partner_id: PHONE,
    events: 1,
    partners: PARTNERS - MAX_PARTNERS_APART,
  })
  const table = await dlq('list', '--partner', 'p99')
  expect(table.stdout).toContain(`p99, with ${PARTNERS - MAX_PARTNERS_APART - 1} more`)
  expect(await sums({ partner: 'p99' })).toMatchObject([
    { partner_id: 'p99', reason: 'amount_not_a_number', events: 1, dead_letters: 1 },
  ])
  const shown = await show(shared, 'p99')
  expect(shown.events).toMatchObject([{ partner_id: 'p99' }])
  const whole = await dlq('show', shared, '--limit', '2')
  expect(whole.stdout).toContain(`events of ${PARTNERS - MAX_PARTNERS_APART} partners`)
  expect(await report({ partner: EMAIL })).toMatchObject({ rejected: 3, waiting: 3 })
  expect(await report({ partner: 'p99' })).toMatchObject({ rejected: 1, waiting: 1 })
}, 300_000)

test('a summary of hundreds of partners prints a hundred lines, and says how many more there are', async () => {
  const { stdout } = await dlq('summary')
  expect(stdout).toContain(`${PARTNERS - 100} more: narrow it down`)
  expect(await sums()).toHaveLength(PARTNERS)
}, 300_000)

test('a redrive of one partner corrects its events, and leaves those of the others open', async () => {
  const asked = { query: `partner="${PHONE}"`, patch: FIX }
  const would = await preview(asked)
  expect(would.forecasts).toMatchObject([{ would: 'stage and activate', changed: true }])
  const done = await redrive(asked)
  expect(countsOf(done)).toMatchObject({
    dead_letters: 1,
    closed: 1,
    events: 1,
    events_failed_again: 0,
  })
  const staged = await rows('SELECT partner_id FROM streaming.staging_purchase')
  expect(staged).toEqual([{ partner_id: PHONE }])
  expect(await openCounts()).toEqual([{ events: partnerIds.length - 1, partners: PARTNERS - 1 }])
  const handle = client.workflow.getHandle(shared)
  const { status, searchAttributes } = await handle.describe()
  expect([status.name, searchAttributes['EventCount']]).toEqual([
    'FAILED',
    [PARTNERS - MAX_PARTNERS_APART - 1],
  ])
  await expect(handle.result()).rejects.toMatchObject({
    cause: {
      message: `The one event of ${publicPartner(PHONE)} closed in redrive 1 by ann; open as before: ${PARTNERS - MAX_PARTNERS_APART - 1} of the others`,
    },
  })
  expect(await report({ partner: PHONE })).toMatchObject({ corrected: 1, waiting: 0 })
  expect(await redrive(asked)).toMatchObject({ selected: 0, outcomes: [] })
  expect((await list({ partner: 'p99' }, 'all'))[0]).toMatchObject({ state: 'open' })
}, 300_000)

test('a redrive of one partner that fails again leaves its events and those of the others open', async () => {
  const { outcomes } = await redrive({ ids: [shared], partner: 'p99' })
  expect(outcomes).toMatchObject([
    {
      outcome: 'failed',
      summary: expect.stringContaining('The one event of p99 failed again in redrive 2 by ann'),
    },
  ])
  expect(await openCounts()).toEqual([{ events: partnerIds.length - 1, partners: PARTNERS - 1 }])
}, 300_000)

test('a partner can be discarded by itself, and one that is not there is told', async () => {
  const reason = ['--reason', 'a test of theirs']
  const stranger = await dlq('discard', shared, '--partner', 'p9999', ...reason)
  expect([stranger.code, stranger.stderr]).toEqual([
    2,
    expect.stringMatching(/ has no event of p9999\. .* Nothing was changed\.\n$/),
  ])
  const done = await discard({ ids: [shared], partner: 'p99' })
  expect(countsOf(done)).toMatchObject({ closed: 1, events: 1 })
  expect(await openCounts()).toEqual([{ events: partnerIds.length - 2, partners: PARTNERS - 2 }])
}, 300_000)

test('trace tells the partner that was redriven from one that waits in the same dead letter', async () => {
  const trace = (order: string) =>
    runWarmCommand(['trace', order, '--since', '2026-11-01'], {
      ...stack().env,
      GOOGLE_CLOUD_PROJECT: 'local',
    })
  const redriven = await trace(`o${partnerIds.indexOf(PHONE)}`)
  expect(redriven.stdout).toContain('purchase staged by a redrive of ann')
  const waiting = await trace(`o${partnerIds.indexOf('p98')}`)
  expect(waiting.stdout).toContain('open dead letter: npm run dlq -- show')
  expect(waiting.stdout).not.toContain('redrive 1 by ann')
}, 300_000)

test('by its id, all that is left of a shared dead letter is handled, and its run completes', async () => {
  const left = PARTNERS - MAX_PARTNERS_APART - 2
  const done = await discard({ ids: [shared] })
  expect(countsOf(done)).toMatchObject({ closed: 1, events: left })
  expect((await client.workflow.getHandle(shared).describe()).status.name).toBe('COMPLETED')
  expect(await openCounts()).toEqual([
    { events: partnerIds.length - 2 - left, partners: MAX_PARTNERS_APART },
  ])
  expect(countsOf(await redrive({ all: true, patch: FIX }))).toMatchObject({
    closed: MAX_PARTNERS_APART,
    events_failed_again: 0,
  })
  expect(await list()).toEqual([])
}, 300_000)
