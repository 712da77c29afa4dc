// What the bridge asks of Temporal for a batch, and what it makes of each answer.

import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import {
  type Client,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowStartOptions,
} from '@temporalio/client'
import { digest, MAX_PAYLOAD_BYTES } from '#contracts'
import { decodeBatch } from '#contracts/batch-payload'
import { receiptFor } from '#runtime/receipt'
import { GRPC } from '#runtime/status-codes'
import { batchId, startBatch } from '../../../bridge/start-batch.ts'
import { message } from '../../fixtures/messages.ts'

const MESSAGES = [
  message('a', { publishTime: '2026-11-20T10:00:00.000002Z' }),
  message('b', { publishTime: '2026-11-20T09:59:00.000001Z' }),
]

type Asked = { type: string; options: WorkflowStartOptions; deadlineMs: number }

/** A client of Temporal that answers every start alike. */
function temporal(answer: () => unknown) {
  const asked: Asked[] = []
  let deadlineMs = 0
  const client: Client = Object({
    withDeadline: (deadline: Date, work: () => unknown) => {
      deadlineMs = deadline.getTime() - Date.now()
      return work()
    },
    workflow: {
      start: async (type: string, options: WorkflowStartOptions) => {
        asked.push({ type, options, deadlineMs })
        return answer()
      },
    },
  })
  return { client, asked }
}

const fail = (error: unknown) => () => {
  throw error
}

async function askedWith(group: Parameters<typeof startBatch>[3], messages = MESSAGES) {
  const { client, asked } = temporal(() => ({}))
  expect(await startBatch(client, 'queue', messages, group)).toBe('started')
  return asked[0]
}

test('a start has the batch, its receipt, its search attributes and twenty seconds', async () => {
  const { type, options, deadlineMs = 0 } = (await askedWith(null)) ?? {}
  expect(type).toBe('processBatch')
  expect(options).toMatchObject({
    workflowId: batchId(MESSAGES),
    taskQueue: 'queue',
    memo: { receipt: receiptFor(MESSAGES) },
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    staticSummary: '2 messages',
  })
  expect(options).not.toHaveProperty('priority')
  expect(decodeBatch(Object(options?.args)[0])).toEqual(MESSAGES)
  const attributes = Object(options?.typedSearchAttributes)
  expect(
    attributes.map(({ key, value }: { key: { name: string }; value: unknown }) => [
      key.name,
      value,
    ]),
  ).toEqual([
    ['EventCount', 2],
    ['OldestEventAt', new Date('2026-11-20T09:59:00.000Z')],
  ])
  expect(deadlineMs).toBeGreaterThan(15_000)
  expect(deadlineMs).toBeLessThanOrEqual(20_000)
})

test('a group of low priority shares by its weight, under a key that does not show its name', async () => {
  const { options } = (await askedWith({ name: 'dealer-7', weight: 2.5 })) ?? {}
  expect(options?.priority).toEqual({
    priorityKey: 4,
    fairnessKey: digest(['dealer-7']),
    fairnessWeight: 2.5,
  })
  expect(JSON.stringify(options?.priority)).not.toContain('dealer-7')
})

const answered = (code: number, details: string) =>
  new ServiceError('start failed', {
    cause: Object.assign(new Error(details), { code, details, metadata: {} }),
  })

test.each([
  ['repeated', new WorkflowExecutionAlreadyStartedError('exists', 'batch-1', 'processBatch')],
  ['refused', answered(GRPC.INVALID_ARGUMENT, 'Blob data size exceeds limit.')],
] as const)('it is %s by %s', async (started, error) => {
  expect(await startBatch(temporal(fail(error)).client, 'queue', MESSAGES)).toBe(started)
})

test.each([
  answered(GRPC.INVALID_ARGUMENT, 'search attribute EventCount is not defined'),
  answered(GRPC.RESOURCE_EXHAUSTED, 'namespace rate: size exceeds limit'),
  answered(GRPC.UNAVAILABLE, 'no connection'),
  new Error('size exceeds limit'),
])('whatever else Temporal answers leaves the messages to Pub/Sub: %s', async (error) => {
  await expect(startBatch(temporal(fail(error)).client, 'queue', MESSAGES)).rejects.toBe(error)
})

test('a batch that does not fit into a payload is refused without asking Temporal', async () => {
  const { client, asked } = temporal(() => ({}))
  const large = message(randomBytes(MAX_PAYLOAD_BYTES + 1))
  expect(await startBatch(client, 'queue', [large])).toBe('refused')
  expect(asked).toEqual([])
})

test('the summary counts a message as one, and the search attribute not the later parts of one', async () => {
  const part = { ...message('a'), part: { index: 1, of: 3 } }
  const { options } = (await askedWith(null, [part])) ?? {}
  expect(options?.staticSummary).toBe('1 message')
  const [{ value: count }] = Object(options?.typedSearchAttributes)
  expect(count).toBe(0)
})
