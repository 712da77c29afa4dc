// Encryption on a real Temporal: what it stores, what a worker without the key does, and what UI and CLI show.

import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { Client, WorkflowHandle } from '@temporalio/client'
import type { DataConverter } from '@temporalio/common'
import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker'
import { z } from 'zod'
import { type DeadLetter, WORKFLOW } from '#contracts'
import { setUpSearchAttributes } from '#operations/setup/search-attributes'
import { setUpTables } from '#operations/setup/tables'
import { createPayloadCodec } from '#runtime/payload-codec'
import { connectClient, connectWorker } from '#runtime/temporal'
import { startBatch } from '../../../bridge/start-batch.ts'
import type { RunningProcess } from '../../../deploy/local/process.ts'
import { ensureTools } from '../../../deploy/local/tools.ts'
import { message, purchase } from '../../fixtures/messages.ts'
import { bigqueryAt } from '../../support/parts.ts'
import { keysOf, pair } from '../../support/payload-keys.ts'
import { useStackWithTables } from '../../support/stack.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startWorker } from '../../support/worker.ts'
import { workflowBundle } from '../../support/workflows.ts'

let temporalCli = ''
beforeAll(async () => {
  // Before the stack runs: where TEMPORAL_ADDRESS is set, no tool is needed and none is looked for.
  const { temporal = 'temporal' } = await ensureTools({ services: ['temporal'] })
  temporalCli = temporal
}, 300_000)

const stack = useStackWithTables('temporal', 'bigquery', 'segment', 'codec')

let client: Client
const running: RunningProcess[] = []

beforeAll(async () => {
  // Failing tasks are what these tests are about.
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' })
  const logger = new DefaultLogger('ERROR', () => {})
  Runtime.install({ logger, telemetryOptions: { logging: { filter, forward: {} } } })
  client = await connectClient()
  await setUpSearchAttributes(client)
  await setUpTables(bigqueryAt(stack().bigquery.url), 'EU')
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((worker) => worker.stop()))
})
afterAll(() => client.connection.close())

const TEST_LIMIT_MS = 120_000

async function runWorker(taskQueue: string, keys = ''): Promise<RunningProcess> {
  const own = keys ? { PAYLOAD_KEYS: keys } : {}
  const worker = await startWorker(stack().env, stack().logDir, taskQueue, own)
  running.push(worker)
  return worker
}

const buyer = {
  ...purchase,
  customer_id: 'C-4711',
  email: 'max@example.com',
  phone: '+49 170 1234567',
}

/** What says who the buyer is; long enough that no random id contains it. */
const PERSONAL = /max@example|C-4711|170 ?1234567/

/** One batch, started as the bridge does. */
async function start(taskQueue: string): Promise<WorkflowHandle> {
  await startBatch(client, taskQueue, [message({ ...buyer, order_id: randomUUID() })])
  const find = async () => {
    for await (const run of client.workflow.list({ query: `TaskQueue = '${taskQueue}'` }))
      return client.workflow.getHandle(run.workflowId)
    return undefined
  }
  return waitFor(find, 'the batch to be listed')
}

const statusOf = async (handle: WorkflowHandle) => (await handle.describe()).status.name

const keyId = () => stack().env['PAYLOAD_KEYS']?.split(':')[0] ?? ''

test(
  'a worker without the key leaves the batch running, says which key, and one with it finishes the batch',
  async () => {
    const taskQueue = randomUUID()
    const batch = await start(taskQueue)
    const wrong = await runWorker(taskQueue, pair('another', 7))
    const failedTask = async () => {
      const { events } = await batch.fetchHistory()
      return events?.find((event) => event.workflowTaskFailedEventAttributes)
        ?.workflowTaskFailedEventAttributes?.failure?.message
    }
    const why = await waitFor(failedTask, 'a failed workflow task', 30_000)
    expect(why).toBe(
      `A payload is encrypted with key \`${keyId()}\`, which PAYLOAD_KEYS does not have: add it behind the others (\`another\`), and restart this process.`,
    )
    expect(await statusOf(batch)).toBe('RUNNING')
    await wrong.stop()

    await runWorker(taskQueue)
    expect(await batch.result()).toMatchObject({ received: 1, stagedPurchase: 1, activated: 1 })
  },
  TEST_LIMIT_MS,
)

test(
  'an activity that meets a worker without the key is repeated until another has it',
  async () => {
    const taskQueue = randomUUID()
    const { connection, dataConverter: right } = await connectWorker()
    const wrong: DataConverter = { payloadCodecs: [createPayloadCodec(keysOf(pair('other', 7)))] }
    const validated = { received: 0, accepted: 0, rejected: [], duplicates: [] }
    const activities = { validateEvents: async () => validated }
    const common = { connection, taskQueue }
    const workflows = { ...common, dataConverter: right, workflowBundle: workflowBundle() }
    const [orchestrator, stranger] = await Promise.all([
      Worker.create(workflows),
      Worker.create({ ...common, dataConverter: wrong, activities }),
    ])
    const orchestrating = orchestrator.run()
    const failing = stranger.run()
    const batch = await start(taskQueue)
    const firstFailure = async () => {
      const { raw } = await batch.describe()
      const pending = raw.pendingActivities?.[0]
      return (pending?.attempt ?? 0) > 1 ? pending?.lastFailure : undefined
    }
    const failure = await waitFor(firstFailure, 'a second attempt', 30_000)
    expect(failure.message).toMatch(
      /^Failed to parse activity args .*encrypted with key `.*`, which PAYLOAD_KEYS does not have/,
    )
    expect(failure.applicationFailureInfo?.nonRetryable).not.toBe(true)
    stranger.shutdown()
    await failing

    const owner = await Worker.create({ ...common, dataConverter: right, activities })
    const owning = owner.run()
    const isValidated = async () => {
      const { events } = await batch.fetchHistory()
      return events?.some((event) => event.activityTaskCompletedEventAttributes)
    }
    await waitFor(isValidated, 'the activity to complete', 30_000)
    expect(await statusOf(batch)).toBe('RUNNING')
    await batch.terminate('the test is over')
    owner.shutdown()
    orchestrator.shutdown()
    await Promise.all([owning, orchestrating])
    await connection.close()
  },
  TEST_LIMIT_MS,
)

