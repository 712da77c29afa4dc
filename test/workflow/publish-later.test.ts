// A batch whose change events cannot be published for days, with the time between two attempts skipped.

import { randomUUID } from 'node:crypto'
import { beforeAll, beforeEach, expect, test } from '@jest/globals'
import { activityInfo } from '@temporalio/activity'
import { WorkflowFailedError } from '@temporalio/client'
import proto from '@temporalio/proto'
import { activationQueue, type PublishedChanges, WORKFLOW } from '#contracts'
import { failure } from '#runtime/service-error'
import { message } from '../fixtures/messages.ts'
import { batchOf } from '../support/activities.ts'
import { timersOf, useTimeSkipping } from '../support/time-skipping/server.ts'
import { workflowBundle } from '../support/workflows.ts'

const { IndexedValueType } = proto.temporal.api.enums.v1

const taskQueue = randomUUID()
const DAY = 24 * 60 * 60

let atSeconds: number[] = []
let activations = 0
let untilSeconds = 0

beforeEach(() => {
  atSeconds = []
  activations = 0
})

const NO_CHANGES: PublishedChanges = { created: 0, corrected: 0, cancelled: 0 }

const activities = {
  validateEvents: async () => ({
    received: 1,
    accepted: 1,
    rejected: [],
    duplicates: [],
    publishesChanges: true,
  }),
  writeAuditLog: async () => {},
  stageEvents: async () => ({ purchase: 1, cancellation: 0, failed: [] }),
  activateEvents: async () => {
    activations += 1
    return { accepted: 1, notActivated: 0, waiting: 0, failed: [] }
  },
  publishOrderChanges: async () => {
    const { isLocal, currentAttemptScheduledTimestampMs } = activityInfo()
    const at = currentAttemptScheduledTimestampMs / 1000
    // A local attempt has the time of this machine, and not that of the server.
    if (!isLocal) atSeconds.push(at)
    if (!isLocal && at - (atSeconds[0] ?? 0) >= untilSeconds) return NO_CHANGES
    // The time that Pub/Sub is away is made of few attempts here: it asks for a pause of an hour.
    const away = { retryAfterSeconds: 60 * 60, message: 'away' }
    throw failure('pubsub_unavailable', 'away', away)
  },
}

const server = useTimeSkipping(
  { taskQueue, workflowBundle: workflowBundle(), activities },
  { taskQueue: activationQueue(taskQueue), activities },
)

beforeAll(async () => {
  const { connection, options } = server().client
  const searchAttributes = { Stage: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD }
  const request = { namespace: options.namespace, searchAttributes }
  await connection.operatorService.addSearchAttributes(request)
})

const run = (workflowId = `batch-${randomUUID()}`) =>
  server().client.workflow.execute(WORKFLOW.processBatch, {
    taskQueue,
    workflowId,
    args: [batchOf(message())],
  })

test('an outage of two days loses nothing: the batch is activated at once and published in the end', async () => {
  untilSeconds = 2 * DAY
  const workflowId = `batch-${randomUUID()}`
  expect(await run(workflowId)).toMatchObject({ activated: 1 })
  expect(activations).toBe(1)
  // The local attempt was asked for the same pause as the others.
  expect(await timersOf(server().client, workflowId)).toEqual([60 * 60])
  expect(atSeconds.length).toBeGreaterThan(40)
})

test('after a week the batch fails, so that the sweep opens dead letters of its events', async () => {
  untilSeconds = 30 * DAY
  const error: unknown = await run().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(WorkflowFailedError)
  expect(error).toMatchObject({ cause: { type: 'change_events_unpublished' } })
  expect(activations).toBe(1)
  const lasted = (atSeconds.at(-1) ?? 0) - (atSeconds[0] ?? 0)
  expect(lasted / DAY).toBeGreaterThan(6.9)
  expect(lasted / DAY).toBeLessThan(7.2)
})
