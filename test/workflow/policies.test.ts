// The policy of every step, as a real server hands it to the attempts: how long each may take and how it is retried.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { activityInfo } from '@temporalio/activity'
import type { Client } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { Worker } from '@temporalio/worker'
import {
  activationQueue,
  type EventFailure,
  GOVERNOR_REPORT,
  NO_ROWS,
  NO_RUNS,
  type Resolution,
  WORKFLOW,
} from '#contracts'
import { decodeBatch } from '#contracts/batch-payload'
import { setUpSearchAttributes } from '#operations/setup/search-attributes'
import { failure } from '#runtime/service-error'
import { connectClient, connectWorker } from '#runtime/temporal'
import type { EraseActivities } from '../../activities/erase/index.ts'
import type { GovernorActivities } from '../../activities/governor/index.ts'
import type { Activities } from '../../activities/index.ts'
import type { SweepActivities } from '../../activities/sweep/index.ts'
import { message } from '../fixtures/messages.ts'
import { batchOf } from '../support/activities.ts'
import { NO_TRACES } from '../support/no-traces.ts'
import { useStack } from '../support/stack.ts'
import { letterOf } from '../support/sweep.ts'
import { waitFor } from '../support/wait-for.ts'
import { installQuietRuntime, workflowBundle } from '../support/workflows.ts'

useStack('temporal')
const taskQueue = randomUUID()

const MINUTE = 60_000
const WEEK = 7 * 24 * 60 * MINUTE
/** What Temporal tells of a time-out that is not set, or as long as another one. */
const UNLIMITED = 0

const LOCAL = { startToClose: 5_000, attempts: 1 }
const WRITING = {
  startToClose: 5 * MINUTE,
  scheduleToClose: WEEK,
  heartbeat: 20_000,
  interval: 1_000,
  backoff: 2,
  maxInterval: 5 * MINUTE,
  attempts: UNLIMITED,
}
const READING = { ...WRITING, startToClose: 20_000, heartbeat: UNLIMITED, maxInterval: MINUTE }
const OPENING = { ...WRITING, startToClose: 2 * MINUTE, maxInterval: MINUTE }
const READING_NOW = { ...READING, maxInterval: 100_000, attempts: 2 }
const ACTIVATING_NOW = {
  startToClose: 10 * MINUTE,
  scheduleToClose: UNLIMITED,
  heartbeat: 20_000,
  interval: 1_000,
  backoff: 2,
  maxInterval: 100_000,
  attempts: 4,
}
const ACTIVATING_LATER = {
  ...WRITING,
  startToClose: 10 * MINUTE,
  // Time without attempts does not count: a person may pause activation for as long as it takes.
  scheduleToClose: UNLIMITED,
  interval: 10_000,
  attempts: WEEK / (5 * MINUTE),
}
const PUBLISHING = { ...WRITING, interval: 10_000 }
const SWEEPING = { ...ACTIVATING_NOW, interval: 2_000, maxInterval: 200_000, attempts: 3 }
const ALERTING = {
  ...SWEEPING,
  startToClose: 20_000,
  heartbeat: UNLIMITED,
  backoff: 3,
  attempts: 4,
}

const ERASING = { ...WRITING, startToClose: 30 * MINUTE }
// The input of the run has the customer id: Segment is asked for a day, and not for a week.
const ASKING_DELETION = { ...WRITING, startToClose: MINUTE, scheduleToClose: 24 * 60 * MINUTE }

// Without an end: a limit of 0 that nobody lifts would stop activation.
const GOVERNING = {
  ...READING,
  startToClose: 10_000,
  scheduleToClose: UNLIMITED,
  maxInterval: 30_000,
}

const attempts: { readonly name: string; readonly isLocal: boolean; readonly policy: object }[] = []

function note(): void {
  const info = activityInfo()
  const { initialInterval, backoffCoefficient, maximumInterval, maximumAttempts } =
    info.retryPolicy ?? {}
  const policy = info.isLocal
    ? { startToClose: info.startToCloseTimeoutMs, attempts: maximumAttempts }
    : {
        startToClose: info.startToCloseTimeoutMs,
        scheduleToClose: info.scheduleToCloseTimeoutMs,
        heartbeat: info.heartbeatTimeoutMs ?? UNLIMITED,
        interval: initialInterval,
        backoff: backoffCoefficient,
        maxInterval: maximumInterval,
        attempts: maximumAttempts,
      }
  attempts.push({ name: info.activityType, isLocal: info.isLocal, policy })
}