/** What Temporal's own CLI prints of a run, as a person asks it. */
async function show(workflowId: string, ...options: string[]): Promise<string> {
  const address = ['--address', stack().temporal.address]
  const args = ['workflow', 'show', '--workflow-id', workflowId, '--output', 'json', ...address]
  const { stdout } = await promisify(execFile)(temporalCli, [...args, ...options])
  return stdout
}

/** Every payload of a run as the codec server gives it to Temporal's CLI, oldest first; all of them are JSON or nothing. */
async function valuesOf(workflowId: string): Promise<unknown[]> {
  const { url, tokenFile } = stack().codec
  const bearer = `Bearer ${await readFile(tokenFile, 'utf8')}`
  const shown = await show(workflowId, '--codec-endpoint', url, '--codec-auth', bearer)
  const values: unknown[] = []
  JSON.parse(shown, (_key, value: unknown) => {
    const found = payload.safeParse(value)
    if (!found.success) return value
    const { data, metadata } = found.data
    expect(['json/plain', 'binary/null']).toContain(
      Buffer.from(metadata.encoding, 'base64').toString(),
    )
    values.push(data === undefined ? null : JSON.parse(Buffer.from(data, 'base64').toString()))
    return value
  })
  return values
}

const payload = z.object({
  metadata: z.object({ encoding: z.string() }),
  data: z.string().optional(),
})

test(
  'of a batch Temporal stores nothing personal; its CLI shows it, masked, with the codec server',
  async () => {
    const taskQueue = randomUUID()
    const batch = await start(taskQueue)
    await runWorker(taskQueue)
    await batch.result()

    const stored = await show(batch.workflowId)
    const bytes = [...stored.matchAll(/"data": "([^"]+)"/g)].map(([, data]) =>
      Buffer.from(data ?? '', 'base64').toString('latin1'),
    )
    expect(bytes.length).toBeGreaterThan(10)
    for (const text of [stored, ...bytes]) {
      expect(text).not.toMatch(PERSONAL)
      expect(text.startsWith('\x1f\x8b')).toBe(false)
    }
    expect(stored).toContain(Buffer.from('binary/encrypted').toString('base64'))

    const values = await valuesOf(batch.workflowId)
    const data = { car_model: 'SUV', amount: 45000, email: '(masked string)' }
    expect(values).toContainEqual({
      note: 'Personal data is masked. The personal token shows it.',
      messages: [expect.objectContaining({ data: expect.objectContaining(data) })],
    })
    const shown = JSON.stringify(values)
    expect(shown).not.toMatch(PERSONAL)
    expect(shown).not.toMatch(/not_decoded|masked bytes/)
    expect(values).toContain('1 message')
    expect(values.at(-1)).toMatchObject({ received: 1, activated: 1 })
  },
  TEST_LIMIT_MS,
)

test(
  'the message of a dead letter is readable in Temporal without any key, its events only with the codec server',
  async () => {
    const taskQueue = randomUUID()
    await runWorker(taskQueue)
    const letter: DeadLetter = {
      batchId: 'batch-1',
      partnerId: 'dealer-7',
      stage: 'validation',
      part: 0,
      events: [
        {
          messageId: 'm1',
          publishTime: new Date().toISOString(),
          attributes: {},
          data: { text: JSON.stringify(buyer) },
          eventType: 'purchase',
          eventId: null,
          orderId: 'A001',
          faults: [{ reason: 'amount_missing', path: 'amount', expected: 'a', received: 'b' }],
        },
      ],
    }
    const workflowId = `dead-letter/${randomUUID()}`
    const options = { taskQueue, workflowId, args: [letter] }
    const handle = await client.workflow.start(WORKFLOW.deadLetter, options)
    await expect(handle.result()).rejects.toThrow('Workflow execution failed')

    const stored = await show(workflowId)
    expect(stored).toContain('1 event rejected from dealer-7: amount_missing (1)')
    const [input] = await valuesOf(workflowId)
    expect(input).toMatchObject({
      events: [{ orderId: 'A001', data: { amount: 45000, customer_id: '(masked string)' } }],
    })
  },
  TEST_LIMIT_MS,
)

test("the UI knows the codec server, and the codec server the UI's pages", async () => {
  const { uiUrl = '' } = stack().temporal
  const settings = await (await fetch(`${uiUrl}/api/v1/settings`)).json()
  expect(Object(settings).Codec.Endpoint).toBe(stack().codec.url)
  for (const origin of [uiUrl, uiUrl.replace('127.0.0.1', 'localhost')]) {
    const headers = { origin, 'access-control-request-method': 'POST' }
    const answer = await fetch(`${stack().codec.url}/decode`, { method: 'OPTIONS', headers })
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
  }
})
