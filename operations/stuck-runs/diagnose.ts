// Judges from what Temporal says of a run whether it is stuck, at which step, and on what.

import proto, { type temporal } from '@temporalio/proto'
import { FAILURES, maskText, type QueueLimit } from '#contracts'
import { isFailureType, type Problem } from './problems.ts'

type Activity = temporal.api.workflow.v1.IPendingActivityInfo
type Failure = temporal.api.failure.v1.IFailure
type WorkflowTask = temporal.api.workflow.v1.IPendingWorkflowTaskInfo
type HistoryEvent = temporal.api.history.v1.IHistoryEvent
type TaskFailure = temporal.api.history.v1.IWorkflowTaskFailedEventAttributes

/** One step of one run that makes no progress. Times are RFC 3339. */
export type Stuck = {
  readonly id: string
  readonly run_id: string
  readonly type: string
  /** The activity, or `workflow task`. */
  readonly step: string
  /** When the step was first to be done, however often it was tried since. */
  readonly since: string
  readonly attempt: number
  readonly next_try_at: string | null
  /** After this the run fails. */
  readonly gives_up_at: string | null
  readonly problem: Problem
  readonly message: string | null
  /** Of an activity that waits for its next attempt; null where there is nothing to hurry. */
  readonly waiting_activity_id: string | null
}

export type Patience = {
  /** Attempts that are allowed to fail. */
  readonly attempts: number
  readonly waitMs: number
}

export type Step = Omit<Stuck, 'id' | 'run_id' | 'type'>

const { PendingActivityState, PendingWorkflowTaskState, WorkflowTaskFailedCause } =
  proto.temporal.api.enums.v1
const SCHEDULED = PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
const TASK_SCHEDULED = PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED

/** Pure. @returns null where the activity is on its way */
export function diagnoseActivity(activity: Activity, patience: Patience, now: number): Step | null {
  const problem = problemOf(activity, patience, now)
  if (problem === null) return null
  const isWaiting = activity.state === SCHEDULED && Boolean(activity.lastFailure)
  return {
    step: activity.activityType?.name ?? 'unknown',
    since: isoOf(firstScheduled(activity)) ?? '',
    attempt: activity.attempt ?? 1,
    next_try_at: isWaiting ? timeOf(activity.nextAttemptScheduleTime) : null,
    gives_up_at: timeOf(activity.expirationTime),
    problem,
    message: messageOf(activity.lastFailure),
    waiting_activity_id: isWaiting && !activity.paused ? (activity.activityId ?? null) : null,
  }
}

/**
 * Pure.
 * @param step an activity that no worker takes
 * @param limit of the task queue in which it waits
 */
export function underLimit(step: Step, { perSecond, reason }: QueueLimit): Step {
  if (perSecond === null) return step
  return { ...step, problem: 'limited_queue', message: reason === '' ? null : reason }
}

/**
 * Temporal moves the time an activity is scheduled for to its next attempt, but its limit counts from the first.
 * Without a limit, the start of its last attempt is the earliest that is known.
 */
function firstScheduled(activity: Activity): number | null {
  const { activityOptions, expirationTime, lastStartedTime, scheduledTime } = activity
  const [end, limit] = [expirationTime, activityOptions?.scheduleToCloseTimeout].map(msOf)
  return end && limit ? end - limit : (msOf(lastStartedTime) ?? msOf(scheduledTime))
}

function problemOf(activity: Activity, patience: Patience, now: number): Problem | null {
  if (activity.paused) return 'paused'
  const { lastFailure } = activity
  if (!lastFailure) {
    const isWaiting = activity.state === SCHEDULED && isOld(activity.scheduledTime, patience, now)
    return isWaiting ? 'no_worker' : null
  }
  const problem = problemOfFailure(lastFailure)
  return needsPerson(problem) || (activity.attempt ?? 1) > patience.attempts ? problem : null
}

/** More attempts alone fix none of these. */
function needsPerson(problem: Problem): boolean {
  if (isFailureType(problem)) return FAILURES[problem].treatment === 'setup'
  return problem === 'missing_key'
}

function problemOfFailure(failure: Failure): Problem {
  const type = failure.applicationFailureInfo?.type ?? ''
  if (isFailureType(type)) return type
  if (isMissingKey(failure)) return 'missing_key'
  return failure.timeoutFailureInfo ? 'worker_lost' : 'unexpected'
}

/**
 * Pure.
 * @param ended how its first attempt ended, where there was one: repeats of it leave no event
 * @returns null where the task is on its way
 */
export function diagnoseWorkflowTask(
  task: WorkflowTask,
  ended: HistoryEvent | null,
  patience: Patience,
  now: number,
): Step | null {
  const attempt = task.attempt ?? 1
  const isWaiting = task.state === TASK_SCHEDULED && isOld(task.scheduledTime, patience, now)
  if (attempt === 1 && !isWaiting) return null
  const failed = ended?.workflowTaskFailedEventAttributes
  return {
    step: 'workflow task',
    since: timeOf(ended?.eventTime ?? task.scheduledTime) ?? '',
    attempt,
    next_try_at: null,
    gives_up_at: null,
    problem: attempt === 1 ? 'no_worker' : taskProblem(failed),
    message: messageOf(failed?.failure),
    waiting_activity_id: null,
  }
}

const NON_DETERMINISTIC = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR

function taskProblem(failed: TaskFailure | null | undefined): Problem {
  // The task timed out, which has no failure.
  if (!failed) return 'worker_lost'
  if (failed.failure && isMissingKey(failed.failure)) return 'missing_key'
  return failed.cause === NON_DETERMINISTIC ? 'other_code' : 'workflow_defect'
}

/** By the words of runtime/payload-codec.ts: the type of an error is lost where the SDK wraps it. */
const isMissingKey = ({ message }: Failure) => /\bPAYLOAD_KEYS\b/.test(message ?? '')

/** Longer messages are stack traces and the like; the Temporal UI shows them. */
const MAX_MESSAGE = 300

/** Our own failures hold nothing personal; what an unforeseen error quotes is masked. */
function messageOf(failure: Failure | null | undefined): string | null {
  const [line = ''] = (failure?.message ?? '').split('\n')
  return line === '' ? null : maskText(line).slice(0, MAX_MESSAGE)
}

type Timestamp = { readonly seconds?: unknown; readonly nanos?: number | null }

function isOld(since: Timestamp | null | undefined, { waitMs }: Patience, now: number): boolean {
  const ms = msOf(since)
  return ms !== null && now - ms > waitMs
}

const timeOf = (timestamp: Timestamp | null | undefined) => isoOf(msOf(timestamp))

const isoOf = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())

/** Temporal's zero is no time. */
function msOf(timestamp: Timestamp | null | undefined): number | null {
  const seconds = Number(timestamp?.seconds ?? 0)
  return seconds > 0 ? seconds * 1000 + Math.floor((timestamp?.nanos ?? 0) / 1e6) : null
}
