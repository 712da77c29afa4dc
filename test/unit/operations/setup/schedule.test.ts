// When the schedule of the sweep is made, brought up to date, or left as it is.

import { expect, test } from '@jest/globals'
import { type Client, ScheduleAlreadyRunning, ScheduleNotFoundError } from '@temporalio/client'
import { setUpSchedule } from '#operations/setup/schedule'

const SETUP = { taskQueue: 'queue', everyMinutes: 5 }

const PRESENT = {
  spec: { intervals: [{ every: 300_000 }] },
  action: { workflowType: 'sweep', taskQueue: 'queue' },
}

const DEFINITION = {
  spec: { intervals: [{ every: 300_000 }] },
  action: {
    type: 'startWorkflow',
    workflowType: 'sweep',
    workflowId: 'sweep',
    taskQueue: 'queue',
    args: [],
    workflowRunTimeout: '1 hour',
  },
  policies: { overlap: 'SKIP', catchupWindow: 60_000 },
}

/** @param present what Temporal has; null for nothing */
async function setUp(present: object | null, createError?: Error) {
  const done: unknown[] = []
  const handle = {
    describe: async () => {
      if (present === null) throw new ScheduleNotFoundError('none', 'sweep')
      return present
    },
    update: async (change: (of: object) => object) =>
      void done.push(['update', change({ state: { paused: true } })]),
  }
  const create = async (options: object) => {
    if (createError) throw createError
    done.push(['create', options])
  }
  const client: Client = Object({ schedule: { getHandle: () => handle, create } })
  const { kind, name, did } = await setUpSchedule(client, SETUP)
  expect(kind).toBe('schedule')
  return { did, done, name }
}

test('it is made where it is missing', async () => {
  const { did, done, name } = await setUp(null)
  expect(did).toBe('created')
  expect(done).toEqual([['create', { scheduleId: name, ...DEFINITION }]])
})

test('another set-up may have made it a moment ago', async () => {
  const error = new ScheduleAlreadyRunning('there', 'sweep')
  expect(await setUp(null, error)).toMatchObject({ did: 'unchanged', done: [] })
})

test('it is left as it is where it is as it should be', async () => {
  expect(await setUp(PRESENT)).toMatchObject({ did: 'unchanged', done: [] })
})

test.each([
  ['interval', { spec: { intervals: [{ every: 600_000 }] } }],
  ['lack of an interval', { spec: {} }],
  ['workflow', { action: { ...PRESENT.action, workflowType: 'other' } }],
  ['task queue', { action: { ...PRESENT.action, taskQueue: 'other' } }],
])('another %s is corrected, and a pause stays', async (_, own) => {
  const { did, done } = await setUp({ ...PRESENT, ...own })
  expect(did).toBe('updated')
  expect(done).toEqual([['update', { ...DEFINITION, state: { paused: true } }]])
})
