// Activities that are to start their next attempt at once: which of them, how, and what Temporal may refuse.

import { expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import type { Stuck } from '#operations/stuck-runs/diagnose'
import { retryNow } from '#operations/stuck-runs/retry-now'
import { GRPC } from '#runtime/status-codes'

const stuck = (id: string, waiting_activity_id: string | null): Stuck => ({
  id,
  run_id: `run-of-${id}`,
  type: 'processBatch',
  step: 'stageEvents',
  since: '2026-11-20T10:00:00.000Z',
  attempt: 9,
  next_try_at: null,
  gives_up_at: null,
  problem: 'warehouse_setup',
  message: null,
  waiting_activity_id,
})

/** @param answers the error of each reset in turn; undefined where it succeeds */
async function retry(runs: readonly Stuck[], ...answers: readonly (Error | undefined)[]) {
  const asked: unknown[] = []
  const client: Client = Object({
    options: { namespace: 'cars' },
    workflowService: {
      resetActivity: async (request: unknown) => {
        const error = answers[asked.push(request) - 1]
        if (error) throw error
      },
    },
  })
  return { asked, result: await retryNow(client, runs) }
}

const refusal = (code: number, message: string) => Object.assign(new Error(message), { code })

test('only activities that wait are hurried, and what a person paused stays paused', async () => {
  const { asked, result } = await retry([stuck('a', 'one'), stuck('b', null)])
  expect(asked).toEqual([
    {
      namespace: 'cars',
      execution: { workflowId: 'a', runId: 'run-of-a' },
      identity: 'dlq retry-stuck',
      id: 'one',
      keepPaused: true,
    },
  ])
  expect(result).toEqual({ hurried: 1, refusals: [] })
})

test('refusals are counted by their message, and an activity that has ended is none', async () => {
  const runs = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => stuck(id, id))
  const denied = refusal(GRPC.PERMISSION_DENIED, 'denied')
  const { result } = await retry(
    runs,
    denied,
    refusal(GRPC.NOT_FOUND, 'no such activity'),
    undefined,
    denied,
    refusal(GRPC.UNIMPLEMENTED, 'unknown method of a'),
    refusal(GRPC.UNIMPLEMENTED, 'unknown method of b'),
  )
  expect(result).toEqual({
    hurried: 1,
    refusals: [
      { code: 'refused', message: 'denied', activities: 2 },
      { code: 'server_too_old', message: 'unknown method of b', activities: 2 },
    ],
  })
})