const attemptsOf = (name: string) => attempts.filter((one) => one.name === name).length
const failed: EventFailure = { index: 0, partnerId: 'dealer-7', reasons: ['not_json'] }
const POISON = 'not json, and never finished'
const swept = { until: null, postponed: [], letters: 0, events: 0, isMoreLeft: false }

const NOTHING_ACTIVATED = { accepted: 0, notActivated: 0, waiting: 0, failed: [] }

/** What each step answers once it succeeds: a batch of two messages, of which one is rejected. */
const ANSWERS: Activities & SweepActivities & EraseActivities & GovernorActivities = {
  validateEvents: async (batch) => {
    if (batch.length === 0) throw failure('batch_unreadable', 'there is nothing in it')
    if (decodeBatch(batch).length === 1)
      return { received: 1, accepted: 0, rejected: [failed], duplicates: [] }
    const counts = { received: 2, accepted: 1, rejected: [failed], duplicates: [] }
    return { ...counts, publishesChanges: true }
  },
  writeAuditLog: async () => {},
  stageEvents: async (batch) => {
    const texts = decodeBatch(batch).map(({ data }) => Buffer.from(data).toString())
    if (texts.includes(POISON)) throw failure('batch_overtime', 'a worker cannot finish it')
    return { purchase: 1, cancellation: 0, failed: [] }
  },
  activateEvents: async () => ({ ...NOTHING_ACTIVATED, accepted: 1 }),
  publishOrderChanges: async () => ({ created: 1, corrected: 0, cancelled: 0 }),
  activateWaiting: async () => ({
    ...NOTHING_ACTIVATED,
    accepted: 1,
    settled: [0],
    coolingOff: 0,
    dueInSeconds: null,
  }),
  openDeadLetters: async () => {},
  keepUnreadableBatch: async () => {
    throw ApplicationFailure.nonRetryable('the policy is noted')
  },
  recordDeadLetter: async () => {},
  recordFailedAgain: async () => [],
  recordHandling: async () => {},
  forgetFailedRuns: async () => {},
  countMessages: async () => 2,
  takeMessages: async (batch, from, to) => batchOf(...decodeBatch(batch).slice(from, to)),
  rejectPoison: async () => ({ received: 1, accepted: 0, rejected: [failed], duplicates: [] }),
  writeLedger: async () => {},
  openEndedBatches: async () => swept,
  recordEndedLetters: async () => swept,
  compareDeadLetters: async () => ({
    agreed: 0,
    forgotten: 0,
    disagreements: {
      not_recorded: 0,
      closed_in_table: 0,
      closed_in_temporal: 0,
      gone_from_temporal: 0,
    },
    examples: [],
    unchecked: 0,
  }),
  checkReceipts: async () => ({
    until: null,
    postponed: [],
    checked: 0,
    written: 0,
    disagreements: { not_audited: 0, other_audited: 0 },
    examples: [],
    isMoreLeft: false,
  }),
  findFlood: async () => ({ text: 'many events failed', since: '2026-11-20T10:00:00Z' }),
  postAlert: async () => {},
  findPersonRows: async () => ({
    ...NO_TRACES,
    // The first look finds a row, and the second one that it is erased.
    rows: { ...NO_ROWS, audit_log: attemptsOf('erasePersonRows') === 0 ? 1 : 0 },
  }),
  findPersonWaits: async () => [],
  closePersonLetters: async () => ({ letters: 0, events: 0, running: 0 }),
  erasePersonRows: async () => ({ rows: { ...NO_ROWS, audit_log: 1 }, buffered: [] }),
  forgetPersonRuns: async () => NO_RUNS,
  askSegmentDeletion: async () => ({ isAsked: false, why: 'no_token' }),
  writeErasureReceipt: async () => {},
  readActivationLimit: async () => ({
    limit: { perSecond: null, reason: '', identity: '' },
    setAt: null,
    dispatchedPerSecond: 4,
  }),
  setActivationLimit: async () => {},
}

