// What a comparison of open dead letters makes of each status in Temporal, and at the limits of time and number.

import { expect, test } from '@jest/globals'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { sweepMetrics } from '#runtime/metrics/groups'
import { createCompareDeadLetters } from '../../../activities/sweep/compare-dead-letters.ts'
import { createThreadMeter } from '../../../workers/isolation/thread-meter.ts'
import { attempt } from '../../support/activities.ts'

const DAY_MS = 86_400_000
const RETENTION_DAYS = 7
const UNTIL = '2026-11-20T10:00:00.000Z'
const before = (ms: number) => new Date(Date.parse(UNTIL) - ms)

type Run = { readonly status: string; readonly closeTime?: Date }

const FAILED: Run = { status: 'FAILED', closeTime: before(1) }

const queries: string[] = []
const { meter, take } = createThreadMeter()

/** Dead letters that are open by the table and by Temporal's list, and the latest run of each that Temporal still has. */
function compare(given: {
  readonly table?: Readonly<Record<string, Date>>
  readonly listed?: readonly string[]
  readonly runs?: Readonly<Record<string, Run>>
  /** Dead letters of which the table has rows. */
  readonly known?: readonly string[]
}) {
  const { table = {}, listed = [], runs = {}, known = [] } = given
  const client: Client = Object({
    options: { namespace: 'default' },
    workflow: {
      async *list({ query }: { query: string }) {
        queries.push(query)
        for (const workflowId of listed) yield { workflowId }
      },
      getHandle: (id: string) => ({
        describe: async () => {
          const run = runs[id]
          if (!run) throw new WorkflowNotFoundError('not found', id, undefined)
          return { closeTime: run.closeTime, status: { name: run.status } }
        },
      }),
    },
    workflowService: {
      describeNamespace: async () => ({
        config: { workflowExecutionRetentionTtl: { seconds: RETENTION_DAYS * 86_400 } },
      }),
    },
  })
  const read = Object(async ({ params }: { params: object }) =>
    'ids' in params
      ? known.map((id) => ({ id }))
      : Object.entries(table).map(([id, since]) => ({ id, since: since.toISOString() })),
  )
  const activity = createCompareDeadLetters(client, read, sweepMetrics(meter))
  return attempt(activity, [UNTIL])
}

const NONE = { not_recorded: 0, closed_in_table: 0, closed_in_temporal: 0, gone_from_temporal: 0 }
const AGREED = { agreed: 0, forgotten: 0, disagreements: NONE, examples: [], unchecked: 0 }

const SINCE = { a: before(DAY_MS) }
const MOVING: Run = { status: 'RUNNING' }

test.each<[string, Parameters<typeof compare>[0], object]>([
  ['open in both', { table: SINCE, listed: ['a'] }, { agreed: 1 }],
  [
    'open in the table, and failed in Temporal',
    { table: SINCE, runs: { a: FAILED } },
    { agreed: 1 },
  ],
  ['open in the table, and running', { table: SINCE, runs: { a: MOVING } }, {}],
  [
    'open in the table, and closed only since the end of the span',
    { table: SINCE, runs: { a: { status: 'COMPLETED', closeTime: before(0) } } },
    {},
  ],
  [
    'open in the table, and completed',
    { table: SINCE, runs: { a: { status: 'COMPLETED', closeTime: before(1) } } },
    { disagreements: { ...NONE, closed_in_temporal: 1 } },
  ],
  [
    'gone from Temporal within its retention',
    { table: { a: before(RETENTION_DAYS * DAY_MS) } },
    { disagreements: { ...NONE, gone_from_temporal: 1 } },
  ],
  [
    'gone from Temporal after its retention',
    { table: { a: before(RETENTION_DAYS * DAY_MS + 1) } },
    { forgotten: 1 },
  ],
  [
    'open in Temporal, and closed in the table',
    { listed: ['a'], runs: { a: FAILED }, known: ['a'] },
    { disagreements: { ...NONE, closed_in_table: 1 } },
  ],
  [
    'open in Temporal, and not in the table at all',
    { listed: ['a'], runs: { a: FAILED } },
    { disagreements: { ...NONE, not_recorded: 1 } },
  ],
  ['listed in Temporal, and deleted since', { listed: ['a'] }, {}],
  ['listed in Temporal, and running again', { listed: ['a'], runs: { a: MOVING } }, {}],
])('%s', async (_what, given, expected) => {
  expect(await compare(given)).toEqual({ ...AGREED, ...expected, examples: expect.anything() })
})

test('five hundred differences of each kind are looked up, and the others counted as unchecked', async () => {
  const ids = (prefix: string) => Array.from({ length: 501 }, (_, at) => `${prefix}${at}`)
  const table = Object.fromEntries(ids('t').map((id) => [id, before(DAY_MS)]))
  const listed = ids('l')
  const runs = Object.fromEntries(listed.map((id) => [id, FAILED]))
  const { disagreements, examples, unchecked } = await compare({ table, listed, runs })
  expect(disagreements).toEqual({ ...NONE, not_recorded: 500, gone_from_temporal: 500 })
  expect(unchecked).toBe(2)
  expect(examples).toHaveLength(20)
})

test('every way in which a dead letter may have ended without success is asked for, until the end of the span', async () => {
  queries.length = 0
  take()
  const beganAt = Date.now() / 1000
  await compare({ table: SINCE })
  expect(queries).toEqual([
    `WorkflowType = 'deadLetter' AND ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut', 'Canceled') AND CloseTime < '${UNTIL}'`,
  ])
  const gauges = Object.fromEntries(
    take().map(({ name, tags, value }) => [[name, ...Object.values(tags)].join(' '), value]),
  )
  const ran = gauges['sweep_last_run_timestamp_seconds dead_letters'] ?? 0
  expect(ran).toBeGreaterThanOrEqual(beganAt)
  expect(ran).toBeLessThanOrEqual(Date.now() / 1000)
  expect(gauges).toMatchObject({
    'dead_letter_disagreements gone_from_temporal': 1,
    'dead_letter_disagreements not_recorded': 0,
    'dead_letter_disagreements closed_in_table': 0,
    'dead_letter_disagreements closed_in_temporal': 0,
  })
})
