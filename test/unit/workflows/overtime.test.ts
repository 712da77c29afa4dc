// Which failures mean that no worker can finish a step, and what a step does after a failure.

import { expect, test } from '@jest/globals'
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  TimeoutFailure,
  type TimeoutType,
} from '@temporalio/common'
import { localFirst } from '../../../workflows/local-first.ts'
import { isOvertime, isStuck, suspectOf } from '../../../workflows/overtime.ts'
import { unreadIfNeeded } from '../../../workflows/unread.ts'

/** As an ordinary activity fails; a local one fails with the cause. */
const failed = (cause: Error) =>
  new ActivityFailure('failed', 'stageEvents', '1', 'MAXIMUM_ATTEMPTS_REACHED', 'worker', cause)
const timedOut = (type: TimeoutType) => new TimeoutFailure('timed out', undefined, type)
const stuckAt = (...details: readonly unknown[]) =>
  ApplicationFailure.create({ type: 'batch_overtime', details: [...details] })
const UNAVAILABLE = ApplicationFailure.create({ type: 'warehouse_unavailable' })
const CANCELLED = new CancelledFailure('cancelled')

test.each<[what: string, error: unknown, isStuck: boolean, isOvertime: boolean]>([
  ['a local activity whose thread was blocked', stuckAt(), true, true],
  ['an activity whose thread was blocked', failed(stuckAt()), true, true],
  ['an activity that did not end in time', failed(timedOut('START_TO_CLOSE')), false, true],
  ['a worker that died', failed(timedOut('HEARTBEAT')), false, false],
  ['an activity that was given no slot', failed(timedOut('SCHEDULE_TO_START')), false, false],
  ['a week without success', failed(timedOut('SCHEDULE_TO_CLOSE')), false, false],
  ['a local activity that did not end in time', timedOut('START_TO_CLOSE'), false, false],
  ['a service that is unavailable', failed(UNAVAILABLE), false, false],
  ['a defect of the workflow', new TypeError('batch_overtime'), false, false],
])('%s', (_what, error, stuck, overtime) => {
  expect([isStuck(error), isOvertime(error)]).toEqual([stuck, overtime])
})

test.each<[details: readonly unknown[], suspect: number | null]>([
  [[{ suspect: 0 }], 0],
  [[{ suspect: 41 }, { suspect: 7 }], 41],
  [[{ suspect: null }], null],
  [[{ suspect: '41' }], null],
  [[41], null],
  [[null], null],
  [[], null],
])('of the details %j the suspect is %p', (details, suspect) => {
  expect(suspectOf(stuckAt(...details))).toBe(suspect)
  expect(suspectOf(failed(stuckAt(...details)))).toBe(suspect)
})

test('a time-out has no suspect', () => {
  expect(suspectOf(failed(timedOut('START_TO_CLOSE')))).toBeNull()
})

/** A step whose local activity fails with this error, or succeeds, and what was called of it. */
async function runLocally(fault: Error | null) {
  const called: string[] = []
  const step = localFirst(
    async (batch: string) => {
      called.push(`local ${batch}`)
      if (fault) throw fault
      return 'done'
    },
    async (batch: string) => {
      called.push(`durable ${batch}`)
      return 'done later'
    },
  )
  const end = await step('b').catch((thrown: unknown) => thrown)
  return { end, called }
}

test('a step that succeeds as a local activity is no other one', async () => {
  expect(await runLocally(null)).toEqual({ end: 'done', called: ['local b'] })
})

test.each([
  ['fails', UNAVAILABLE],
  ['does not end in time', timedOut('START_TO_CLOSE')],
])('a step that %s as a local activity is run as an ordinary one', async (_what, error) => {
  expect(await runLocally(error)).toEqual({ end: 'done later', called: ['local b', 'durable b'] })
})

test.each([
  ['blocked its thread', stuckAt()],
  ['was cancelled', CANCELLED],
])('a step that %s is not run again', async (_what, error) => {
  expect(await runLocally(error)).toEqual({ end: error, called: ['local b'] })
})

test.each<[what: string, error: Error | null, called: readonly boolean[]]>([
  ['that ends is run once', null, [false]],
  ['that a worker cannot finish is run again unread', failed(stuckAt()), [false, true]],
  [
    'that does not end in time is run again unread',
    failed(timedOut('START_TO_CLOSE')),
    [false, true],
  ],
  ['that fails otherwise is not run again', failed(UNAVAILABLE), [false]],
])('a step %s', async (_what, error, called) => {
  const runs: boolean[] = []
  const end = await unreadIfNeeded(async (isUnread) => {
    runs.push(isUnread)
    if (error && !isUnread) throw error
    return 'done'
  }).catch((thrown: unknown) => thrown)
  expect(runs).toEqual(called)
  expect(end).toBe(error && called.length === 1 ? error : 'done')
})
