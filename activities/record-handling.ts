// Keeps what a person did with a dead letter, and what came of it.

import { activityInfo } from '@temporalio/activity'
import type { Handling } from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics'
import type { Row, Warehouse } from '#warehouse/warehouse'
import { appendAll } from './append-all.ts'

export type FinishedHandling = Handling & {
  /** Events that failed again: they are open. */
  readonly failed: number
}

/**
 * Idempotent within the run. The row closes what the action took where nothing of it failed again.
 * @throws ApplicationFailure of the registry; also where BigQuery refuses the row, since it is all ours
 */
export function createRecordHandling(warehouse: Warehouse, metrics: ActivityMetrics) {
  return async function recordHandling(id: string, handling: FinishedHandling): Promise<void> {
    const runId = activityInfo().workflowExecution?.runId ?? ''
    await appendAll({ warehouse, metrics }, 'dead_letter_log', [toRow(id, runId, handling)])
  }
}

function toRow(id: string, runId: string, handling: FinishedHandling): Row {
  return {
    key: [id, runId],
    columns: {
      dead_letter_id: id,
      action: handling.action,
      attempt: handling.attempt,
      outcome: handling.failed > 0 ? 'failed' : 'closed',
      actor: handling.actor,
      reason: handling.reason,
      patch: handling.patch,
      events: handling.events,
      message_ids: handling.limitedTo?.messageIds ?? [],
      failed: handling.failed,
      run_id: runId,
      occurred_at: handling.occurredAt,
    },
  }
}
