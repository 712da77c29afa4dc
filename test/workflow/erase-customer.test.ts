// The erasure of a person as a workflow: what it waits for, what it counts, and how Segment's answer gets into the receipt.

import { randomUUID } from 'node:crypto'
import { beforeEach, expect, test } from '@jest/globals'
import { activityInfo } from '@temporalio/activity'
import { ApplicationFailure } from '@temporalio/common'
import {
  type ClosedLetters,
  ERASE_PROGRESS,
  type ErasedRows,
  type EraseProgress,
  type ErasureReceipt,
  type ForgottenRuns,
  NO_ROWS,
  NO_RUNS,
  type PersonTraces,
  type SegmentDeletion,
  type Wait,
  WORKFLOW,
} from '#contracts'
import { NO_TRACES } from '../support/no-traces.ts'
import { useTimeSkipping } from '../support/time-skipping/server.ts'
import { waitFor } from '../support/wait-for.ts'
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
/** What each activity was asked, by its name: the last time. */
let asked: Record<string, readonly unknown[]>
/** What the erasure tells of itself while it runs an activity. */
let told: Record<string, EraseProgress>
let asksProgress: boolean

beforeEach(() => {
  calls = []
  looks = []
  receipts = []
  asked = {}
  told = {}
  asksProgress = false
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
  ...NO_TRACES,
  rows: { ...NO_ROWS, audit_log: rows },
  unattributed: 3,
})

/** Notes what was asked, and what the erasure tells meanwhile. */
async function note(...args: readonly unknown[]): Promise<void> {
  const { activityType, workflowExecution } = activityInfo()
  asked[activityType] = args
  if (!asksProgress) return
  const { workflow } = server().client
  const handle = workflow.getHandle(workflowExecution?.workflowId ?? '')
  told[activityType] ??= await handle.query<EraseProgress>(ERASE_PROGRESS)
}

const activities = {
  findPersonRows: async (person: unknown) => {
    await note(person)
    looks.push(activityInfo().scheduledTimestampMs)
    return tracesOf(next(world.rows))
  },
  closePersonLetters: async (discard: unknown, traces: unknown) => {
    await note(discard, traces)
    return next(world.letters)
  },
  findPersonWaits: async (requestedAt: unknown, traces: unknown) => {
    await note(requestedAt, traces)
    return next(world.waits)
  },
  erasePersonRows: async (person: unknown, traces: unknown, salt: unknown) => {
    await note(person, traces, salt)
    calls.push('erase')
    return next(world.erased)
  },
  forgetPersonRuns: async (traces: unknown) => {
    await note(traces)
    calls.push('forget')
    return { ...NO_RUNS, ...next(world.runs) }
  },
  askSegmentDeletion: async (person: unknown) => {
    await note(person)
    calls.push('ask Segment')
    return world.segment()
  },
  writeErasureReceipt: async (receipt: ErasureReceipt) => {
    await note(receipt)
    receipts.push(receipt)
  },
  forgetFailedRuns: async (workflowId: string, lastFailed: string | null) => {
    asked['forgetFailedRuns'] = [workflowId, lastFailed]
    calls.push('forget the request')
  },
}

const server = useTimeSkipping({ taskQueue, workflowBundle: workflowBundle(), activities })

const PERSON = { partnerId: 'dealer-7', customerId: 'C101' }
const WHO = { actor: 'ann', reason: 'request 7', requestedAt: '2026-11-20T10:00:00.000Z' }

const start = () =>
  server().client.workflow.start(WORKFLOW.eraseCustomer, {
    taskQueue,
    workflowId: `erase/${randomUUID()}`,
    args: ['subject-1', { ...PERSON, ...WHO, salt: 'salt' }],
  })

const erase = async (): Promise<ErasureReceipt> => (await start()).result()

test('each step is asked about the person and what was found of it, and the erasure tells which step it is at', async () => {
  asksProgress = true
  const erasure = await start()
  const receipt: ErasureReceipt = await erasure.result()
  const [last, first] = [tracesOf(0), tracesOf(2)]
  expect(asked).toEqual({
    findPersonRows: [PERSON],
    closePersonLetters: [{ subject: 'subject-1', ...WHO }, last],
    findPersonWaits: [WHO.requestedAt, last],
    erasePersonRows: [PERSON, first, 'salt'],
    forgetPersonRuns: [first],
    askSegmentDeletion: [PERSON],
    writeErasureReceipt: [receipt],
    // The run that has the customer id in its input.
    forgetFailedRuns: [erasure.workflowId, erasure.firstExecutionRunId],
  })
  const { requestedAt } = WHO
  const own = { requestedAt, passes: 0, rows: NO_ROWS, waitsFor: [], nextLookAt: null }
  const erased = { passes: 1, rows: { ...NO_ROWS, audit_log: 2 } }
  expect(told).toEqual({
    findPersonRows: { ...own, step: 'finding' },
    closePersonLetters: { ...own, step: 'finding' },
    findPersonWaits: { ...own, step: 'finding' },
    erasePersonRows: { ...own, step: 'erasing', passes: 1 },
    forgetPersonRuns: { ...own, step: 'erasing', ...erased },
    askSegmentDeletion: { ...own, step: 'asking Segment', ...erased },
    writeErasureReceipt: { ...own, step: 'writing the receipt', ...erased },
  })
})

test('while it waits, it tells for what, and when it looks again', async () => {
  world.waits = [[{ code: 'batches_running', count: 3 }]]
  const before = await server().currentTimeMs()
  const erasure = await start()
  const progress = () => erasure.query<EraseProgress>(ERASE_PROGRESS)
  const waiting = await waitFor(async () => {
    const now = await progress()
    return now.step === 'waiting' && now
  }, 'the erasure to wait')
  expect(waiting).toMatchObject({ passes: 0, waitsFor: [{ code: 'batches_running', count: 3 }] })
  const after = await server().currentTimeMs()
  const nextLookAt = Date.parse(waiting.nextLookAt ?? '') - 5_000
  expect(nextLookAt).toBeGreaterThanOrEqual(before)
  expect(nextLookAt).toBeLessThanOrEqual(after)
  await erasure.terminate()
})

test('the receipt counts what was erased, is written, and the run with the request is deleted', async () => {
  const receipt = await erase()
  expect(receipt).toMatchObject({
    subject: 'subject-1',
    ...WHO,
    passes: 1,
    rows: { audit_log: 2 },
    runs: { deleted: 1, encrypted: 0, keptUntil: null, notSwept: 0 },
    unattributed: 3,
    segment: { isAsked: true, regulationId: 'r-1' },
  })
  expect(receipts).toEqual([receipt])
  expect(Date.parse(receipt.finishedAt)).toBeGreaterThanOrEqual(looks.at(-1) ?? 0)
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