/** Attempts of all kinds that fail before the first that answers; of the other steps every local one fails. */
const FAILURES: Readonly<Record<string, number>> = { validateEvents: 3, activateEvents: 4 }

type Step = (...args: never[]) => Promise<unknown>

const noted = (name: string, answer: Step): Step => {
  return async (...args) => {
    note()
    if (activityInfo().isLocal || attemptsOf(name) <= (FAILURES[name] ?? 0))
      throw ApplicationFailure.create({ message: 'not yet', nextRetryDelay: 10 })
    return answer(...args)
  }
}

let client: Client
let stop: () => Promise<void>

beforeAll(async () => {
  installQuietRuntime()
  client = await connectClient()
  await setUpSearchAttributes(client)
  const { connection } = await connectWorker()
  const activities = Object.fromEntries(
    Object.entries(ANSWERS).map(([name, answer]) => [name, noted(name, answer)]),
  )
  const workers = await Promise.all([
    Worker.create({ connection, workflowBundle: workflowBundle(), activities, taskQueue }),
    Worker.create({ connection, activities, taskQueue: activationQueue(taskQueue) }),
  ])
  const running = Promise.all(workers.map((worker) => worker.run()))
  stop = async () => {
    for (const worker of workers) worker.shutdown()
    await running
    await connection.close()
  }
})
afterAll(async () => {
  await stop()
  await client.connection.close()
})

/** @returns its workflow id */
async function execute(workflow: string, ...args: unknown[]): Promise<string> {
  attempts.length = 0
  const workflowId = randomUUID()
  await client.workflow.execute(workflow, { taskQueue, workflowId, args }).catch(() => {})
  return workflowId
}

/** How long each scheduled activity of a step may wait for a worker, in milliseconds: the attempts are not told. */
async function waitingTimes(workflowId: string, name: string): Promise<number[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory()
  const scheduled = (events ?? []).flatMap(
    (event) => event.activityTaskScheduledEventAttributes ?? [],
  )
  return scheduled
    .filter(({ activityType }) => activityType?.name === name)
    .map(({ scheduleToStartTimeout }) => Number(scheduleToStartTimeout?.seconds ?? 0) * 1000)
}

/** The policies a step had, local attempts aside, in the order of its attempts. */
function policiesOf(name: string): readonly object[] {
  return attempts.filter((one) => one.name === name && !one.isLocal).map(({ policy }) => policy)
}

const BATCH = batchOf(message(), message('not json'))

test('a batch: reading, writing, activating and opening dead letters', async () => {
  await execute(WORKFLOW.processBatch, BATCH)
  const isLocal = attempts.filter((one) => one.isLocal)
  expect(new Set(isLocal.map(({ name }) => name))).toEqual(
    new Set([
      'validateEvents',
      'writeAuditLog',
      'stageEvents',
      'openDeadLetters',
      'publishOrderChanges',
    ]),
  )
  for (const { policy } of isLocal) expect(policy).toEqual(LOCAL)
  expect(policiesOf('validateEvents')).toEqual([READING_NOW, READING_NOW, READING])
  expect(policiesOf('writeAuditLog')).toEqual([WRITING])
  expect(policiesOf('stageEvents')).toEqual([WRITING])
  expect(policiesOf('openDeadLetters')).toEqual([OPENING])
  expect(policiesOf('publishOrderChanges')).toEqual([PUBLISHING])
  expect(policiesOf('activateEvents')).toEqual([
    ...Array.from({ length: 4 }, () => ACTIVATING_NOW),
    ACTIVATING_LATER,
  ])
})

test('a batch without an event to activate: writing its ledger entry', async () => {
  await execute(WORKFLOW.processBatch, batchOf(message('not json')))
  expect(attempts.filter(({ name }) => name === 'writeLedger')).toEqual([
    { name: 'writeLedger', isLocal: true, policy: LOCAL },
    { name: 'writeLedger', isLocal: false, policy: WRITING },
  ])
  expect(attemptsOf('activateEvents')).toBe(0)
})

