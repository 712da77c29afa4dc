// The way of a batch, step by step, on a real Temporal server.

import { randomUUID } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { WorkflowFailedError, type WorkflowStartOptions } from '@temporalio/client'
import {
  ApplicationFailure,
  defineSearchAttributeKey,
  SearchAttributeType,
} from '@temporalio/common'
import proto from '@temporalio/proto'
import {
  type Activated,
  countsOf,
  messagesOf,
  type Receipt,
  type Staged,
  type ValidationResult,
  WORKFLOW,
} from '#contracts'
import { failure } from '#runtime/service-error'
import type { Activities } from '../../activities/index.ts'
import { createBatchReader } from '../../activities/read-batch.ts'
import { createRejectPoison } from '../../activities/reject-poison.ts'
import { countMessages, takeMessages } from '../../activities/take-messages.ts'
import { billedActions } from '../../bench/history-cost.ts'
import { message } from '../fixtures/messages.ts'
import { batchOf, countDecisions } from '../support/activities.ts'
import { useStack } from '../support/stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { useWorkflows } from '../support/workflows.ts'

const { EventType } = proto.temporal.api.enums.v1

useStack('temporal')
const { client, serve, taskQueue } = useWorkflows()

const BATCH = batchOf(message(), message('not json'), message(), message())

const verdict: ValidationResult = {
  received: 4,
  accepted: 2,
  rejected: [{ index: 1, partnerId: 'dealer-7', reasons: ['not_json'] }],
  duplicates: [2],
}
const clean: ValidationResult = { received: 4, accepted: 4, rejected: [], duplicates: [] }
const staged: Staged = { purchase: 2, cancellation: 0, failed: [] }
const activated: Activated = { accepted: 2, notActivated: 0, waiting: 0, failed: [] }

const NO_CHANGES = { created: 0, corrected: 0, cancelled: 0 }

/** What keeping an unreadable batch of so many messages answers. */
function kept(messages: number): Awaited<ReturnType<Activities['keepUnreadableBatch']>> {
  const none = { accepted: 0, duplicates: 0, stagedPurchase: 0, stagedCancellation: 0 }
  const unsent = { undeliverable: 0, activated: 0, notActivated: 0, waiting: 0 }
  return {
    summary: { received: messages, rejected: messages, ...none, ...unsent },
    letter: {
      batchId: '',
      partnerId: 'unknown',
      stage: 'validation',
      part: 0,
      messages,
      events: [],
    },
  }
}

const notHere = async (): Promise<never> => {
  throw new Error('a batch leaves events that wait to another workflow')
}

/** Activities that all go well, and the calls they got, in order. */
function fakes(overrides: Partial<Activities> = {}) {
  const journal: { readonly name: string; readonly args: readonly unknown[] }[] = []
  const note = (name: string, ...args: readonly unknown[]) => journal.push({ name, args })
  const well: Activities = {
    validateEvents: async () => clean,
    writeAuditLog: async () => {},
    stageEvents: async () => staged,
    activateEvents: async () => activated,
    activateWaiting: notHere,
    publishOrderChanges: async () => NO_CHANGES,
    openDeadLetters: async () => {},
    keepUnreadableBatch: async (_batch, { receipt }) => kept(messagesOf(receipt)),
    recordDeadLetter: async () => {},
    recordFailedAgain: async () => [],
    recordHandling: async () => {},
    forgetFailedRuns: async () => {},
    writeLedger: async () => {},
    countMessages,
    takeMessages,
    rejectPoison: createRejectPoison(createBatchReader(), countDecisions),
    ...overrides,
  }
  const activities: Activities = {
    ...well,
    validateEvents: (...args) => (note('validateEvents', ...args), well.validateEvents(...args)),
    writeAuditLog: (...args) => (note('writeAuditLog', ...args), well.writeAuditLog(...args)),
    stageEvents: (...args) => (note('stageEvents', ...args), well.stageEvents(...args)),
    activateEvents: (...args) => (note('activateEvents', ...args), well.activateEvents(...args)),
    publishOrderChanges: (...args) => (
      note('publishOrderChanges', ...args), well.publishOrderChanges(...args)
    ),
    openDeadLetters: (...args) => (note('openDeadLetters', ...args), well.openDeadLetters(...args)),
    keepUnreadableBatch: (...args) => (
      note('keepUnreadableBatch', ...args), well.keepUnreadableBatch(...args)
    ),
    recordDeadLetter: (...args) => (
      note('recordDeadLetter', ...args), well.recordDeadLetter(...args)
    ),
    writeLedger: (...args) => (note('writeLedger', ...args), well.writeLedger(...args)),
  }
  return {
    activities,
    names: () => journal.map(({ name }) => name),
    calls: (name: keyof Activities) =>
      journal.filter((call) => call.name === name).map(({ args }) => args),
  }
}

