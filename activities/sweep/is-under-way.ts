// Whether a batch may still write: a run of it, or of a workflow into which it was split, is running.

import type { Client } from '@temporalio/client'
import { WORKFLOW } from '#contracts'
import { temporalFailure } from '../temporal-failure.ts'

/** @throws ApplicationFailure of the registry where Temporal does not answer */
export async function isUnderWay(client: Client, batchId: string): Promise<boolean> {
  const own = `WorkflowId = '${batchId}' OR WorkflowId STARTS_WITH '${batchId}/'`
  const running = `WorkflowType = '${WORKFLOW.processBatch}' AND ExecutionStatus = 'Running'`
  const { count } = await client.workflow
    .count(`${running} AND (${own})`)
    .catch((error: unknown) => {
      throw temporalFailure('Temporal did not list the batches', error)
    })
  return count > 0
}
