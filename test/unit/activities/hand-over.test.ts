// How the workflow is started in which events wait.

import { expect, test } from '@jest/globals'
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client'
import { ATTRIBUTE_KEY, WORKFLOW } from '#contracts'
import { decodeBatch } from '#contracts/batch-payload'
import { createHandOver } from '../../../activities/activation/hand-over.ts'
import { acceptedOf, readEach } from '../../../activities/read-batch.ts'
import { message } from '../../fixtures/messages.ts'
import { attempt } from '../../support/activities.ts'

const TIMES = ['2026-11-20T10:00:01.000000Z', '2026-11-20T09:59:59.000000Z', '2026-11-20T10:00:02Z']
const { events } = acceptedOf(
  readEach(TIMES.map((publishTime) => message(undefined, { publishTime }))),
  [],
)

type Started = { readonly args: [Uint8Array]; readonly workflowId: string }

async function handOver(of = events, answer: () => Promise<unknown> = async () => null) {
  const started: [type: string, options: Started][] = []
  const start = (type: string, options: Started) => {
    started.push([type, options])
    return answer()
  }
  const client: Client = Object({ workflow: { start } })
  await attempt(createHandOver(client, 'q'), ['batch-1', of])
  return started
}

test('the workflow says of which run it is, how many events wait, and since when', async () => {
  const [[type, options] = []] = await handOver()
  expect(type).toBe(WORKFLOW.activateLater)
  expect(options).toMatchObject({
    workflowId: expect.stringMatching(/^batch-1\/later-/),
    taskQueue: 'q',
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    typedSearchAttributes: [
      { key: ATTRIBUTE_KEY.stage, value: 'activation' },
      { key: ATTRIBUTE_KEY.eventCount, value: 3 },
      { key: ATTRIBUTE_KEY.oldestEventAt, value: new Date('2026-11-20T09:59:59Z') },
    ],
    staticSummary: '3 events wait before they are sent to Segment',
  })
  const carried = decodeBatch(options?.args[0] ?? new Uint8Array())
  expect(carried.map(({ messageId }) => messageId)).toEqual(
    events.map(({ message: { messageId } }) => messageId),
  )
})

test('the same events are the same workflow, and others are another one', async () => {
  const idOf = async (of: typeof events) => (await handOver(of))[0]?.[1].workflowId
  expect(await idOf(events)).toBe(await idOf(events))
  expect(await idOf(events.slice(1))).not.toBe(await idOf(events))
})

test('where no event waits, nothing is started', async () => {
  expect(await handOver([])).toEqual([])
})

test('a workflow that was started before is no error, and any other answer is one', async () => {
  const started = new WorkflowExecutionAlreadyStartedError('started', 'w', 'activateLater')
  expect(await handOver(events, () => Promise.reject(started))).toHaveLength(1)
  await expect(handOver(events, () => Promise.reject(new Error('no')))).rejects.toMatchObject({
    type: 'temporal_unavailable',
  })
})