/** What the bridge may say of the batch. */
type Told = Pick<WorkflowStartOptions, 'memo' | 'typedSearchAttributes'>

/** Runs one batch to its end. */
function run(
  activities: Activities,
  batch = BATCH,
  workflowId = `batch-${randomUUID()}`,
  told: Told = {},
) {
  return serve(activities, async () => {
    const options = { taskQueue, workflowId, args: [batch], ...told }
    const summary: unknown = await client().workflow.execute(WORKFLOW.processBatch, options)
    return summary
  })
}

async function failureOf(running: Promise<unknown>): Promise<unknown> {
  const error: unknown = await running.then(
    () => new Error('it completed'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof WorkflowFailedError)) throw error
  return error.cause?.cause
}

test('a good batch is validated, kept and staged, and activated with its ledger entry, and nothing is dead-lettered', async () => {
  const { activities, names, calls } = fakes()
  const batchId = `batch-${randomUUID()}`
  expect(await run(activities, BATCH, batchId)).toEqual({
    received: 4,
    accepted: 4,
    rejected: 0,
    duplicates: 0,
    stagedPurchase: 2,
    stagedCancellation: 0,
    undeliverable: 0,
    activated: 2,
    notActivated: 0,
    waiting: 0,
  })
  const steps = names()
  expect(steps[0]).toBe('validateEvents')
  expect(new Set(steps.slice(1, 3))).toEqual(new Set(['stageEvents', 'writeAuditLog']))
  expect(steps.slice(3)).toEqual(['activateEvents'])
  const counts = countsOf(clean, staged)
  expect(calls('activateEvents')).toEqual([[BATCH, { batchId, skip: [], counts }]])
})

test('audit log and staging run side by side', async () => {
  const begun = new Set<string>()
  const meet = async (own: string, other: string) => {
    begun.add(own)
    await waitFor(() => begun.has(other), `${other} beside ${own}`, 10_000)
  }
  const { activities } = fakes({
    writeAuditLog: () => meet('audit', 'staging'),
    stageEvents: async () => {
      await meet('staging', 'audit')
      return staged
    },
  })
  expect(await run(activities)).toMatchObject({ received: 4 })
})

test('rejected events open dead letters, duplicates are skipped, and the batch still completes', async () => {
  const { activities, names, calls } = fakes({ validateEvents: async () => verdict })
  const batchId = `batch-${randomUUID()}`
  expect(await run(activities, BATCH, batchId)).toMatchObject({ rejected: 1, duplicates: 1 })
  expect(calls('writeAuditLog')).toEqual([[expect.anything(), batchId, verdict.rejected, null]])
  expect(calls('stageEvents')).toEqual([[expect.anything(), batchId, [1, 2]]])
  expect(calls('openDeadLetters')).toEqual([
    [expect.anything(), { batchId, stage: 'validation', casualties: verdict.rejected }],
  ])
  const counts = countsOf(verdict, staged)
  expect(calls('activateEvents')).toEqual([[expect.anything(), { batchId, skip: [1, 2], counts }]])
  expect(names().indexOf('openDeadLetters')).toBeGreaterThan(names().indexOf('writeAuditLog'))
})

