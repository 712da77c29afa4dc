// A replay from the audit log while the pipeline runs: what staging lost is there again, and nothing else is changed.

import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import { readCheckpoint } from '#operations/replay/checkpoint'
import { replay } from '#operations/replay/replay'
import { stackDir } from '../../deploy/local/paths.ts'
import { callsAt, flushStreamingBuffer, forgetInsertIds, rowsOf } from '../support/parts.ts'
import { usePipeline } from '../support/pipeline.ts'
import { waitFor } from '../support/wait-for.ts'
import { runWarmCommand } from '../support/warm-command/run.ts'

const pipeline = usePipeline({ ACTIVATION_LOOKUP_SECONDS: '0' })

const event = (own: object) => ({
  type: 'purchase',
  customer_id: 'C1',
  car_model: 'SUV',
  amount: 45000,
  currency: 'EUR',
  email: 'erika.mueller@example.com',
  timestamp: new Date(Date.now() - 60_000).toISOString(),
  ...own,
})
const toMessage = (data: object, attributes = {}) => ({
  data: Buffer.from(` ${JSON.stringify(data)}\n`),
  attributes: { partner_id: 'dealer-7', note: 'ü', ...attributes },
})
const cancelled = { type: 'cancellation', amount: undefined, reason: 'no money' }
const corrected = event({ order_id: 'A', event_id: 'a' })
const plain = toMessage(event({ order_id: 'B' }))
const FORGED = { replay_of: 'another', replay_publish_time: '2026-01-01T00:00:00Z' }

const rows = (sql: string) => rowsOf(pipeline().bigquery, sql)
const cli = (...args: string[]) =>
  runWarmCommand(['replay', ...args], { ...pipeline().stack.env, GOOGLE_CLOUD_PROJECT: 'local' })

async function replayed(...args: string[]) {
  const { stdout, stderr, code } = await cli(...args, '--json')
  if (stdout === '') throw new Error(`exit code ${code}: ${stderr}`)
  return { ...JSON.parse(stdout), code }
}

/** What users of the tables see, and what Segment got. */
async function everything() {
  const views = ['purchase', 'cancellation', 'open_dead_letter', 'reconciliation']
  const seen = await Promise.all(
    views.map(async (view) => {
      const own = await rows(`SELECT * FROM streaming.${view}`)
      return [
        view,
        own.map((row) => JSON.stringify({ ...row, ingested_at: null, batch_id: null })).toSorted(),
      ]
    }),
  )
  const told = await rows(
    "SELECT order_id, event_id, content_hash FROM streaming.activation_log WHERE outcome = 'accepted'",
  )
  const { accepted, duplicates } = await callsAt(pipeline().stack.segment.url)
  return { seen, told: new Set(told.map((row) => JSON.stringify(row))), accepted, duplicates }
}

let replays = 0
/** Waits until every message that was replayed so far is audited and has come to its end. */
async function settled(published: number): Promise<void> {
  replays += published
  await waitFor(
    async () => {
      const [row] = await rows(
        "SELECT COUNT(*) AS audited FROM streaming.audit_log WHERE JSON_VALUE(attributes, '$.replay_of') != 'another'",
      )
      const running = "ExecutionStatus = 'Running' AND WorkflowType = 'processBatch'"
      const { count } = await pipeline().temporal.workflow.count(running)
      return Number(row?.['audited']) === replays && count === 0
    },
    'the replayed messages to be processed',
    60_000,
  )
}

let before: Awaited<ReturnType<typeof everything>>

beforeAll(async () => {
  const { send } = pipeline()
  await send([toMessage(corrected), plain, toMessage(event({ order_id: 'C' }), FORGED)])
  await send([toMessage({ ...corrected, amount: 50000 }), plain])
  await send([
    toMessage(event({ ...cancelled, order_id: 'B' })),
    toMessage(event({ order_id: 'D', amount: 'much' })),
    toMessage(event({ order_id: 'E' }), { partner_id: 'dealer-8' }),
  ])
  before = await everything()
}, 120_000)

test('where nothing is missing, nothing is published', async () => {
  expect(await replayed('--since', '1d', '--dry-run')).toMatchObject({ messages: 0, code: 0 })
  const { stdout } = await cli('--since', '1d', '--dry-run')
  expect(stdout).toContain('0 messages with 0 bytes would be published.')
  expect(await replayed('--since', '1d')).toMatchObject({ published: 0, isDone: true, code: 0 })
})

test('attributes of a replay that a partner sends to the topic of events mean nothing', async () => {
  const [row] = await rows(
    "SELECT message_id, publish_time FROM streaming.staging_purchase WHERE order_id = 'C'",
  )
  expect(row).toMatchObject({ message_id: expect.not.stringMatching('another') })
  expect(JSON.stringify(row)).not.toContain('2026-01-01')
})

