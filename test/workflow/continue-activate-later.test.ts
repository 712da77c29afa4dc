// Events that wait for so long that their workflow continues as a new run, on a real server.

import { randomBytes, randomUUID } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { ATTRIBUTE_KEY, type WaitingActivated, WORKFLOW } from '#contracts'
import type { WaitingRequest } from '../../activities/activate-waiting.ts'
import { createActivities } from '../../activities/index.ts'
import { metrics } from '../support/activities.ts'
import { useStack } from '../support/stack.ts'
import { useWorkflows } from '../support/workflows.ts'

useStack('temporal')
const { client, serve, taskQueue } = useWorkflows()

/** Each look puts the batch into the history, and Temporal suggests a new run at 4 MB. */
const LARGE_BATCH = randomBytes(1_200_000)

const LOOKS = 6

const activities = () =>
  createActivities({
    warehouse: { append: async () => ({ written: 0, failed: [] }) },
    segment: { deliver: async () => null },
    lookUpOrders: async () => new Map(),
    temporal: client(),
    taskQueue,
    segmentNamespace: 'test',
    metrics,
  })

test('the next run has the batch, the outcomes and the search attributes of the one before, and records nothing twice', async () => {
  const requests: WaitingRequest[] = []
  const sizes: number[] = []
  /** One event has a final outcome at each look. */
  const activateWaiting = async (
    batch: Uint8Array,
    request: WaitingRequest,
  ): Promise<WaitingActivated> => {
    requests.push(request)
    sizes.push(batch.length)
    const index = requests.length - 1
    const waiting = LOOKS - requests.length
    const outcome = { accepted: 1, notActivated: 0, failed: [], settled: [index] }
    return { ...outcome, waiting, coolingOff: waiting, dueInSeconds: 1 }
  }
  const workflowId = `batch-1/later-${randomUUID()}`
  await serve({ ...activities(), activateWaiting }, async () => {
    const first = await client().workflow.start(WORKFLOW.activateLater, {
      taskQueue,
      workflowId,
      args: [LARGE_BATCH],
      typedSearchAttributes: [{ key: ATTRIBUTE_KEY.stage, value: 'activation' }],
    })
    expect(await first.result()).toEqual({ accepted: LOOKS, notActivated: 0, failed: 0 })
    const last = await client().workflow.getHandle(workflowId).describe()
    expect(last.runId).not.toBe(first.firstExecutionRunId)
    expect(last.searchAttributes).toMatchObject({ Stage: ['activation'] })
  })
  expect(requests.map(({ isFirst }) => isFirst)).toEqual([true, false, false, false, false, false])
  expect(requests.map(({ skip }) => skip)).toEqual(
    Array.from({ length: LOOKS }, (_, look) => Array.from({ length: look }, (_unused, i) => i)),
  )
  expect(new Set(sizes)).toEqual(new Set([LARGE_BATCH.length]))
})