test('what cannot be staged is dead-lettered and not activated', async () => {
  const failed = [{ index: 3, partnerId: 'dealer-7', reasons: ['warehouse_invalid_currency'] }]
  const { activities, calls } = fakes({
    validateEvents: async () => verdict,
    stageEvents: async () => ({ ...staged, failed }),
  })
  const batchId = `batch-${randomUUID()}`
  const summary = await run(activities, BATCH, batchId)
  expect(calls('openDeadLetters').map(([, of]) => of)).toEqual([
    { batchId, stage: 'validation', casualties: verdict.rejected },
    { batchId, stage: 'staging', casualties: failed },
  ])
  const counts = countsOf(verdict, { ...staged, failed })
  expect(calls('activateEvents')).toEqual([
    [expect.anything(), { batchId, skip: [1, 2, 3], counts }],
  ])
  expect(summary).toMatchObject({ undeliverable: 1 })
})

test('what Segment refuses is dead-lettered, and what was held back is counted', async () => {
  const failed = [{ index: 3, partnerId: 'dealer-7', reasons: ['segment_refused'] }]
  const { activities, calls } = fakes({
    activateEvents: async () => ({ accepted: 1, notActivated: 1, waiting: 1, failed }),
  })
  const batchId = `batch-${randomUUID()}`
  expect(await run(activities, BATCH, batchId)).toMatchObject({
    undeliverable: 1,
    activated: 1,
    notActivated: 1,
    waiting: 1,
  })
  expect(calls('openDeadLetters').map(([, of]) => of)).toEqual([
    { batchId, stage: 'activation', casualties: failed },
  ])
  expect(calls('writeLedger')).toEqual([])
})

test('a batch without an event to activate asks for no slot of activation, and writes its own ledger entry', async () => {
  const nothing = { received: 4, accepted: 1, rejected: verdict.rejected, duplicates: [2, 3] }
  const failed = [{ index: 0, partnerId: 'dealer-7', reasons: ['warehouse_invalid_currency'] }]
  const { activities, calls } = fakes({
    validateEvents: async () => nothing,
    stageEvents: async () => ({ purchase: 0, cancellation: 0, failed }),
  })
  const batchId = `batch-${randomUUID()}`
  const summary = await run(activities, BATCH, batchId)
  expect(summary).toMatchObject({ rejected: 1, duplicates: 2, undeliverable: 1, activated: 0 })
  expect(calls('activateEvents')).toEqual([])
  expect(calls('writeLedger')).toEqual([[expect.anything(), { batchId, summary }]])
  expect(calls('openDeadLetters')).toHaveLength(2)
})

test('the bytes of the batch reach every activity unchanged', async () => {
  const { activities, names, calls } = fakes({
    validateEvents: async () => verdict,
    stageEvents: async () => ({ ...staged, failed: verdict.rejected }),
    activateEvents: async () => ({ ...activated, failed: verdict.rejected }),
  })
  const everyByte = Uint8Array.from({ length: 1024 }, (_, i) => i % 256)
  await run(activities, everyByte)
  const received = new Set(names())
  expect(received).toEqual(
    new Set([
      'validateEvents',
      'writeAuditLog',
      'stageEvents',
      'openDeadLetters',
      'activateEvents',
    ]),
  )
  const bytes = [
    ...calls('validateEvents'),
    ...calls('writeAuditLog'),
    ...calls('stageEvents'),
    ...calls('openDeadLetters'),
    ...calls('activateEvents'),
  ].map(([batch]) => batch)
  expect(bytes).toHaveLength(7)
  for (const batch of bytes) expect(batch).toEqual(everyByte)
})

test.each(['stageEvents', 'openDeadLetters'] as const)(
  'a transient failure of %s is retried, and the batch ends well',
  async (name) => {
    let isFirst = true
    const onceUnavailable = async () => {
      if (!isFirst) return
      isFirst = false
      throw failure('warehouse_unavailable', 'down for a moment')
    }
    const { activities, calls } = fakes({
      validateEvents: async () => verdict,
      [name]: async () => {
        await onceUnavailable()
        return name === 'stageEvents' ? staged : 1
      },
    })
    expect(await run(activities)).toMatchObject({ received: 4, rejected: 1 })
    expect(calls(name)).toHaveLength(2)
    expect(calls('validateEvents')).toHaveLength(1)
  },
)

