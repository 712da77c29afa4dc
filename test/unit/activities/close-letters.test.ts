// How an erasure closes the events of a person: each dead letter by one run, numbered after every action before it.

import { expect, test } from '@jest/globals'
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client'
import { RetryState } from '@temporalio/common'
import { createCloseLetters } from '../../../activities/erase/close-letters.ts'
import { attempt } from '../../support/activities.ts'

type LastRun = { readonly status: string; readonly memo?: Readonly<Record<string, unknown>> }

const OPEN = {
  dead_letter_id: 'l',
  batch_id: 'b',
  stage: 'validation',
  partner_id: 'dealer-7',
  type: 'purchase',
  reasons: ['not_json'],
  publish_time: '2026-11-20T10:00:00.000000Z',
}
const own = { ...OPEN, key: 'own', message_id: 'm-own' }
const other = { ...OPEN, key: 'other', message_id: 'm-other' }

async function close(given: {
  readonly open: readonly object[]
  readonly last?: LastRun
  readonly attempts?: number
  readonly result?: () => unknown
  readonly start?: () => void
}) {
  const { open, last, attempts = 0, result = () => null, start = () => {} } = given
  const started: { readonly args: readonly unknown[]; readonly memo: unknown }[] = []
  const client: Client = Object({
    workflow: {
      getHandle: (id: string) => ({
        describe: async () => {
          if (!last) throw new WorkflowNotFoundError('not found', id, undefined)
          return { runId: 'run-1', memo: last.memo, status: { name: last.status } }
        },
      }),
      start: async (_type: string, options: (typeof started)[number]) => {
        start()
        started.push(options)
        return { result: async () => result() }
      },
    },
  })
  const read = Object(async ({ sql }: { sql: string }) =>
    sql.includes('open_dead_letter') ? open : [{ id: 'l', attempts, isOpen: true }],
  )
  const activity = createCloseLetters({ client, read, taskQueue: 'events' })
  const discard = { subject: 's', actor: 'ann', reason: 'r', requestedAt: OPEN.publish_time }
  const traces = { letters: ['l'], keys: ['own'], messageIds: ['m-own', 'm-before'] }
  const closed = await attempt(activity, [discard, Object(traces)])
  return { closed, resolutions: started.map(({ args }) => args[1]), started }
}

test.each([
  ['the table knows of more actions than the run', 4, 2, 5],
  ['the run is of an action that the table does not have yet', 1, 3, 4],
  ['both know of none', 0, undefined, 1],
])('the number of the action is the next one where %s', async (_what, attempts, memo, expected) => {
  const last = { status: 'FAILED', memo: { attempt: memo } }
  const { resolutions, started } = await close({ open: [own], attempts, last })
  expect(resolutions).toMatchObject([{ action: 'discard', attempt: expected, events: 1 }])
  expect(started).toMatchObject([{ memo: { attempt: expected, erasedOf: 's' } }])
})

test('events of others stay open, and the run that leaves them open has closed those of the person', async () => {
  const { closed, resolutions } = await close({
    open: [own, other],
    last: { status: 'FAILED' },
    result: () => {
      throw new WorkflowFailedError('failed', undefined, RetryState.NON_RETRYABLE_FAILURE)
    },
  })
  expect(closed).toEqual({ letters: 1, events: 1, running: 0 })
  expect(resolutions).toMatchObject([
    { events: 1, limitedTo: { messageIds: ['m-own'], others: { events: 1 } } },
  ])
})

test('a dead letter whose last run was of this erasure is not closed again', async () => {
  const last = { status: 'FAILED', memo: { erasedOf: 's' } }
  const { closed, started } = await close({ open: [other], last })
  expect([closed, started]).toEqual([{ letters: 0, events: 0, running: 0 }, []])
})

test('of a dead letter that has events of others only, the run that holds the person is replaced', async () => {
  const last = { status: 'FAILED', memo: { erasedOf: 'another person' } }
  const { closed, resolutions } = await close({ open: [other], last })
  expect(closed).toEqual({ letters: 1, events: 0, running: 0 })
  expect(resolutions).toMatchObject([{ limitedTo: { messageIds: ['m-own', 'm-before'] } }])
})

test.each<[string, Parameters<typeof close>[0]]>([
  ['that is running', { open: [own], last: { status: 'RUNNING' } }],
  [
    'that somebody else has started',
    {
      open: [own],
      start: () => {
        throw new WorkflowExecutionAlreadyStartedError('started', 'l', 'deadLetter')
      },
    },
  ],
])('a dead letter %s is told as running, and is not closed', async (_what, given) => {
  const { closed, started } = await close(given)
  expect([closed, started]).toEqual([{ letters: 0, events: 0, running: 1 }, []])
})

test('a failure of another kind is a failure of the activity', async () => {
  const failed = close({
    open: [own],
    result: () => {
      throw new Error('connect ECONNREFUSED')
    },
  })
  await expect(failed).rejects.toMatchObject({ type: 'temporal_unavailable' })
})
