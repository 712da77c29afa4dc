// Reading that gives the event loop back and yet does not end: Temporal's own timeouts find it.

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { WORKFLOW } from '#contracts'
import type { Activities } from '../../../activities/index.ts'
import { createBatchReader } from '../../../activities/read-batch.ts'
import { createRejectPoison } from '../../../activities/reject-poison.ts'
import { countMessages, takeMessages } from '../../../activities/take-messages.ts'
import { createWriteLedger } from '../../../activities/write-ledger.ts'
import { WORKFLOWS_PATH } from '../../../workers/options.ts'
import { message } from '../../fixtures/messages.ts'
import { batchOf, countDecisions, metrics } from '../../support/activities.ts'
import { useStack } from '../../support/stack.ts'
import { useBundle, useWorkflows } from '../../support/workflows.ts'

useStack('temporal')
const bundle = useBundle({
  workflowsPath: WORKFLOWS_PATH,
  workflowInterceptorModules: [
    fileURLToPath(new URL('../../support/short-steps.ts', import.meta.url)),
  ],
})
const { client, serve, taskQueue } = useWorkflows(bundle)

const reader = createBatchReader()
const warehouse = { append: async () => ({ written: 1, failed: [] }) }

const NOTHING = { accepted: 0, notActivated: 0, waiting: 0, failed: [] }

test('the message is rejected as poison after one local and two ordinary attempts', async () => {
  let attempts = 0
  const over = new AbortController()
  const letters: unknown[] = []
  const activities: Activities = {
    validateEvents: async () => {
      attempts += 1
      await once(over.signal, 'abort')
      throw new Error('the test is over')
    },
    writeAuditLog: async () => {},
    stageEvents: async () => ({ purchase: 0, cancellation: 0, failed: [] }),
    activateEvents: async () => NOTHING,
    activateWaiting: async () => ({ ...NOTHING, settled: [], coolingOff: 0, dueInSeconds: null }),
    publishOrderChanges: async () => ({ created: 0, corrected: 0, cancelled: 0 }),
    openDeadLetters: async (_batch, undeliverable) => void letters.push(undeliverable),
    recordDeadLetter: async () => {},
    recordFailedAgain: async () => [],
    recordHandling: async () => {},
    forgetFailedRuns: async () => {},
    countMessages,
    takeMessages,
    rejectPoison: createRejectPoison(reader, countDecisions),
    keepUnreadableBatch: async () => {
      throw new Error('the batch of this file can be read')
    },
    writeLedger: createWriteLedger(reader, warehouse, metrics),
  }
  const summary = await serve(activities, () =>
    client().workflow.execute(WORKFLOW.processBatch, {
      taskQueue,
      workflowId: `batch-${randomUUID()}`,
      args: [batchOf(message())],
    }),
  )
  // The worker of the test waits for its activities.
  over.abort()
  expect(summary).toMatchObject({ received: 1, accepted: 0, rejected: 1 })
  expect(attempts).toBe(3)
  expect(letters).toMatchObject([
    { stage: 'validation', casualties: [{ index: 0, reasons: ['poison'] }] },
  ])
}, 240_000)