test('a batch that waits for Segment says so, holds back no dead letter, is not counted as open, and ends well', async () => {
  const batchId = `batch-${randomUUID()}`
  const isWaiting = `WorkflowId = '${batchId}' AND ExecutionStatus = 'Running' AND Stage = 'activation'`
  const isOpen = `WorkflowId = '${batchId}' AND ExecutionStatus = 'Running' AND Stage IS NULL`
  const count = async (query: string) => (await client().workflow.count(query)).count
  let isBack = false
  const failed = [{ index: 3, partnerId: 'dealer-7', reasons: ['warehouse_invalid_currency'] }]
  const { activities, calls } = fakes({
    validateEvents: async () => verdict,
    stageEvents: async () => ({ ...staged, failed }),
    activateEvents: async () => {
      if (isBack) return activated
      throw ApplicationFailure.create({ type: 'segment_unavailable', nextRetryDelay: 100 })
    },
  })
  const running = run(activities, BATCH, batchId)
  await waitFor(async () => (await count(isWaiting)) === 1, 'the batch to say it waits')
  expect(await count(isOpen)).toBe(0)
  // What could not be staged shows meanwhile.
  expect(calls('openDeadLetters').map(([, of]) => of)).toMatchObject([
    { stage: 'validation' },
    { stage: 'staging' },
  ])
  isBack = true
  expect(await running).toMatchObject({ activated: 2 })
})

const changesOn = { validateEvents: async () => ({ ...verdict, publishesChanges: true as const }) }

test('where change events are on, those of the staged events are published as one local activity more, and no billed action', async () => {
  const { activities, calls } = fakes(changesOn)
  const workflowId = `batch-${randomUUID()}`
  await run(activities, BATCH, workflowId)
  expect(calls('publishOrderChanges')).toEqual([[BATCH, { batchId: workflowId, skip: [1, 2] }]])
  const off = fakes({ validateEvents: async () => verdict })
  const other = `batch-${randomUUID()}`
  await run(off.activities, BATCH, other)
  expect(off.calls('publishOrderChanges')).toEqual([])
  const historyOf = (id: string) => client().workflow.getHandle(id).fetchHistory()
  expect(billedActions(await historyOf(workflowId))).toBe(billedActions(await historyOf(other)))
})

test('what is not staged is not published', async () => {
  const failed = [{ index: 0, partnerId: 'dealer-7', reasons: ['warehouse_invalid_currency'] }]
  const { activities, calls } = fakes({
    ...changesOn,
    stageEvents: async () => ({ ...staged, failed }),
  })
  await run(activities)
  expect(calls('publishOrderChanges').map(([, of]) => of)).toMatchObject([{ skip: [1, 2, 0] }])
  const rejected = [...verdict.rejected, ...failed]
  const nothing = { received: 4, accepted: 0, rejected, duplicates: [2, 3] }
  const none = fakes({
    validateEvents: async () => ({ ...nothing, publishesChanges: true as const }),
  })
  await run(none.activities)
  expect(none.calls('publishOrderChanges')).toEqual([])
})

test('a batch whose change events wait is activated and dead-lettered meanwhile, says what it waits for, and is not counted as open', async () => {
  const batchId = `batch-${randomUUID()}`
  const isRunning = `WorkflowId = '${batchId}' AND ExecutionStatus = 'Running'`
  const count = async (query: string) => (await client().workflow.count(query)).count
  let isBack = false
  const refused = [{ index: 3, partnerId: 'dealer-7', reasons: ['segment_refused'] }]
  const { activities, calls } = fakes({
    ...changesOn,
    activateEvents: async () => ({ ...activated, failed: refused }),
    publishOrderChanges: async () => {
      if (isBack) return NO_CHANGES
      throw ApplicationFailure.create({ type: 'pubsub_unavailable', nextRetryDelay: 100 })
    },
  })
  const running = run(activities, BATCH, batchId)
  const waits = `${isRunning} AND Stage = 'change_events'`
  await waitFor(async () => (await count(waits)) === 1, 'the batch to say it waits')
  expect(await count(`${isRunning} AND Stage IS NULL`)).toBe(0)
  await waitFor(() => calls('openDeadLetters').length === 2, 'both dead letters')
  expect(calls('activateEvents')).toHaveLength(1)
  isBack = true
  expect(await running).toMatchObject({ activated: 2, undeliverable: 1 })
})

