// The erasure of a person as a workflow: what it waits for, what it counts, and how Segment's answer gets into the receipt.

import { randomUUID } from 'node:crypto'
import { beforeEach, expect, test } from '@jest/globals'
import { activityInfo } from '@temporalio/activity'
import { ApplicationFailure } from '@temporalio/common'
import {
  type ClosedLetters,
  type ErasedRows,
  type ErasureReceipt,
  type ForgottenRuns,
  NO_ROWS,
  NO_RUNS,
  type PersonTraces,
  type SegmentDeletion,
  type Wait,
  WORKFLOW,
} from '#contracts'
import { useTimeSkipping } from '../support/time-skipping/server.ts'
import { workflowBundle } from '../support/workflows.ts'

const taskQueue = randomUUID()
const KEPT_UNTIL = '2026-12-05T10:00:00.000Z'

/** The answers of each activity, in order; the last one is repeated. */
type World = {
  rows: number[]
  waits: Wait[][]
  letters: ClosedLetters[]
  erased: ErasedRows[]
  runs: Partial<ForgottenRuns>[]
  segment: () => SegmentDeletion
}
let world: World
let calls: string[]
/** Milliseconds of the server's clock at which the erasure looked for rows. */
let looks: number[]
let receipts: ErasureReceipt[]

beforeEach(() => {
  calls = []
  looks = []
  receipts = []
  world = {
    rows: [2, 0],
    waits: [[]],
    letters: [{ letters: 0, events: 0, running: 0 }],
    erased: [{ rows: { ...NO_ROWS, audit_log: 2 }, buffered: [] }],
    runs: [{ deleted: 1 }],
    segment: () => ({ isAsked: true, regulationId: 'r-1' }),
  }
})

const next = <T>(answers: T[]): T => {
  const answer = answers.length > 1 ? answers.shift() : answers[0]
  if (answer === undefined) throw new Error('the test has no answer')
  return answer
}

const tracesOf = (rows: number): PersonTraces => ({
  keys: [],
  messageIds: [],
  from: '',
  to: '',
  orders: [],
  identifiers: [],
  batches: [],
  letters: [],
  rows: { ...NO_ROWS, audit_log: rows },
  unattributed: 3,
})

const activities = {
  findPersonRows: async () => {
    looks.push(activityInfo().scheduledTimestampMs)
    return tracesOf(next(world.rows))
  },
  closePersonLetters: async () => next(world.letters),
  findPersonWaits: async () => next(world.waits),
  erasePersonRows: async () => {
    calls.push('erase')
    return next(world.erased)
  },
  forgetPersonRuns: async () => {
    calls.push('forget')
    return { ...NO_RUNS, ...next(world.runs) }
  },
  askSegmentDeletion: async () => {
    calls.push('ask Segment')
    return world.segment()
  },
  writeErasureReceipt: async (receipt: ErasureReceipt) => void receipts.push(receipt),
  forgetFailedRuns: async () => void calls.push('forget the request'),
}

const server = useTimeSkipping({ taskQueue, workflowBundle: workflowBundle(), activities })

async function erase(): Promise<ErasureReceipt> {
  const request = {
    partnerId: 'dealer-7',
    customerId: 'C101',
    salt: 'salt',
    actor: 'ann',
    reason: 'request 7',
    requestedAt: new Date().toISOString(),
  }
  const run: ErasureReceipt = await server().client.workflow.execute(WORKFLOW.eraseCustomer, {
    taskQueue,
    workflowId: `erase/${randomUUID()}`,
    args: ['subject-1', request],
  })
  return run
}

test('the receipt counts what was erased, is written, and the run with the request is deleted', async () => {
  const receipt = await erase()
  expect(receipt).toMatchObject({
    subject: 'subject-1',
    passes: 1,
    rows: { audit_log: 2 },
    runs: { deleted: 1, encrypted: 0, keptUntil: null, notSwept: 0 },
    unattributed: 3,
    segment: { isAsked: true, regulationId: 'r-1' },
  })
  expect(receipts).toEqual([receipt])
  expect(JSON.stringify(receipt)).not.toContain('C101')
  expect(calls).toEqual(['erase', 'forget', 'ask Segment', 'forget the request'])
})

