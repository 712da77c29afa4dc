// `npm run activation` on real parts: its subcommands as an operator types them, each once in a process of its own.

import { randomUUID } from 'node:crypto'
import { chmod, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { ATTRIBUTE_KEY, governorIdentity, type Message, TASK_QUEUE, WORKFLOW } from '#contracts'
import { daysToRead, readWaitingEvents } from '#operations/activation/waiting'
import { setUpSearchAttributes } from '#operations/setup/search-attributes'
import { readActivationQueue, writeActivationLimit } from '#runtime/activation-queue'
import { connectClient } from '#runtime/temporal'
import { createInsertAllWarehouse } from '#warehouse/insert-all'
import { createReader } from '#warehouse/read'
import { outcomeRow } from '../../../activities/activation/outcome.ts'
import { planCalls } from '../../../activities/activation/plan-calls.ts'
import { acceptedOf, createBatchReader, readEach } from '../../../activities/read-batch.ts'
import { createStageEvents } from '../../../activities/stage-events.ts'
import { createWriteLedger } from '../../../activities/write-ledger.ts'
import { stackDir } from '../../../deploy/local/paths.ts'
import { cancellation, message, purchase } from '../../fixtures/messages.ts'
import { attempt, batchOf, metrics, RULES } from '../../support/activities.ts'
import { bigqueryAt } from '../../support/parts.ts'
import { runCommand } from '../../support/run-command.ts'
import { useStackWithTables } from '../../support/stack.ts'
import { waitFor } from '../../support/wait-for.ts'
import { runWarmCommand } from '../../support/warm-command/run.ts'

const stack = useStackWithTables('temporal', 'bigquery')
const folder = join(stackDir, `activation-${randomUUID()}`)
const registry = join(folder, 'partners.yaml')
let client: Client

beforeAll(async () => {
  await mkdir(folder, { recursive: true })
  client = await connectClient()
  await setUpSearchAttributes(client)
})
afterAll(async () => {
  await client.connection.close()
  await rm(folder, { recursive: true, force: true })
})

const env = () => ({
  ...stack().env,
  GOOGLE_CLOUD_PROJECT: 'local',
  PARTNERS_FILE: registry,
})

/** In a process of its own, as `npm run` does it. */
const typed = (...args: string[]) => runCommand(['activation', ...args], undefined, env())
const activation = (...args: string[]) => runWarmCommand(['activation', ...args], env())

async function json(...args: string[]) {
  const { stdout, stderr } = await activation(...args, '--json')
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

const published = (minutes: number) =>
  `${new Date(Date.now() - minutes * 60_000).toISOString().slice(0, 23)}000Z`

const sent = (event: object, minutes: number, partner_id = 'dealer-7'): Message =>
  message(event, { publishTime: published(minutes), attributes: { partner_id } })

/** Stages the messages; those of `accepted` are in the activation log and the ledger. */
async function stage(messages: readonly Message[], accepted: readonly number[]): Promise<void> {
  const warehouse = createInsertAllWarehouse(bigqueryAt(stack().bigquery.url))
  const batchId = `batch-${randomUUID()}`
  const reader = createBatchReader()
  const batch = batchOf(...messages)
  await attempt(createStageEvents(reader, warehouse, metrics), [batch, batchId, []])
  const counts = {
    received: messages.length,
    accepted: messages.length,
    rejected: 0,
    duplicates: 0,
  }
  const summary = {
    ...counts,
    stagedPurchase: messages.length,
    stagedCancellation: 0,
    undeliverable: 0,
    activated: accepted.length,
    notActivated: 0,
    waiting: 0,
  }
  const events = acceptedOf(readEach(messages), []).events.filter(({ index }) =>
    accepted.includes(index),
  )
  const plan = planCalls(events, new Map(), RULES, {
    batchId,
    nowMs: Date.now(),
    takesCancellations: true,
    openRuns: new Set(),
  })
  const rows = plan.calls.flatMap(({ events: own, decision }) =>
    own.map((event) =>
      outcomeRow(
        { event, outcome: 'accepted', reason: null, decision },
        { batchId, attemptId: '1', namespace: 'test' },
      ),
    ),
  )
  await warehouse.append('activation_log', rows)
  await attempt(createWriteLedger(reader, warehouse, metrics), [batch, { batchId, summary }])
}

test('status of an idle pipeline', async () => {
  await writeFile(registry, '')
  const { code, stdout } = await activation('status')
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /^Activation runs without a limit\.\n\nNo event of the last 7 days waits\./,
  )
  expect(stdout).toContain('Segment: no accepted call is recorded.')
  expect(stdout).toContain('No partner is switched off.')
})

test('a rate needs to know the calls of an activity', async () => {
  const { code, stderr } = await typed('rate', '100')
  expect([code, stderr]).toEqual([2, expect.stringContaining('say it with --calls')])
})

describe('with events that wait', () => {
  const order = (order_id: string) => ({ ...purchase, order_id })

  beforeAll(async () => {
    const known = ['a', 'b', 'c', 'd'].map((id) => sent(order(id), 60))
    const secondCar = sent({ ...order('a'), event_id: 'second-car' }, 60)
    await stage([...known, secondCar], [0, 1, 2, 4])
    const again = sent(order('e'), 30, 'dealer-8')
    await stage([again, sent({ ...cancellation, order_id: 'f' }, 90, 'dealer-8'), again], [])
    await stage([sent(order('g'), 20, 'jane@example.com')], [])
    // Published before the days that are looked at.
    const day = 24 * 60
    await stage([sent({ ...order('h'), timestamp: published(21 * day) }, 20 * day)], [])
  })

  test('status counts each once, by partner, and hides who is a person', async () => {
    const status = await json('status')
    expect(status.waiting).toMatchObject({
      events: 4,
      partners: [
        { partner: 'dealer-8', events: 2 },
        { partner: 'dealer-7', events: 1 },
        { partner: expect.stringMatching(/^hidden-[0-9a-f]{8}$/), events: 1 },
      ],
      batches: 0,
      laterBatches: 0,
    })
    expect(status.waiting.oldest).toBe(status.waiting.partners[0].oldest)
    expect(status.segment.accepted).toMatchObject({ recentCalls: 3, lastAt: expect.any(String) })
    expect(Date.parse(status.drainedAt)).toBeGreaterThan(Date.now())
    const { stdout } = await activation('status', '--days', '30')
    expect(stdout).toContain('5 events of the last 30 days wait')
    expect(stdout).not.toContain('jane@')
  })

  test('a rate is worked out from the last batches, kept when repeated, and shown', async () => {
    // Three calls a batch, of those that had any: both cars of an order are one call.
    const first = await json('rate', '12', '--actor', 'ann')
    expect(first).toMatchObject({
      isChanged: true,
      callsPerActivity: 3,
      after: { perSecond: 4, identity: 'ann', reason: '12 calls a second' },
    })
    expect(await json('rate', '12', '--actor', 'ben')).toMatchObject({ isChanged: false })
    const status = await json('status')
    expect(status).toMatchObject({
      state: 'limited',
      limit: { activitiesPerSecond: 4, callsPerSecond: 12, by: 'ann', setAt: first.after.setAt },
    })
    const { code, stdout } = await activation('status')
    expect(code).toBe(0)
    expect(stdout).toContain('4 activities a second, which are some 12 calls a second')
  })
})

test('the tables are read as far back as the oldest batch waits', async () => {
  const second = 1 / (24 * 60 * 60)
  expect(await daysToRead(client, second)).toBe(second)
  const startedAt = Date.now()
  const handle = await client.workflow.start(WORKFLOW.processBatch, {
    workflowId: `batch-${randomUUID()}`,
    taskQueue: 'nowhere',
    args: [],
    typedSearchAttributes: [{ key: ATTRIBUTE_KEY.stage, value: 'activation' }],
  })
  const isOlder = async () => {
    const days = await daysToRead(client, second)
    return days > second && days
  }
  const days = await waitFor(isOlder, 'the batch to have waited for a second')
  expect(Math.log2(days / second) % 1).toBeCloseTo(0, 6)
  const now = Date.now()
  expect(await daysToRead(client, second)).toBeGreaterThan((now - startedAt) / 1_000 / 86_400 / 2)
  await handle.terminate()
})

test('pause, its repeat, status, resume', async () => {
  const paused = await typed('pause', '--reason', 'the campaign is changed', '--actor', 'ann')
  expect([paused.code, paused.stdout]).toEqual([
    0,
    expect.stringMatching(
      /^Activation is paused\. Set by ann at 20.*Z: the campaign is changed\n$/,
    ),
  ])
  const again = await activation('pause', '--reason', 'the campaign is changed', '--actor', 'ben')
  expect(again.stdout).toMatch(/^Nothing was changed\. Activation is paused\. Set by ann/)
  const status = await activation('status')
  expect(status.code).toBe(1)
  expect(status.stdout).toMatch(
    /^Activation is paused: nothing is sent until somebody resumes it\.\nSet by ann, \d+s ago .*\nReason: the campaign/,
  )
  expect(status.stdout).toContain('What waits is sent after: npm run activation -- resume')
  expect((await json('status')).drainedAt).toBeNull()
  const resumed = await typed('resume', '--actor', 'ann')
  expect([resumed.code, resumed.stdout]).toEqual([
    0,
    expect.stringMatching(/^Activation runs without a limit\. Set by ann at .*: resumed\n$/),
  ])
  expect((await readActivationQueue(client, TASK_QUEUE)).limit.perSecond).toBeNull()
})

test('status of a breaker whose governor was terminated says how to lift the limit', async () => {
  const reason =
    'Segment answered 503 6 times without accepting a call; the next probe is at 12:05:30 UTC.'
  const identity = governorIdentity('open', null)
  await writeActivationLimit(client, TASK_QUEUE, { perSecond: 0, reason, identity })
  const { code, stdout } = await activation('status')
  expect(code).toBe(1)
  expect(stdout).toMatch(/^The breaker is open: nothing is sent, because Segment is unavailable\./)
  expect(stdout).toContain(`Reason: ${reason}`)
  expect(stdout).toContain('was terminated, and nothing will lift it: npm run activation -- resume')
  expect(await json('status')).toMatchObject({
    state: 'open',
    isGoverned: false,
    limit: { by: 'governActivation' },
  })
  expect((await activation('resume', '--actor', 'ann')).code).toBe(0)
})

describe('off and on', () => {
  test('switch a partner in the file, which keeps its comments and permissions', async () => {
    await writeFile(registry, '# ours\npartners:\n  dealer-7:\n    name: Seven\n')
    await chmod(registry, 0o640)
    const { code, stdout } = await typed('off', '--partner', 'dealer-7')
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(
        /^dealer-7: activation to Segment is off in .*partners\.yaml\. Workers/,
      ),
    ])
    expect(await readFile(registry, 'utf8')).toBe(
      '# ours\npartners:\n  dealer-7:\n    name: Seven\n    activation:\n      enabled: false\n',
    )
    expect((await stat(registry)).mode & 0o777).toBe(0o640)
    const again = await json('off', '--partner', ' dealer-7 ')
    expect(again).toMatchObject({ isChanged: false, channel: 'segment', isOn: false })

    await activation('off', '--partner', 'jane@example.com', '--channel', 'google-ads')
    const { stdout: status } = await activation('status')
    expect(status).toContain('Switched off: dealer-7')
    expect(status).toMatch(/Switched off for Google Ads: hidden-[0-9a-f]{8}/)
    expect((await typed('on', '--partner', 'dealer-7')).code).toBe(0)
    expect((await json('status')).off.activation).toEqual([])
  })

  test('a symbolic link stays one', async () => {
    const target = join(folder, 'target.yaml')
    const link = join(folder, 'link.yaml')
    await writeFile(target, '')
    await symlink(target, link)
    const linked = { ...env(), PARTNERS_FILE: link }
    await runWarmCommand(['activation', 'off', '--partner', 'dealer-9'], linked)
    expect(await readFile(target, 'utf8')).toContain('dealer-9')
    expect(await readFile(link, 'utf8')).toContain('dealer-9')
  })

  test('a folder that is not there, and a registry that cannot be used, change nothing', async () => {
    const nowhere = { ...env(), PARTNERS_FILE: join(folder, 'none', 'partners.yaml') }
    const missing = await runWarmCommand(['activation', 'off', '--partner', 'x'], nowhere)
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('ConfigMap')])
    await writeFile(registry, 'partners: [')
    const broken = await activation('off', '--partner', 'x')
    expect([broken.code, broken.stderr]).toEqual([
      2,
      expect.stringContaining('was not changed: line 1'),
    ])
    expect(await readFile(registry, 'utf8')).toBe('partners: [')
    await writeFile(registry, '')
  })
})

test.each([
  [['pause'], 'required option'],
  [['pause', '--reason', ''], '--reason cannot be used'],
  [['pause', '--reason', 'x', '--actor', 'governActivation/open/none'], '--actor is no name'],
  [['rate', '0'], 'above zero'],
  [['rate', 'fast'], 'above zero'],
  [['off'], 'required option'],
  [['on', '--partner', 'x', '--channel', 'tiktok'], 'Allowed choices are google-ads'],
])('activation %j is refused with code 2', async (args, what) => {
  const { code, stderr } = await activation(...args)
  expect([code, stderr]).toEqual([2, expect.stringContaining(what)])
})

test('a Temporal that does not answer ends the command with code 1', async () => {
  const away = { ...env(), TEMPORAL_ADDRESS: '127.0.0.1:1' }
  const { code, stderr } = await runWarmCommand(['activation', 'resume'], away)
  expect([code, stderr]).toEqual([1, expect.stringContaining('Temporal does not answer')])
})

test('waiting events read nothing else than what is asked for', async () => {
  const read = createReader(bigqueryAt(stack().bigquery.url))
  expect((await readWaitingEvents(read, 0.001)).events).toBe(0)
})
