// When an activity that is tried again and again counts as stuck, and since when.

import { expect, test } from '@jest/globals'
import proto from '@temporalio/proto'
import { diagnoseActivity, diagnoseWorkflowTask } from '#operations/stuck-runs/diagnose'

const { PendingActivityState, PendingWorkflowTaskState, WorkflowTaskFailedCause } =
  proto.temporal.api.enums.v1
const SCHEDULED = PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
const STARTED = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED

type Activity = Parameters<typeof diagnoseActivity>[0]
type Task = Parameters<typeof diagnoseWorkflowTask>[0]
type Ended = Parameters<typeof diagnoseWorkflowTask>[1]

const NOW = Date.parse('2026-11-20T10:00:00Z')
const PATIENCE = { attempts: 5, waitMs: 60_000 }
const at = (secondsAgo: number) => Object({ seconds: NOW / 1000 - secondsAgo, nanos: 0 })
const isoAt = (secondsAgo: number) => new Date(NOW - secondsAgo * 1000).toISOString()

const failureOf = (type: string) => ({ message: 'why', applicationFailureInfo: { type } })

const diagnose = (own: Activity) =>
  diagnoseActivity(
    {
      activityId: '7',
      activityType: { name: 'stageEvents' },
      state: SCHEDULED,
      attempt: 1,
      scheduledTime: at(10),
      ...own,
    },
    PATIENCE,
    NOW,
  )

const UNAVAILABLE = failureOf('warehouse_unavailable')

test.each([
  ['a first attempt that fails', { attempt: 1, lastFailure: UNAVAILABLE }, null],
  ['as many as may fail', { attempt: 5, lastFailure: UNAVAILABLE }, null],
  ['one more', { attempt: 6, lastFailure: UNAVAILABLE }, 'warehouse_unavailable'],
  ['a set-up', { attempt: 1, lastFailure: failureOf('warehouse_setup') }, 'warehouse_setup'],
  ['a key', { lastFailure: { message: 'PAYLOAD_KEYS does not have it' } }, 'missing_key'],
  ['a time-out', { attempt: 6, lastFailure: { timeoutFailureInfo: {} } }, 'worker_lost'],
  ['something else', { attempt: 6, lastFailure: failureOf('TypeError') }, 'unexpected'],
  ['a person who paused it', { paused: true }, 'paused'],
  ['a wait of a minute', { scheduledTime: at(60) }, null],
  ['a longer wait', { scheduledTime: at(61) }, 'no_worker'],
  ['a long attempt', { state: STARTED, scheduledTime: at(600) }, null],
])('%s', (_, own: Activity, problem) => {
  expect(diagnose(own)?.problem ?? null).toBe(problem)
})

test('a stuck activity says since when, what is next, and what it can be hurried by', () => {
  const waiting: Activity = {
    attempt: 9,
    lastFailure: { ...UNAVAILABLE, message: 'said jane.doe@example.com\n  at x' },
    nextAttemptScheduleTime: at(-30),
    expirationTime: at(-3_600),
    activityOptions: { scheduleToCloseTimeout: Object({ seconds: 7_200 }) },
  }
  expect(diagnose(waiting)).toEqual({
    step: 'stageEvents',
    since: isoAt(3_600),
    attempt: 9,
    next_try_at: isoAt(-30),
    gives_up_at: isoAt(-3_600),
    problem: 'warehouse_unavailable',
    message: expect.not.stringMatching(/jane|at x/),
    waiting_activity_id: '7',
  })
  const running = diagnose({ ...waiting, state: STARTED })
  expect(running).toMatchObject({ next_try_at: null, waiting_activity_id: null })
  expect(diagnose({ ...waiting, paused: true })).toMatchObject({ waiting_activity_id: null })
  const unlimited: Activity = { ...waiting, expirationTime: null, lastStartedTime: at(90) }
  expect(diagnose(unlimited)).toMatchObject({ since: isoAt(90), gives_up_at: null })
})

const TASK: Task = {
  attempt: 1,
  scheduledTime: at(10),
  state: PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED,
}

const failedBy = (own: object): Ended =>
  Object({ eventTime: at(40), workflowTaskFailedEventAttributes: own })

const OTHER_CODE = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR

test.each([
  ['on its way', TASK, null, null],
  ['that no worker takes', { ...TASK, scheduledTime: at(61) }, null, 'no_worker'],
  ['that timed out', { ...TASK, attempt: 2 }, null, 'worker_lost'],
  ['of other code', { ...TASK, attempt: 2 }, failedBy({ cause: OTHER_CODE }), 'other_code'],
  ['that throws', { ...TASK, attempt: 2 }, failedBy({}), 'workflow_defect'],
  [
    'without its key',
    { ...TASK, attempt: 2 },
    failedBy({ failure: { message: 'PAYLOAD_KEYS is not set' } }),
    'missing_key',
  ],
])('a workflow task %s', (_, task: Task, ended: Ended, problem) => {
  const step = diagnoseWorkflowTask(task, ended, PATIENCE, NOW)
  expect(step?.problem ?? null).toBe(problem)
  expect(step?.waiting_activity_id ?? null).toBeNull()
})

test('a stuck workflow task has its attempt, what it says, and nothing to be hurried by', () => {
  const failure = { message: 'a defect of jane.doe@example.com\n  at x' }
  const step = diagnoseWorkflowTask({ ...TASK, attempt: 4 }, failedBy({ failure }), PATIENCE, NOW)
  expect(step).toEqual({
    step: 'workflow task',
    since: isoAt(40),
    attempt: 4,
    next_try_at: null,
    gives_up_at: null,
    problem: 'workflow_defect',
    message: expect.stringMatching(/^a defect of (?!jane)[^\n]*$/),
    waiting_activity_id: null,
  })
})
