// Records what a person did with a dead letter, and the result.

import { activityInfo } from '@temporalio/activity'
import type { Resolution } from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics/groups'
import type { Row, Warehouse } from '#warehouse/warehouse'
import { appendAll } from './append-all.ts'

export type FinishedResolution = Resolution & {
  /** The number of events that failed again and stay open. */
  readonly failed: number
}

/**
 * Idempotent within the run. Where no event failed again, the row closes the events of the resolution.
 * @throws ApplicationFailure of the registry; also where BigQuery refuses the row, because the pipeline itself makes it
 */
export function createRecordResolution(warehouse: Warehouse, metrics: ActivityMetrics) {
  return async function recordHandling(id: string, resolution: FinishedResolution): Promise<void> {
    const runId = activityInfo().workflowExecution?.runId ?? ''
    await appendAll({ warehouse, metrics }, 'dead_letter_log', [toRow(id, runId, resolution)])
  }
}

function toRow(id: string, runId: string, resolution: FinishedResolution): Row {
  return {
    key: [id, runId],
    columns: {
      dead_letter_id: id,
      action: resolution.action,
      attempt: resolution.attempt,
      outcome: resolution.failed > 0 ? 'failed' : 'closed',
      actor: resolution.actor,
      reason: resolution.reason,
      patch: resolution.patch,
      events: resolution.events,
      message_ids: resolution.limitedTo?.messageIds ?? [],
      failed: resolution.failed,
      run_id: runId,
      occurred_at: resolution.occurredAt,
    },
  }
}
