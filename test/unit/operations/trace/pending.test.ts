// What a trace says of runs: what each waits for, when that is tried next, and which runs could not be read.

import { expect, test } from '@jest/globals'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { countOpen, readRuns, toPending } from '#operations/trace/runs'

const inSeconds = (seconds: number) => ({ seconds: Math.floor(Date.now() / 1000) + seconds })

const pending = (own: object) =>
  toPending(Object({ activityType: { name: 'stageEvents' }, attempt: 3, ...own }))

test('the next attempt of a step that failed', () => {
  const scheduledTime = inSeconds(600)
  const lastFailure = { message: 'said jane.doe@example.com' }
  expect(pending({ scheduledTime, lastFailure })).toEqual({
    step: 'stageEvents',
    attempt: 3,
    lastFailure: expect.not.stringContaining('jane'),
    nextAttemptAt: new Date(scheduledTime.seconds * 1000).toISOString().replace('Z', '000Z'),
  })
})

test.each([{}, { scheduledTime: inSeconds(-600) }])(
  'an attempt that is under way has no next one: %#',
  (own) => {
    expect(pending(own)).toMatchObject({ lastFailure: null, nextAttemptAt: null })
  },
)

type Known = {
  readonly status: string
  readonly closeTime?: Date
  readonly activities?: readonly object[]
  /** Of its history. */
  readonly events?: readonly object[]
}

const STARTED = new Date('2026-11-20T10:00:00.123Z')

/** A Temporal that has these runs; one that is an error does not answer, and one that is not named is unknown. */
function temporalWith(runs: Readonly<Record<string, Known | Error>>) {
  const limits: number[] = []
  const queries: string[] = []
  const client: Client = Object({
    connection: {
      withDeadline: (deadline: Date | number, work: () => unknown) => {
        limits.push(Number(deadline) - Date.now())
        return work()
      },
    },
    workflow: {
      count: async (query: string) => {
        queries.push(query)
        return { count: 7 }
      },
      getHandle: (id: string) => ({
        describe: async () => {
          const run = runs[id]
          if (run === undefined) throw new WorkflowNotFoundError('none', id, undefined)
          if (run instanceof Error) throw run
          const { status, closeTime, activities } = run
          const raw = { pendingActivities: activities }
          return { status: { name: status }, startTime: STARTED, closeTime, raw }
        },
        fetchHistory: async () => {
          const run = runs[id]
          return { events: run && 'events' in run ? run.events : [] }
        },
      }),
    },
  })
  return { client, limits, queries }
}

const FAILED = [
  {
    eventId: 5,
    eventTime: { seconds: 1, nanos: 0 },
    activityTaskFailedEventAttributes: {
      scheduledEventId: 3,
      failure: { message: 'answered 503' },
    },
  },
]
const LETTER = 'dead-letter/batch-1/dealer-7-0/validation'

test('a run is told with what it waits for, and a batch with its failed attempts as well', async () => {
  const activities = [{ activityType: { name: 'stageEvents' }, attempt: 3 }]
  const { client, limits } = temporalWith({
    'batch-1': { status: 'RUNNING', activities, events: FAILED },
    [LETTER]: { status: 'FAILED', closeTime: new Date(STARTED.getTime() + 1000), events: FAILED },
  })
  const startedAt = '2026-11-20T10:00:00.123000Z'
  expect(await readRuns(client, ['batch-1', LETTER, 'gone'])).toEqual({
    runs: [
      {
        workflowId: 'batch-1',
        isKnown: true,
        status: 'RUNNING',
        startedAt,
        closedAt: null,
        pending: [expect.objectContaining({ step: 'stageEvents', attempt: 3 })],
        failedAttempts: [expect.objectContaining({ failure: 'answered 503' })],
      },
      {
        workflowId: LETTER,
        isKnown: true,
        status: 'FAILED',
        startedAt,
        closedAt: '2026-11-20T10:00:01.123000Z',
        pending: [],
        failedAttempts: [],
      },
      { workflowId: 'gone', isKnown: false },
    ],
    missing: [],
  })
  // A person waits: no longer than three seconds for each.
  for (const limit of limits) expect(limit).toBeLessThanOrEqual(3_000)
})

test('runs that Temporal does not tell of are missing, and said once', async () => {
  const { client } = temporalWith({
    a: new Error('too  busy'),
    b: { status: 'COMPLETED' },
    c: new Error('too busy'),
  })
  const { runs, missing } = await readRuns(client, ['a', 'b', 'c'])
  expect(runs.map(({ workflowId }) => workflowId)).toEqual(['b'])
  expect(missing).toEqual([{ part: 'Temporal', code: 'temporal_unavailable', said: 'too busy' }])
})

test('fifty runs are read, and the others are counted', async () => {
  const ids = Array.from({ length: 53 }, (_, at) => `batch-${at}`)
  const { client } = temporalWith({})
  const { runs, missing } = await readRuns(client, ids)
  expect(runs.map(({ workflowId }) => workflowId)).toEqual(ids.slice(0, 50))
  expect(missing).toEqual([{ part: 'Temporal', code: 'runs_not_read', runs: 3 }])
  expect((await readRuns(client, ids.slice(0, 50))).missing).toEqual([])
})

test('batches that run are counted, where Temporal says so', async () => {
  const { client, queries } = temporalWith({})
  expect(await countOpen(client)).toBe(7)
  expect(queries).toEqual(["WorkflowType = 'processBatch' AND ExecutionStatus = 'Running'"])
  const withDeadline = () => Promise.reject(new Error('away'))
  expect(await countOpen(Object({ connection: { withDeadline } }))).toBeNull()
})
