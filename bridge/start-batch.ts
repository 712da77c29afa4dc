// Starts the workflow of a batch. When it resolves, Temporal has the batch for good.

import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client'
import { defineSearchAttributeKey, type Priority, SearchAttributeType } from '@temporalio/common'
import { countsOnce, digest, type Message, WORKFLOW } from '#contracts'
import { encodeBatch } from '#runtime/batch-payload'

/** Long enough for the client's own retries over a short hiccup, short of the ack deadline. */
const START_DEADLINE_MS = 20_000

const EVENT_COUNT = defineSearchAttributeKey('EventCount', SearchAttributeType.INT)
const OLDEST_EVENT_AT = defineSearchAttributeKey('OldestEventAt', SearchAttributeType.DATETIME)

export type Started = 'started' | 'repeated'

/**
 * The same messages, in any order, are the same workflow: a repeated start is a no-op.
 * @param crowdedBy the partner that sends most of what comes, where these are its messages: they wait behind the others'
 * @returns `repeated` where the workflow of this batch was there before, running or closed
 * @throws where Temporal did not take it; it may have been started all the same, and a repeat is safe
 */
export async function startBatch(
  client: Client,
  taskQueue: string,
  messages: readonly Message[],
  crowdedBy: string | null = null,
): Promise<Started> {
  const publishTimes = messages.map(({ publishTime }) => Date.parse(publishTime))
  const options = {
    workflowId: batchId(messages),
    taskQueue,
    args: [encodeBatch(messages)],
    workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    typedSearchAttributes: [
      { key: EVENT_COUNT, value: messages.filter(countsOnce).length },
      { key: OLDEST_EVENT_AT, value: new Date(Math.min(...publishTimes)) },
    ],
    ...(crowdedBy !== null && { priority: behindOthers(crowdedBy) }),
    staticSummary: messages.length === 1 ? '1 message' : `${messages.length} messages`,
  }
  try {
    await client.withDeadline(Date.now() + START_DEADLINE_MS, () =>
      client.workflow.start(WORKFLOW.processBatch, options),
    )
    return 'started'
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'repeated'
    throw error
  }
}

/** Temporal's lowest priority but one; its default is 3, and 1 comes first. */
const CROWD_PRIORITY = 4

/** Two crowds share what is left evenly, where the server knows fairness. A key may have 64 bytes and is no name. */
function behindOthers(partner: string): Priority {
  return { priorityKey: CROWD_PRIORITY, fairnessKey: digest([partner]) }
}

/**
 * Derived from what every delivery of a message shares, whatever the order of the messages. The publish time
 * is part of it because a message id is unique within its topic only, and an emulator counts anew after a restart.
 */
export function batchId(messages: readonly Message[]): string {
  const ids = messages.map(({ messageId, publishTime, part }) =>
    part ? `${messageId}@${publishTime}#${part.index}` : `${messageId}@${publishTime}`,
  )
  return `batch-${digest(ids.toSorted())}`
}