test('a defect in publishing fails the batch once everything else of it is done, and the failure says that only publishing failed', async () => {
  const { activities, calls } = fakes({
    ...changesOn,
    publishOrderChanges: async () => {
      throw failure('warehouse_request', 'a defect')
    },
  })
  const failed: unknown = await run(activities).catch((error: unknown) => error)
  expect(failed).toMatchObject({
    cause: { type: 'change_events_unpublished', cause: { cause: { type: 'warehouse_request' } } },
  })
  expect(calls('activateEvents')).toHaveLength(1)
  expect(calls('openDeadLetters')).toHaveLength(1)
})

test('a failure that says when to come back is retried then, not before', async () => {
  const attempts: number[] = []
  const { activities } = fakes({
    activateEvents: async () => {
      attempts.push(Date.now())
      const throttled = { status: 429, retryAfterSeconds: 2, message: 'slow down' }
      if (attempts.length === 1) throw failure('segment_throttled', 'slow down', throttled)
      return activated
    },
  })
  await run(activities)
  const [first = 0, second = 0, ...more] = attempts
  expect(more).toEqual([])
  // The policy alone would come back after a second.
  expect(second - first).toBeGreaterThanOrEqual(1_900)
})

test('the good path is local activities in one workflow task and the activity of activation: three billed actions', async () => {
  const { activities } = fakes()
  const workflowId = `batch-${randomUUID()}`
  await run(activities, BATCH, workflowId)
  const history = await client().workflow.getHandle(workflowId).fetchHistory()
  const types = (history.events ?? []).map(({ eventType }) => EventType[eventType ?? 0])
  expect(types).toEqual([
    'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
    'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED',
    'EVENT_TYPE_WORKFLOW_TASK_STARTED',
    'EVENT_TYPE_WORKFLOW_TASK_COMPLETED',
    ...Array.from({ length: 3 }, () => 'EVENT_TYPE_MARKER_RECORDED'),
    'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED',
    'EVENT_TYPE_ACTIVITY_TASK_STARTED',
    'EVENT_TYPE_ACTIVITY_TASK_COMPLETED',
    'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED',
    'EVENT_TYPE_WORKFLOW_TASK_STARTED',
    'EVENT_TYPE_WORKFLOW_TASK_COMPLETED',
    'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED',
  ])
  expect(billedActions(history)).toBe(3)
})

test('a step that fails as a local activity becomes an ordinary activity that shows in the history', async () => {
  let attempts = 0
  const { activities } = fakes({
    stageEvents: async () => {
      attempts++
      if (attempts === 1) throw failure('warehouse_unavailable', 'down for a moment')
      return staged
    },
  })
  const workflowId = `batch-${randomUUID()}`
  await run(activities, BATCH, workflowId)
  const { events } = await client().workflow.getHandle(workflowId).fetchHistory()
  const scheduled = (events ?? []).flatMap(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
  )
  expect(scheduled).toEqual(['stageEvents', 'activateEvents'])
})

test.each([
  ['validateEvents', 'warehouse_request'],
  ['stageEvents', 'warehouse_request'],
  ['writeAuditLog', 'warehouse_request'],
  ['writeLedger', 'warehouse_request'],
] as const)(
  'a bug in %s fails the workflow, as %s, as soon as an ordinary attempt shows it',
  async (name, type) => {
    const isOfLedger = name === 'writeLedger'
    const nothing = { received: 4, accepted: 0, rejected: [], duplicates: [0, 1, 2, 3] }
    const { activities, calls } = fakes({
      ...(isOfLedger && { validateEvents: async () => nothing }),
      [name]: async () => {
        throw failure(type, 'a defect')
      },
    })
    expect(await failureOf(run(activities))).toMatchObject({
      type,
      message: 'a defect',
      nonRetryable: true,
    })
    expect(calls(name)).toHaveLength(2)
  },
)

