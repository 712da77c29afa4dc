// Starts the workflow in which the events of a run wait until Segment can be told of them.

import { activityInfo } from '@temporalio/activity'
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client'
import { ATTRIBUTE_KEY, digest, laterId, WORKFLOW } from '#contracts'
import { encodeBatch } from '#contracts/batch-payload'
import type { BatchEvent } from '../read-batch.ts'
import { temporalFailure } from '../temporal-failure.ts'

/** @throws ApplicationFailure `temporal_unavailable` or `temporal_setup` */
export type HandOver = (runId: string, events: readonly BatchEvent[]) => Promise<void>

/**
 * Idempotent: the same events of the same run are the same workflow. One workflow takes all events of a run and has the priority of
 * the run, so that a noisy partner's waiting events come after those of the others, as its batches do.
 */
export function createHandOver(client: Client, taskQueue: string): HandOver {
  return async (runId, events) => {
    if (events.length === 0) return
    const messages = events.map(({ message }) => message)
    const oldest = Math.min(...messages.map(({ publishTime }) => Date.parse(publishTime)))
    const ids = messages.map(({ messageId }) => messageId)
    const { priority } = activityInfo()
    try {
      await client.workflow.start(WORKFLOW.activateLater, {
        workflowId: laterId(runId, digest(ids)),
        taskQueue,
        args: [encodeBatch(messages)],
        ...(priority && { priority }),
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
        typedSearchAttributes: [
          { key: ATTRIBUTE_KEY.stage, value: 'activation' },
          { key: ATTRIBUTE_KEY.eventCount, value: messages.length },
          { key: ATTRIBUTE_KEY.oldestEventAt, value: new Date(oldest) },
        ],
        staticSummary: `${messages.length} events wait before they are sent to Segment`,
      })
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return
      throw temporalFailure('Temporal did not take events that wait for activation', error)
    }
  }
}
