// What is kept of a batch that cannot be read: its bytes, and its messages as the bridge counted them.

import { expect, test } from '@jest/globals'
import type { Client } from '@temporalio/client'
import { createKeepUnreadableBatch } from '../../../activities/keep-unreadable-batch.ts'
import { attempt, metrics, recordingWarehouse } from '../../support/activities.ts'

const OLDEST = '2026-11-18T23:59:59.000Z'
const RECEIPT = {
  digest: 'd',
  days: [
    { oldest: '2026-11-20T10:00:00.000Z', messages: 3 },
    { oldest: OLDEST, messages: 2 },
    { oldest: '2026-11-19T10:00:00.000Z', messages: 1 },
  ],
}

async function keep(batch: unknown) {
  const { warehouse, of } = recordingWarehouse()
  const started: string[] = []
  const client: Client = Object({
    workflow: {
      start: async (_type: string, { workflowId }: { workflowId: string }) =>
        started.push(workflowId),
    },
  })
  const activity = createKeepUnreadableBatch({ warehouse, client, taskQueue: 'events', metrics })
  const kept = await attempt(activity, [batch, { batchId: 'batch-1', receipt: RECEIPT, why: 'w' }])
  return { ...kept, of, started }
}

test.each([
  ['bytes', Buffer.from([0, 255]), Buffer.from([0, 255])],
  ['no bytes', { text: 'ü' }, Buffer.from('{"text":"ü"}')],
  ['nothing', undefined, Buffer.from('null')],
])('an input of %s is kept in both tables', async (_what, batch, data) => {
  const { of } = await keep(batch)
  for (const table of ['audit_log', 'dead_letter'])
    expect(of(table)).toMatchObject([{ message_id: 'batch-1', data }])
})

test('it is of the day of its oldest message, and all of its messages are rejected', async () => {
  const { of, summary, letter, started } = await keep(Buffer.from('x'))
  const counts = { received: 6, rejected: 6, accepted: 0, undeliverable: 0, waiting: 0 }
  expect(summary).toMatchObject(counts)
  expect(letter).toMatchObject({ messages: 6, events: [{ publishTime: OLDEST }] })
  for (const table of ['audit_log', 'dead_letter', 'batch_ledger'])
    expect(of(table)).toMatchObject([{ batch_id: 'batch-1', publish_time: OLDEST }])
  const reasons = ['batch_unreadable']
  const own = { decision: 'rejected', reasons, partner_id: 'unknown', part: 0, parts: 1 }
  expect(of('audit_log')).toMatchObject([own])
  expect(of('dead_letter')).toMatchObject([{ stage: 'validation', reasons, partner_id: 'unknown' }])
  const [fault] = letter.events[0]?.faults ?? []
  expect(fault).toMatchObject({ received: 'w', expected: expect.stringMatching(/batch-1$/) })
  expect(of('batch_ledger')).toMatchObject([{ received: 6, rejected: 6, accepted: 0 }])
  expect(of('batch_receipt')).toEqual(
    RECEIPT.days.map(({ oldest, messages }) => ({
      batch_id: 'batch-1',
      publish_time: oldest,
      messages,
      message_digest: 'd',
      source: 'batch',
    })),
  )
  expect(started).toEqual([expect.stringMatching(/^dead-letter\/batch-1\/.*\/validation$/)])
})
