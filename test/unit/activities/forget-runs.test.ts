// Which runs an erasure deletes from Temporal, and which it leaves: nothing that only a history has may be lost.

import { expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { createForgetRuns } from '../../../activities/erase/forget-runs.ts'

type Run = {
  readonly id: string
  readonly status?: string
  readonly startedAt?: string
  readonly closedAt?: string
  readonly encoding?: string
}
type Sweep = { readonly until: string; readonly postponed: readonly string[] }

const DAY_SECONDS = 86_400
const RETENTION_DAYS = 7

const bytes = (text: string) => new TextEncoder().encode(text)

/** A Temporal with these runs: of the batches and of the dead letters of a person, and the last sweep. */
function temporalWith(batches: readonly Run[], letters: readonly Run[], sweep: Sweep | null) {
  const deleted: string[] = []
  const runs = [...batches, ...letters]
  const listed = ({ id, status = 'COMPLETED', startedAt = T(1), closedAt = T(2) }: Run) => ({
    workflowId: id.split('#')[0],
    runId: id,
    status: { name: status },
    startTime: new Date(startedAt),
    closeTime: status === 'RUNNING' ? undefined : new Date(closedAt),
  })
  const SWEEP = { id: 'sweep', closedAt: T(23) }
  async function* list({ query }: { query: string }) {
    if (query.includes("'sweep'")) yield* sweep === null ? [] : [listed(SWEEP)]
    else if (query.includes('STARTS_WITH')) yield* batches.map(listed)
    else yield* letters.map(listed)
  }
  const client: Client = Object({
    options: { namespace: 'default' },
    workflow: {
      list,
      getHandle: () => ({
        result: async () => ({
          batches: {
            until: sweep?.until,
            postponed: sweep?.postponed.map((runId) => ({ workflowId: 'b', runId })),
          },
        }),
      }),
    },
    workflowService: {
      getWorkflowExecutionHistory: async ({ execution }: { execution: { runId: string } }) => {
        const encoding = runs.find(({ id }) => id === execution.runId)?.encoding ?? 'binary/plain'
        const payloads = [{ metadata: { encoding: bytes(encoding) } }]
        const started = { workflowExecutionStartedEventAttributes: { input: { payloads } } }
        return { history: { events: [started] } }
      },
      deleteWorkflowExecution: async (asked: { workflowExecution: { runId: string } }) =>
        void deleted.push(asked.workflowExecution.runId),
      describeNamespace: async () => ({
        config: { workflowExecutionRetentionTtl: { seconds: RETENTION_DAYS * DAY_SECONDS } },
      }),
    },
  })
  return { client, deleted }
}

/** An hour of one day. */
const T = (hour: number) => `2026-11-20T${String(hour).padStart(2, '0')}:00:00.000Z`

async function forget(
  batches: readonly Run[],
  {
    letters = [],
    sweep = null,
    open = [],
  }: {
    readonly letters?: readonly Run[]
    readonly sweep?: Sweep | null
    readonly open?: readonly string[]
  } = {},
) {
  const { client, deleted } = temporalWith(batches, letters, sweep)
  const read = Object(async () => open.map((dead_letter_id) => ({ dead_letter_id })))
  const forgetPersonRuns = createForgetRuns(client, read)
  const traces = { batches: ['b'], letters: letters.length > 0 ? ['l'] : [] }
  return { ...(await forgetPersonRuns(Object(traces))), deletedRuns: deleted }
}

test('batches that completed are deleted, and one that runs is left', async () => {
  const runs = [
    { id: 'b#1' },
    { id: 'b/1#2', status: 'CONTINUED_AS_NEW' },
    { id: 'b#3', status: 'RUNNING' },
  ]
  expect(await forget(runs)).toMatchObject({
    deleted: 2,
    notSwept: 0,
    encrypted: 0,
    deletedRuns: ['b#1', 'b/1#2'],
  })
})

const ENDED: Run = { id: 'b#1', status: 'TERMINATED', closedAt: T(12) }

test('a batch that ended early is deleted once a sweep has recorded its events', async () => {
  const swept = await forget([ENDED], { sweep: { until: T(13), postponed: [] } })
  expect(swept).toMatchObject({ deleted: 1, notSwept: 0, deletedRuns: ['b#1'] })
})

test.each<[string, Sweep | null]>([
  ['there was no sweep', null],
  ['the last sweep ended before it', { until: T(11), postponed: [] }],
  ['the last sweep ended when it did', { until: T(12), postponed: [] }],
  ['the last sweep has postponed it', { until: T(13), postponed: ['b#1'] }],
])('a batch that ended early is left where %s', async (_why, sweep) => {
  const left = await forget([ENDED, { id: 'b#2' }], { sweep })
  expect(left).toMatchObject({ deleted: 1, notSwept: 1, deletedRuns: ['b#2'] })
})

test('encrypted runs are left, until the retention of the latest one ends', async () => {
  const encrypted = { encoding: 'binary/encrypted' }
  const runs = [
    { id: 'b#1', closedAt: T(4), ...encrypted },
    { id: 'b#2', closedAt: T(9), ...encrypted },
    { id: 'b#3', closedAt: T(20) },
  ]
  expect(await forget(runs)).toMatchObject({
    deleted: 1,
    encrypted: 2,
    keptUntil: '2026-11-27T09:00:00.000Z',
    deletedRuns: ['b#3'],
  })
})

test('of a dead letter with open events of others the latest run is left, and of a closed one none', async () => {
  const letters = [
    { id: 'l#2', status: 'FAILED', startedAt: T(6) },
    { id: 'l#1', status: 'FAILED', startedAt: T(5) },
    { id: 'm#2', status: 'COMPLETED', startedAt: T(6) },
    { id: 'm#1', status: 'FAILED', startedAt: T(5) },
  ]
  const { deletedRuns } = await forget([], { letters, open: ['l'] })
  expect(deletedRuns.toSorted()).toEqual(['l#1', 'm#1', 'm#2'])
})