test('a bug in activation fails the workflow with the first attempt', async () => {
  const { activities, calls } = fakes({
    activateEvents: async () => {
      throw failure('warehouse_request', 'a defect')
    },
  })
  const cause = { type: 'warehouse_request', message: 'a defect', nonRetryable: true }
  expect(await failureOf(run(activities))).toMatchObject(cause)
  expect(calls('activateEvents')).toHaveLength(1)
})

test('the audit log is written whatever becomes of staging', async () => {
  let audits = 0
  const { activities } = fakes({
    stageEvents: async () => {
      throw failure('warehouse_request', 'a defect')
    },
    writeAuditLog: async () => {
      audits++
      if (audits <= 2) throw failure('warehouse_unavailable', 'not yet')
    },
  })
  expect(await failureOf(run(activities))).toMatchObject({ message: 'a defect' })
  expect(audits).toBe(3)
})

const RECEIPT: Receipt = {
  digest: 'd',
  days: [{ oldest: '2026-11-20T10:00:00.000000Z', messages: 200 }],
}

test('the receipt of the bridge goes to the audit log apart from the batch', async () => {
  const { activities, calls } = fakes()
  await run(activities, BATCH, undefined, { memo: { receipt: RECEIPT } })
  expect(calls('writeAuditLog').map(([, , , receipt]) => receipt)).toEqual([RECEIPT])
})

test('a batch of a bridge without receipts runs as before', async () => {
  const { activities, calls } = fakes()
  await run(activities)
  expect(calls('writeAuditLog').map(([, , , receipt]) => receipt)).toEqual([null])
})

const unreadable = { validateEvents: async () => notRead() }

function notRead(): never {
  throw failure('batch_unreadable', 'The batch payload cannot be read: incorrect header check')
}

test('a batch that cannot be read is kept whole, counted by its receipt, and completes', async () => {
  const { activities, names, calls } = fakes(unreadable)
  const batchId = `batch-${randomUUID()}`
  const summary = await run(activities, BATCH, batchId, { memo: { receipt: RECEIPT } })
  expect(summary).toMatchObject({ received: 200, rejected: 200, accepted: 0 })
  const why = 'The batch payload cannot be read: incorrect header check'
  expect(calls('keepUnreadableBatch')).toEqual([[BATCH, { batchId, receipt: RECEIPT, why }]])
  // Once as a local activity, once as an ordinary one, which no retry follows.
  expect(names()).toEqual(['validateEvents', 'validateEvents', 'keepUnreadableBatch'])
})

test('an unreadable batch of an older bridge is counted by its search attributes', async () => {
  const { activities, calls } = fakes(unreadable)
  const oldest = '2026-11-18T23:59:59.000Z'
  const typedSearchAttributes = [
    { key: defineSearchAttributeKey('EventCount', SearchAttributeType.INT), value: 17 },
    {
      key: defineSearchAttributeKey('OldestEventAt', SearchAttributeType.DATETIME),
      value: new Date(oldest),
    },
  ]
  expect(await run(activities, BATCH, undefined, { typedSearchAttributes })).toMatchObject({
    received: 17,
    rejected: 17,
  })
  expect(calls('keepUnreadableBatch')).toMatchObject([
    [BATCH, { receipt: { digest: null, days: [{ oldest, messages: 17 }] } }],
  ])
})

test('without search attributes it is one message of the day on which it was started', async () => {
  const { activities, calls } = fakes(unreadable)
  const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10)
  const before = dayOf(Date.now())
  expect(await run(activities)).toMatchObject({ received: 1, rejected: 1 })
  const day = expect.stringMatching(new RegExp(`^(${before}|${dayOf(Date.now())})T`))
  expect(calls('keepUnreadableBatch')).toMatchObject([
    [BATCH, { receipt: { digest: null, days: [{ oldest: day, messages: 1 }] } }],
  ])
})

test('a batch that no later step can read is kept too', async () => {
  const { activities } = fakes({ stageEvents: async () => notRead() })
  const told = { memo: { receipt: RECEIPT } }
  expect(await run(activities, BATCH, undefined, told)).toMatchObject({ rejected: 200 })
})