test('events that wait: activating as patiently as a batch whose first attempts are used up', async () => {
  await execute(WORKFLOW.activateLater, BATCH)
  expect(attempts).toEqual([{ name: 'activateWaiting', isLocal: false, policy: ACTIVATING_LATER }])
})

test('a batch shows after one minute that its activation is given no slot', async () => {
  const workflowId = await execute(WORKFLOW.processBatch, BATCH)
  expect(await waitingTimes(workflowId, 'activateEvents')).toEqual([MINUTE, UNLIMITED])
})

test('a batch that is cut into pieces: reading', async () => {
  await execute(WORKFLOW.processBatch, batchOf(message(), message(POISON)))
  expect(policiesOf('countMessages')).toEqual([READING])
  expect(policiesOf('takeMessages')).toEqual([READING, READING])
  expect(policiesOf('rejectPoison')).toEqual([READING])
})

test('a batch that cannot be read: opening dead letters', async () => {
  await execute(WORKFLOW.processBatch, new Uint8Array())
  expect(policiesOf('keepUnreadableBatch')).toEqual([OPENING])
})

const RESOLUTION: Resolution = {
  action: 'redrive',
  events: 2,
  attempt: 1,
  actor: 'ann',
  reason: 'a test',
  patch: null,
  occurredAt: '2026-11-20T10:00:00.000000Z',
  previousRunId: null,
  staged: [],
}

test('a dead letter: writing, and at last forgetting as patiently as it was opened', async () => {
  await execute(WORKFLOW.deadLetter, letterOf(['m1', 'm2']))
  expect(policiesOf('recordDeadLetter')).toEqual([WRITING])
  await execute(WORKFLOW.deadLetter, letterOf(['m1', 'm2']), RESOLUTION, BATCH)
  expect(policiesOf('recordFailedAgain')).toEqual([WRITING])
  expect(policiesOf('activateEvents')).toContainEqual(ACTIVATING_NOW)
  expect(policiesOf('recordHandling')).toEqual([WRITING])
  expect(policiesOf('forgetFailedRuns')).toEqual([OPENING])
})

test('a sweep: a few attempts, and fewer seconds for its webhook', async () => {
  await execute(WORKFLOW.sweep, 0)
  for (const step of [
    'openEndedBatches',
    'recordEndedLetters',
    'compareDeadLetters',
    'checkReceipts',
    'findFlood',
  ])
    expect([step, policiesOf(step)]).toEqual([step, [SWEEPING]])
  expect(policiesOf('postAlert')).toEqual([ALERTING])
})

test('the governor: calls of Temporal that are tried until they succeed', async () => {
  attempts.length = 0
  const report = { kind: 'throttled', retryAfterSeconds: 3_600 }
  const governor = await client.workflow.signalWithStart(WORKFLOW.governActivation, {
    taskQueue,
    workflowId: randomUUID(),
    signal: GOVERNOR_REPORT,
    signalArgs: [report],
  })
  await waitFor(() => policiesOf('setActivationLimit').length > 0, 'the limit to be set')
  await governor.terminate()
  for (const step of ['readActivationLimit', 'setActivationLimit'])
    expect(attempts.filter(({ name }) => name === step)).toEqual([
      { name: step, isLocal: true, policy: LOCAL },
      { name: step, isLocal: false, policy: GOVERNING },
    ])
})

const ERASE_REQUEST = {
  partnerId: 'dealer-7',
  customerId: 'C101',
  salt: 'salt',
  actor: 'ann',
  reason: 'request 7',
  requestedAt: '2026-11-20T10:00:00.000Z',
}

test('an erasure: for a week, and its question to Segment for a day', async () => {
  await execute(WORKFLOW.eraseCustomer, 'subject-1', ERASE_REQUEST)
  for (const step of ['findPersonRows', 'closePersonLetters', 'findPersonWaits'])
    expect([step, policiesOf(step)]).toEqual([step, [ERASING, ERASING]])
  for (const step of ['erasePersonRows', 'forgetPersonRuns', 'writeErasureReceipt'])
    expect([step, policiesOf(step)]).toEqual([step, [ERASING]])
  expect(policiesOf('askSegmentDeletion')).toEqual([ASKING_DELETION])
  expect(policiesOf('forgetFailedRuns')).toEqual([OPENING])
})