test('rows that staging lost are there again, an older version of an order among them', async () => {
  const { stack } = pipeline()
  await flushStreamingBuffer(stack.bigquery.url)
  await forgetInsertIds(stack.bigquery.url)
  await rows(
    "DELETE FROM streaming.staging_purchase WHERE (order_id = 'A' AND amount = 45000) OR order_id IN ('C', 'E')",
  )
  await rows('DELETE FROM streaming.staging_cancellation WHERE TRUE')
  expect((await everything()).seen).not.toEqual(before.seen)

  expect(await replayed('--since', '1d', '--partner', 'dealer-8', '--dry-run')).toMatchObject({
    messages: 1,
    counts: [{ partner_id: 'dealer-8', type: 'purchase', messages: 1, staged: 0, open: 0 }],
  })
  expect(await replayed('--since', '1d', '--type', 'cancellation', '--dry-run')).toMatchObject({
    messages: 1,
  })
  const [batch] = await rows("SELECT batch_id FROM streaming.audit_log WHERE order_id = 'C'")
  const ofBatch = await replayed(
    '--since',
    '1d',
    '--batch',
    String(batch?.['batch_id']),
    '--dry-run',
  )
  expect(ofBatch).toMatchObject({ messages: 2 })

  expect(await replayed('--since', '1d')).toEqual({
    published: 4,
    leftOut: [],
    isDone: true,
    code: 0,
  })
  await settled(4)
  expect(await everything()).toEqual(before)
  expect(await replayed('--since', '1d')).toMatchObject({ published: 0 })
}, 120_000)

test('all of it again changes nothing, and Segment is told nothing', async () => {
  const audited = await rows(
    'SELECT message_id, MIN(data) AS data, MAX(data) AS newest FROM streaming.audit_log GROUP BY message_id',
  )
  await forgetInsertIds(pipeline().stack.bigquery.url)
  const { requests } = await callsAt(pipeline().stack.segment.url)
  const { published } = await replayed('--since', '1d', '--staged')
  expect(published).toBe(7)
  await settled(published)
  expect(await everything()).toEqual(before)
  expect((await callsAt(pipeline().stack.segment.url)).requests).toBe(requests)
  const after = await rows(
    'SELECT message_id, MIN(data) AS data, MAX(data) AS newest FROM streaming.audit_log GROUP BY message_id',
  )
  expect(new Set(after.map((row) => JSON.stringify(row)))).toEqual(
    new Set(audited.map((row) => JSON.stringify(row))),
  )
}, 120_000)

test('what waits in an open dead letter is left to a redrive', async () => {
  expect(await replayed('--since', '1d', '--decision', 'rejected', '--dry-run')).toMatchObject({
    messages: 0,
    counts: [{ messages: 1, open: 1 }],
  })
})

test('a replay that is stopped continues with the message after the last one', async () => {
  const file = join(stackDir, 'test', `${randomUUID()}.json`)
  const { config } = pipeline()
  const now = new Date().toISOString()
  const selection = {
    since: new Date(Date.now() - 86_400_000).toISOString(),
    until: now,
    decision: 'accepted' as const,
    includesStaged: true,
  }
  const controller = new AbortController()
  const { createBigQuery } = await import('#warehouse/client')
  const stopped = await replay(
    createBigQuery(config),
    config,
    { selection, published: 0, isDone: false },
    {
      rate: 20,
      checkpointFile: file,
      onPublished: (published) => published >= 2 && controller.abort(),
      signal: controller.signal,
    },
  )
  expect(stopped.isDone).toBe(false)
  expect(stopped.published).toBeGreaterThanOrEqual(2)
  expect(stopped.published).toBeLessThan(7)
  expect(readCheckpoint(file)).toMatchObject({ published: stopped.published, isDone: false })

  const taken = await cli('--checkpoint', file, '--since', '1d')
  expect([taken.code, taken.stderr]).toEqual([
    2,
    expect.stringContaining('leave the selection out'),
  ])
  expect(await replayed('--checkpoint', file)).toMatchObject({
    published: 7,
    isDone: true,
    code: 0,
  })
  await settled(7)
  expect(await everything()).toEqual(before)
  const twice = await rows(
    "SELECT message_id FROM streaming.audit_log WHERE JSON_VALUE(attributes, '$.replay_of') != 'another' GROUP BY message_id HAVING COUNT(*) > 3",
  )
  expect(twice).toEqual([])
  expect(await replayed('--checkpoint', file)).toMatchObject({ published: 7, isDone: true })
  await rm(file)
}, 120_000)

test.each([
  [[], 'Say which messages'],
  [['--since', '1d', '--until', '2d'], 'exchange them'],
  [['--since', 'yesterday'], '--since'],
])('a command without a use is refused: %j', async (args, why) => {
  const { code, stderr } = await cli(...args)
  expect([code, stderr]).toEqual([2, expect.stringContaining(why)])
})
