// The run that resolves a dead letter: how it is started, what it is given, and when none is started.

import { expect, test } from '@jest/globals'
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client'
import { decodeBatch } from '#contracts/batch-payload'
import { unchanged } from '#operations/dead-letters/edit'
import type { OpenLetter } from '#operations/dead-letters/open-letters'
import { planRedrive } from '#operations/dead-letters/plan'
import { type Order, startResolution } from '#operations/dead-letters/start-resolution'
import { storedEvent } from '../../../support/stored-event.ts'

const ID = 'dead-letter/batch-1/dealer-7-00000000/validation'
const EVENTS = ['m1', 'm2'].map((message_id) => storedEvent({ message_id, stage: 'activation' }))
const LETTER: OpenLetter = { id: ID, attempts: 2, events: EVENTS }
const OTHERS = [storedEvent({ message_id: 'm3', stage: 'activation', partner_id: 'dealer-8' })]

type World = {
  /** The latest run in Temporal; absent where it has forgotten all of them. */
  readonly last?: { readonly status: string; readonly attempt: number }
  /** How often the table says now that the dead letter was resolved. */
  readonly attemptsNow?: number
  readonly startError?: Error
  readonly action?: Order['action']
}

type Started = {
  readonly workflowId: string
  readonly args: readonly [letter: object, resolution: object, batch?: Uint8Array]
}

function worldOf({ last, attemptsNow = 2, startError, action = 'redrive' }: World) {
  const started: Started[] = []
  const published: string[][] = []
  const client: Client = Object({
    workflow: {
      getHandle: () => ({
        describe: async () => {
          if (!last) throw new WorkflowNotFoundError('none', ID, undefined)
          const { status, attempt } = last
          return { runId: 'run-before', memo: { attempt }, status: { name: status } }
        },
      }),
      start: async (_type: string, options: Started) => {
        if (startError) throw startError
        started.push(options)
        return { firstExecutionRunId: 'run-new', result: async () => undefined }
      },
    },
  })
  const order: Order = {
    client,
    taskQueue: 'queue',
    action,
    actor: 'ann',
    reason: 'fixed',
    attemptsOf: async () => attemptsNow,
    ...(action === 'republish' && {
      republish: async (_letter, messages) => {
        published.push(messages.map(({ messageId }) => messageId))
      },
    }),
  }
  return { order, started, published }
}

const NOW = new Date('2026-11-20T10:00:00Z')
const planOf = (letter: OpenLetter) => planRedrive(letter, unchanged, NOW)

test('a redrive is another run of the failed one, behind live traffic, and carries the events', async () => {
  const { order, started } = worldOf({ last: { status: 'FAILED', attempt: 2 } })
  const { run, finished } = await startResolution(order, LETTER, planOf(LETTER))
  expect(run).toEqual({ workflowId: ID, runId: 'run-new' })
  expect(await finished).toEqual({ id: ID, events: 2, failed: [], outcome: 'closed' })
  const [options] = started
  expect(options).toMatchObject({
    workflowId: ID,
    taskQueue: 'queue',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
    workflowIdConflictPolicy: 'FAIL',
    // Temporal's default is 3, and 5 the last.
    priority: { priorityKey: 4 },
    memo: { attempt: 3 },
    staticSummary: 'redrive 3 of 2 events of dealer-7 at activation',
  })
  const [letter, resolution, batch = new Uint8Array()] = options?.args ?? [{}, {}]
  expect(letter).toMatchObject({ partnerId: 'dealer-7', stage: 'activation' })
  expect(resolution).toMatchObject({
    action: 'redrive',
    events: 2,
    attempt: 3,
    actor: 'ann',
    reason: 'fixed',
    patch: null,
    previousRunId: 'run-before',
    staged: [0, 1],
  })
  expect(resolution).not.toHaveProperty('limitedTo')
  expect(resolution).not.toHaveProperty('isUnaudited')
  expect(decodeBatch(batch).map(({ messageId }) => messageId)).toEqual(['m1', 'm2'])
})

test('where Temporal has forgotten the dead letter, the table says how often it was resolved', async () => {
  const { order, started } = worldOf({})
  await startResolution(order, LETTER, planOf(LETTER))
  expect(started[0]?.args[1]).toMatchObject({ attempt: 3, previousRunId: null })
})

test('a run that wrote nothing to the table counts as an attempt', async () => {
  const { order, started } = worldOf({ last: { status: 'TERMINATED', attempt: 5 } })
  await startResolution(order, LETTER, planOf(LETTER))
  expect(started[0]?.args[1]).toMatchObject({ attempt: 6 })
})

test('one that another run resolved meanwhile is left alone', async () => {
  const { order, started } = worldOf({ last: { status: 'FAILED', attempt: 3 }, attemptsNow: 3 })
  const { run, finished } = await startResolution(order, LETTER, planOf(LETTER))
  expect(run).toBeUndefined()
  expect(await finished).toMatchObject({ outcome: 'gone', isClosed: false, events: 2 })
  expect(started).toEqual([])
})

const ALREADY = new WorkflowExecutionAlreadyStartedError('there', ID, 'deadLetter')

test.each([
  ['RUNNING', { outcome: 'busy' }],
  ['COMPLETED', { outcome: 'gone', isClosed: true }],
])('where Temporal has a run that is %s, none is started: %j', async (status, outcome) => {
  const { order } = worldOf({ last: { status, attempt: 2 }, startError: ALREADY })
  const { run, finished } = await startResolution(order, LETTER, planOf(LETTER))
  expect(run).toBeUndefined()
  expect(await finished).toEqual({ id: ID, events: 2, failed: [], ...outcome })
})

test('any other error of a start is thrown', async () => {
  const { order } = worldOf({ startError: new Error('refused') })
  await expect(startResolution(order, LETTER, planOf(LETTER))).rejects.toThrow('refused')
})

test('a discard carries no events', async () => {
  const { order, started } = worldOf({ action: 'discard' })
  await startResolution(order, LETTER, null)
  expect(started[0]?.args).toHaveLength(2)
  expect(started[0]?.args[1]).toMatchObject({
    action: 'discard',
    events: 2,
    staged: [],
    patch: null,
  })
})

test('a republish publishes before it closes, and nothing where a run is under way', async () => {
  const free = worldOf({ action: 'republish' })
  await startResolution(free.order, LETTER, planOf(LETTER))
  expect(free.published).toEqual([['m1', 'm2']])
  expect(free.started[0]?.args).toHaveLength(2)
  const last = { status: 'RUNNING', attempt: 2 }
  const busy = worldOf({ action: 'republish', last, startError: ALREADY })
  const { finished } = await startResolution(busy.order, LETTER, planOf(LETTER))
  expect(await finished).toMatchObject({ outcome: 'busy' })
  expect(busy.published).toEqual([])
})

test('a dead letter that is resolved in part is limited to that part, and shows all of it', async () => {
  const { order, started } = worldOf({})
  const letter = { ...LETTER, others: OTHERS }
  await startResolution(order, letter, planOf(letter))
  expect(started[0]?.args[1]).toMatchObject({
    events: 2,
    limitedTo: { messageIds: ['m1', 'm2'], others: expect.anything() },
  })
  expect(started[0]).toMatchObject({
    staticSummary: 'redrive 3 of 2 events of dealer-7 at activation',
  })
})
