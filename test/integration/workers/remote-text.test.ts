// What services say of a failed request may quote it: nothing of that is in Temporal, or in the log of a worker as it is run.

import { createHash, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Client, WorkflowHandle } from '@temporalio/client'
import { WORKFLOW } from '#contracts'
import { setUpSearchAttributes } from '#operations/setup/search-attributes'
import { connectClient } from '#runtime/temporal'
import type { RunningProcess } from '../../../deploy/local/process.ts'
import { message, purchase } from '../../fixtures/messages.ts'
import { batchOf } from '../../support/activities.ts'
import {
  type Answer,
  type AnsweringServer,
  says,
  startAnsweringServer,
} from '../../support/answering-server.ts'
import { useStack } from '../../support/stack.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startWorker } from '../../support/worker.ts'

const stack = useStack('temporal')
const EMAIL = 'canary.jane@example.com'
const CUSTOMER = 'canary-customer-4711'
const CANARIES = [EMAIL, CUSTOMER, createHash('sha256').update(EMAIL).digest('hex')]

let client: Client
let server: AnsweringServer
let atInfo: RunningProcess
let atDebug: RunningProcess

const START_LIMIT_MS = 120_000

beforeAll(async () => {
  client = await connectClient()
  await setUpSearchAttributes(client)
  server = await startAnsweringServer()
  const starts = [startAt('info'), startAt('debug')] as const
  ;[atInfo, atDebug] = await Promise.all(starts)
}, START_LIMIT_MS)
afterAll(async () => {
  await Promise.all([atInfo, atDebug].map((worker) => worker.stop()))
  await server.close()
  await client.connection.close()
})

/** A worker whose task queue is its log level. */
const startAt = (level: string) =>
  startWorker(stack().env, stack().logDir, level, {
    BIGQUERY_EMULATOR_HOST: `${server.url}/bigquery/v2`,
    SEGMENT_HOST: server.url,
    LOG_LEVEL: level,
  })

/** What was sent, in every place where an answer has room for text. */
const echo =
  (status: number): Answer =>
  (response, asked) => {
    const { body } = asked
    const errors = [{ reason: body, message: body, location: body }]
    const headers = { 'x-request-id': EMAIL }
    says(
      status,
      { error: { message: body, status: body, errors }, message: body },
      headers,
    )(response, asked)
  }

/** The same with the words that must not be stored in front: a failure may have only the first of what a service says. */
const quote =
  (status: number): Answer =>
  (response, asked) =>
    echo(status)(response, { ...asked, body: `${CANARIES.join(' ')} ${asked.body}` })

const echoRowErrors: Answer = (response, asked) => {
  const body = `${CANARIES.join(' ')} ${asked.body}`
  const errors = [{ reason: 'backendError', location: body, message: body }]
  const kind = 'bigquery#tableDataInsertAllResponse'
  says(200, { kind, insertErrors: [{ index: 0, errors }] })(response, asked)
}

const page: Answer = (response, asked) =>
  says(200, `<p>${CANARIES.join(' ')} ${asked.body}</p>`)(response, asked)

/** A BigQuery that takes everything, in front of a Segment that answers so. */
const onlySegment =
  (answer: Answer): Answer =>
  (response, asked) =>
    asked.url.endsWith('/insertAll')
      ? says(200, { kind: 'bigquery#tableDataInsertAllResponse' })(response, asked)
      : answer(response, asked)

function startBatch(taskQueue: string): Promise<WorkflowHandle> {
  const workflowId = `batch-${randomUUID()}`
  const event = { ...purchase, email: EMAIL, customer_id: CUSTOMER, order_id: randomUUID() }
  const args = [batchOf(message(event))]
  return client.workflow.start(WORKFLOW.processBatch, { taskQueue, workflowId, args })
}

/** All that Temporal stores of a run, once an activity of it has failed and waits for its next attempt. */
async function storedOf(handle: WorkflowHandle): Promise<string> {
  const failed = async () => {
    const { raw } = await handle.describe()
    const failure = raw.pendingActivities?.find(({ lastFailure }) => lastFailure)
    return failure ? raw : null
  }
  const described = await waitFor(failed, 'an activity to fail', 30_000)
  const history = await handle.fetchHistory()
  await handle.terminate('the test is over')
  return JSON.stringify([described, history])
}

const canariesIn = (text: string) => CANARIES.filter((canary) => text.includes(canary))
const logOf = ({ logFile }: RunningProcess) => readFileSync(logFile, 'utf8')
/** Resolves once the log has these words, which a worker writes after it has told Temporal. */
const logged = (worker: RunningProcess, words: string) =>
  waitFor(() => logOf(worker).includes(words), `the log to have: ${words}`)

test.each<[string, Answer]>([
  ['500 from BigQuery', quote(500)],
  ['429 from BigQuery', quote(429)],
  ['403 from BigQuery', quote(403)],
  ['a web page from BigQuery', page],
  ['errors of rows from BigQuery', echoRowErrors],
  ['500 from Segment', onlySegment(quote(500))],
  ['429 from Segment', onlySegment(quote(429))],
  ['401 from Segment', onlySegment(quote(401))],
  ['a web page from Segment', onlySegment(page)],
])('%s that quotes the request is nowhere in Temporal, nor in the log', async (_what, answer) => {
  server.answer(answer)
  const stored = await storedOf(await startBatch('info'))
  expect(canariesIn(stored)).toEqual([])
  expect(stored).toMatch(/BigQuery |Segment: /)
  await logged(atInfo, 'Activity failed')
  expect(canariesIn(logOf(atInfo))).toEqual([])
})

test('400 from BigQuery that quotes the request fails the run, and is nowhere either', async () => {
  server.answer(quote(400))
  const handle = await startBatch('info')
  await expect(handle.result()).rejects.toThrow('Workflow execution failed')
  const stored = JSON.stringify(await handle.fetchHistory())
  expect(stored).toContain('BigQuery refused')
  expect(canariesIn(stored)).toEqual([])
  expect(canariesIn(logOf(atInfo))).toEqual([])
})

test('at debug level the log has what was said, masked and cut', async () => {
  server.answer(onlySegment(echo(500)))
  await storedOf(await startBatch('debug'))
  await logged(atDebug, 'what a service said of a request that failed')
  await logged(atDebug, '(masked')
  expect(canariesIn(logOf(atDebug))).toEqual([])
})
