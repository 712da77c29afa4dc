// Which runs are looked at, in which order they are shown, and how many are slow.

import { expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { findStuck } from '#operations/stuck-runs/find'

const NOW_SECONDS = Math.floor(Date.now() / 1000)
const SEARCH = { attempts: 5, waitMs: 60_000, limit: 2 }

/** The runs of Temporal by workflow id: how long ago their step was to be done, in seconds; null for none that is stuck. */
function temporalWith(runs: Readonly<Record<string, number | null>>) {
  const asked: string[] = []
  const of = (query: string) =>
    Object.keys(runs).filter((id) => id.startsWith('later') === query.includes('activateLater'))
  const client: Client = Object({
    workflow: {
      count: async (query: string) => {
        asked.push(query)
        return { count: of(query).length }
      },
      async *list({ query }: { query: string }) {
        for (const workflowId of of(query))
          yield { workflowId, runId: `run-of-${workflowId}`, type: 'processBatch' }
      },
      getHandle: (id: string) => ({
        describe: async () => ({
          status: { name: 'RUNNING' },
          raw: { pendingActivities: pendingOf(runs[id] ?? null) },
        }),
      }),
    },
  })
  return { client, asked }
}

const pendingOf = (secondsAgo: number | null) =>
  secondsAgo === null
    ? []
    : [
        {
          activityId: '1',
          activityType: { name: 'stageEvents' },
          attempt: 1,
          lastFailure: { message: 'no', applicationFailureInfo: { type: 'warehouse_setup' } },
          expirationTime: { seconds: NOW_SECONDS + 100 - secondsAgo },
          activityOptions: { scheduleToCloseTimeout: { seconds: 100 } },
        },
      ]

test('the step that waits longest is the first, and runs that may wait are slow only where they are stuck', async () => {
  const { client } = temporalWith({ a: 100, b: 900, 'later-1': 500, 'later-2': null })
  const { stuck, ...counts } = await findStuck(client, SEARCH)
  expect(stuck.map(({ id }) => id)).toEqual(['b', 'later-1', 'a'])
  expect(stuck[0]).toMatchObject({
    run_id: 'run-of-b',
    since: new Date((NOW_SECONDS - 900) * 1000).toISOString(),
    problem: 'warehouse_setup',
  })
  expect(counts).toEqual({ slow: 3, looked: 3 })
})

test('no more runs are looked at than asked for, and all slow ones are counted', async () => {
  const { client, asked } = temporalWith({ a: 100, b: 100, c: 100, d: null })
  const { stuck, ...counts } = await findStuck(client, SEARCH)
  expect(stuck).toHaveLength(2)
  expect(counts).toEqual({ slow: 4, looked: 2 })
  expect(asked.map((query) => query.replace(/'[^']*Z'/, 'TIME'))).toEqual([
    "WorkflowType IN ('processBatch', 'deadLetter') AND ExecutionStatus = 'Running' AND StartTime < TIME",
    "WorkflowType IN ('activateLater') AND ExecutionStatus = 'Running' AND StartTime < TIME",
  ])
})