test('encrypted runs are left to the retention of Temporal, and the receipt says until when', async () => {
  world.runs = [{ deleted: 1, encrypted: 2, keptUntil: KEPT_UNTIL }]
  expect((await erase()).runs).toEqual({
    deleted: 1,
    encrypted: 2,
    keptUntil: KEPT_UNTIL,
    notSwept: 0,
  })
})

test('a batch that ended early is deleted once the sweep has recorded its events', async () => {
  world.runs = [
    { deleted: 1, notSwept: 2 },
    { notSwept: 1, deleted: 1 },
    { notSwept: 0, deleted: 1 },
  ]
  expect((await erase()).runs).toMatchObject({ deleted: 3, notSwept: 0 })
  expect(calls.filter((call) => call === 'forget')).toHaveLength(3)
})

test('rows in the streaming buffer are erased later, and each is counted once', async () => {
  world.erased = [
    { rows: { ...NO_ROWS, audit_log: 2 }, buffered: ['staging_purchase'] },
    { rows: { ...NO_ROWS, staging_purchase: 1 }, buffered: [] },
  ]
  expect((await erase()).rows).toMatchObject({ audit_log: 2, staging_purchase: 1 })
})

test('nothing is erased while a batch that may have messages of the person is under way', async () => {
  world.rows = [2, 2, 0]
  world.waits = [[{ code: 'batches_running', count: 1 }], []]
  const receipt = await erase()
  expect(receipt.passes).toBe(1)
  expect(calls.filter((call) => call === 'erase')).toHaveLength(1)
})

test('each pause is twice as long as the one before, from five seconds up to five minutes', async () => {
  const running: Wait[] = [{ code: 'batches_running', count: 1 }]
  world.rows = [0]
  world.waits = [...Array.from({ length: 8 }, () => running), []]
  await erase()
  const pauses = looks.slice(1).map((at, place) => Math.round((at - (looks[place] ?? 0)) / 1000))
  expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 300, 300])
})

test('what several looks close and leave is in the receipt as a whole', async () => {
  world.letters = [
    { letters: 1, events: 2, running: 1 },
    { letters: 2, events: 3, running: 0 },
    { letters: 0, events: 0, running: 0 },
  ]
  world.rows = [2, 2, 0]
  world.runs = [{ encrypted: 1, keptUntil: KEPT_UNTIL, deleted: 1 }, { deleted: 1 }]
  expect(await erase()).toMatchObject({
    passes: 2,
    rows: { audit_log: 4 },
    letters: 3,
    events: 5,
    runs: { deleted: 2, encrypted: 1, keptUntil: KEPT_UNTIL, notSwept: 0 },
  })
})

test('what is written between two looks is erased in another pass', async () => {
  world.rows = [2, 1, 0]
  expect((await erase()).passes).toBe(2)
})

test.each<[what: string, answer: () => SegmentDeletion, segment: SegmentDeletion]>([
  [
    'without a token',
    () => ({ isAsked: false, why: 'no_token' }),
    { isAsked: false, why: 'no_token' },
  ],
  [
    'that is refused',
    () => {
      throw ApplicationFailure.nonRetryable('Segment: answered 403', 'segment_setup')
    },
    { isAsked: false, why: 'refused' },
  ],
])('a deletion at Segment %s is told in the receipt', async (_what, answer, segment) => {
  world.segment = answer
  expect((await erase()).segment).toEqual(segment)
})

test('Segment is not asked about a person of whom there is nothing', async () => {
  world.rows = [0]
  expect((await erase()).segment).toEqual({ isAsked: false, why: 'nothing_found' })
  expect(calls).toEqual(['forget the request'])
})
