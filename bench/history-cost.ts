// What a batch costs in Temporal: the bytes of its history, and the actions it is billed for.

import type { Client } from '@temporalio/client'
import proto from '@temporalio/proto'
import { WORKFLOW } from '#contracts'
import { median } from './statistics.ts'

/** Medians of some batches. */
export type BatchCost = {
  readonly events: number
  readonly historyBytes: number
  readonly actions: number
}

const SAMPLES = 15

const { EventType } = proto.temporal.api.enums.v1

/** The last batches of a task queue; they must have come to their end. */
export async function batchCosts(client: Client, taskQueue: string): Promise<BatchCost> {
  const query = `WorkflowType = '${WORKFLOW.processBatch}' AND TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Completed'`
  const costs: BatchCost[] = []
  for await (const { workflowId, searchAttributes } of client.workflow.list({ query })) {
    const handle = client.workflow.getHandle(workflowId)
    const [history, { raw }] = await Promise.all([handle.fetchHistory(), handle.describe()])
    costs.push({
      events: Number(searchAttributes['EventCount']?.[0] ?? 0),
      historyBytes: Number(raw.workflowExecutionInfo?.historySizeBytes ?? 0),
      actions: billedActions(history),
    })
    if (costs.length >= SAMPLES) break
  }
  return {
    events: median(costs.map(({ events }) => events)),
    historyBytes: median(costs.map(({ historyBytes }) => historyBytes)),
    actions: median(costs.map(({ actions }) => actions)),
  }
}

type History = proto.temporal.api.history.v1.IHistory

/**
 * As Temporal Cloud bills: the start, every activity and each of its retries, every timer and search attribute
 * upsert, and all local activities of one workflow task as one. Source: "Actions" in Temporal Cloud's documentation.
 */
export function billedActions({ events }: History): number {
  const localActivities = new Set<string>()
  let actions = 0
  for (const event of events ?? []) {
    const marker = event.markerRecordedEventAttributes
    if (marker?.markerName === 'core_local_activity')
      localActivities.add(String(marker.workflowTaskCompletedEventId))
    actions += Math.max(0, (event.activityTaskStartedEventAttributes?.attempt ?? 1) - 1)
    if (event.eventType && BILLED.has(event.eventType)) actions++
  }
  return actions + localActivities.size
}

const BILLED: ReadonlySet<proto.temporal.api.enums.v1.EventType> = new Set([
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
  EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
  EventType.EVENT_TYPE_TIMER_STARTED,
  EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
])
