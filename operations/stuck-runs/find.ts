// Finds the runs that are Running and make no progress.

import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { temporal } from '@temporalio/proto'
import pLimit from 'p-limit'
import { type QueueLimit, type RunId, WORKFLOW } from '#contracts'
import { readQueueLimit } from '#runtime/activation-queue'
import { wallClockMs } from '#runtime/clock'
import {
  diagnoseActivity,
  diagnoseWorkflowTask,
  type Patience,
  type Step,
  type Stuck,
  underLimit,
} from './diagnose.ts'

type HistoryEvent = temporal.api.history.v1.IHistoryEvent
type Activity = temporal.api.workflow.v1.IPendingActivityInfo

export type Search = Patience & {
  /** Runs to look at, at most. */
  readonly limit: number
}

export type Found = {
  readonly stuck: readonly Stuck[]
  /** Runs that are Running for longer than a run should. Events that wait for their purchase or their time are none. */
  readonly slow: number
  /** Those of them that were looked at. */
  readonly looked: number
}

const AT_ONCE = 8

/** The oldest waits longest: it is the first of `stuck`. */
export async function findStuck(client: Client, search: Search): Promise<Found> {
  const [own, later] = await Promise.all([
    lookAt(client, [WORKFLOW.processBatch, WORKFLOW.deadLetter], search),
    lookAt(client, [WORKFLOW.activateLater], search),
  ])
  const stuck = [...own.stuck, ...later.stuck].toSorted((a, b) => (a.since < b.since ? -1 : 1))
  // Such a run may wait for weeks, and is slow only where a step of it is stuck.
  const waiting = later.looked - new Set(later.stuck.map(({ run_id }) => run_id)).size
  return {
    stuck,
    slow: own.slow + later.slow - waiting,
    looked: own.looked + later.looked - waiting,
  }
}

async function lookAt(client: Client, types: readonly string[], search: Search): Promise<Found> {
  const before = new Date(wallClockMs() - search.waitMs).toISOString()
  const names = types.map((type) => `'${type}'`).join(', ')
  const query = `WorkflowType IN (${names}) AND ExecutionStatus = 'Running' AND StartTime < '${before}'`
  const { count: slow } = await client.workflow.count(query)
  const runs: (RunId & { readonly type: string })[] = []
  for await (const { workflowId, runId, type } of client.workflow.list({ query })) {
    if (runs.length === search.limit) break
    runs.push({ workflowId, runId, type })
  }
  const limit = pLimit(AT_ONCE)
  const limitOf = createLimitReader(client)
  const found = await Promise.all(
    runs.map(({ type, ...run }) =>
      limit(async () => {
        const steps = await stuckSteps(client, run, search, limitOf)
        return steps.map((step) => ({ id: run.workflowId, run_id: run.runId, type, ...step }))
      }),
    ),
  )
  return { stuck: found.flat(), slow: Math.max(slow, runs.length), looked: runs.length }
}

/** The steps of a run that make no progress: none where it is on its way, or has ended. */
export async function stuckSteps(
  client: Client,
  run: RunId,
  patience: Patience,
  limitOf = createLimitReader(client),
): Promise<Step[]> {
  const raw = await describe(client, run)
  const now = wallClockMs()
  let reading: Promise<readonly HistoryEvent[]> | undefined
  const events = () => (reading ??= lastEvents(client, run))
  const diagnosed = await Promise.all(
    (raw?.pendingActivities ?? []).map(async (activity) => {
      const step = diagnoseActivity(activity, patience, now)
      if (step === null) return null
      const since = (await scheduledAt(activity, events)) ?? step.since
      const found = { ...step, since }
      const queue = activity.activityOptions?.taskQueue?.name
      return step.problem === 'no_worker' && queue ? underLimit(found, await limitOf(queue)) : found
    }),
  )
  const activities = diagnosed.filter((step) => step !== null)
  const task = raw?.pendingWorkflowTask
  if (!task) return activities
  // How the task that is tried again and again ended first: failed, or timed out.
  const ended = (task.attempt ?? 1) > 1 ? (await events()).find(isTaskEnd) : undefined
  const step = diagnoseWorkflowTask(task, ended ?? null, patience, now)
  return step ? [...activities, step] : activities
}

/** Asks Temporal once for each task queue. */
function createLimitReader(client: Client): (queue: string) => Promise<QueueLimit> {
  const limits = new Map<string, Promise<QueueLimit>>()
  return (queue) => {
    const limit = limits.get(queue) ?? readQueueLimit(client, queue)
    limits.set(queue, limit)
    return limit
  }
}

/** @returns null where it has ended since it was listed */
async function describe(client: Client, { workflowId, runId }: RunId) {
  try {
    const { raw, status } = await client.workflow.getHandle(workflowId, runId).describe()
    return status.name === 'RUNNING' ? raw : null
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}

/**
 * When the activity was to be done first, RFC 3339, where it has no limit of time: with one, what Temporal says of the activity
 * tells the same.
 */
async function scheduledAt(
  { activityId, expirationTime }: Activity,
  events: () => Promise<readonly HistoryEvent[]>,
): Promise<string | null> {
  if (Number(expirationTime?.seconds ?? 0) > 0) return null
  const scheduled = (await events()).find(
    (event) => event.activityTaskScheduledEventAttributes?.activityId === activityId,
  )
  const seconds = Number(scheduled?.eventTime?.seconds ?? 0)
  return seconds > 0 ? new Date(seconds * 1000).toISOString() : null
}

/** What is looked for is a few events from the end of the history. */
const LAST_EVENTS = 20

async function lastEvents(client: Client, run: RunId): Promise<readonly HistoryEvent[]> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: run,
    maximumPageSize: LAST_EVENTS,
  })
  return history?.events ?? []
}

const isTaskEnd = (event: HistoryEvent) =>
  event.workflowTaskFailedEventAttributes ?? event.workflowTaskTimedOutEventAttributes
