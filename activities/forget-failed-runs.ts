// Deletes the failed runs of a closed dead letter, so that Temporal's list of failed workflows shows only what is open.

import { activityInfo } from '@temporalio/activity'
import type { Client } from '@temporalio/client'
import { deleteRun } from '#runtime/workflow-runs'
import { temporalFailure } from './temporal-failure.ts'

/**
 * Idempotent. The run that calls this is never deleted. The records of the deleted runs stay in `streaming.dead_letter`.
 * @param lastFailed the run that failed last, which Temporal's list may not show yet
 * @throws ApplicationFailure `temporal_unavailable` or `temporal_setup`
 */
export function createForgetFailedRuns(client: Client) {
  return async function forgetFailedRuns(
    workflowId: string,
    lastFailed: string | null,
  ): Promise<void> {
    const own = activityInfo().workflowExecution?.runId
    const runs = new Set(lastFailed === null ? [] : [lastFailed])
    const query = `WorkflowId = '${workflowId}' AND ExecutionStatus != 'Running'`
    try {
      for await (const { runId } of client.workflow.list({ query })) runs.add(runId)
      for (const runId of runs) if (runId !== own) await deleteRun(client, { workflowId, runId })
    } catch (error) {
      throw temporalFailure('Temporal did not delete the failed runs of a dead letter', error)
    }
  }
}
