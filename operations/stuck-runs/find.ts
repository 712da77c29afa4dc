// Finds the runs that are Running and make no progress.

import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { temporal } from '@temporalio/proto'
import pLimit from 'p-limit'
import { type RunId, WORKFLOW } from '#contracts'
import { wallClockMs } from '#runtime/clock'
import {
  diagnoseActivity,
  diagnoseWorkflowTask,
  type Patience,
  type Step,
  type Stuck,
} from './diagnose.ts'

type HistoryEvent = temporal.api.history.v1.IHistoryEvent

export type Search = Patience & {
  /** Runs to look at, at most. */
  readonly limit: number
}

export type Found = {
  readonly stuck: readonly Stuck[]
  /** Runs that are Running for longer than a run should. */
  readonly slow: number
  /** Those of them that were looked at. */
  readonly looked: number
}

const AT_ONCE = 8

/** The oldest waits longest: it is the first of `stuck`. */
export async function findStuck(client: Client, search: Search): Promise<Found> {
  const before = new Date(wallClockMs() - search.waitMs).toISOString()
  const query = `WorkflowType IN ('${WORKFLOW.processBatch}', '${WORKFLOW.deadLetter}') AND ExecutionStatus = 'Running' AND StartTime < '${before}'`
  const { count: slow } = await client.workflow.count(query)
  const runs: (RunId & { readonly type: string })[] = []
  for await (const { workflowId, runId, type } of client.workflow.list({ query })) {
    if (runs.length === search.limit) break
    runs.push({ workflowId, runId, type })
  }
  const limit = pLimit(AT_ONCE)
  const found = await Promise.all(
    runs.map(({ type, ...run }) =>
      limit(async () => {
        const steps = await stuckSteps(client, run, search)
        return steps.map((step) => ({ id: run.workflowId, run_id: run.runId, type, ...step }))
      }),
    ),
  )
  const stuck = found.flat().toSorted((a, b) => (a.since < b.since ? -1 : 1))
  return { stuck, slow: Math.max(slow, runs.length), looked: runs.length }
}

/** The steps of a run that make no progress: none where it is on its way, or has ended. */
export async function stuckSteps(client: Client, run: RunId, patience: Patience): Promise<Step[]> {
  const raw = await describe(client, run)
  const now = wallClockMs()
  const activities = (raw?.pendingActivities ?? []).flatMap(
    (activity) => diagnoseActivity(activity, patience, now) ?? [],
  )
  const task = raw?.pendingWorkflowTask
  if (!task) return activities
  const ended = (task.attempt ?? 1) > 1 ? await firstTaskEnd(client, run) : null
  const step = diagnoseWorkflowTask(task, ended, patience, now)
  return step ? [...activities, step] : activities
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

/** The event is a few events from the end of the history. */
const LAST_EVENTS = 10

/** How the task that is tried again and again ended first: failed, or timed out. */
async function firstTaskEnd(client: Client, run: RunId): Promise<HistoryEvent | null> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: run,
    maximumPageSize: LAST_EVENTS,
  })
  return history?.events?.find(isTaskEnd) ?? null
}

const isTaskEnd = (event: HistoryEvent) =>
  event.workflowTaskFailedEventAttributes ?? event.workflowTaskTimedOutEventAttributes
