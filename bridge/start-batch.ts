// Starts the workflow of a batch. When it resolves, Temporal has the batch for good.

import {
  type Client,
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client'
import type { Priority } from '@temporalio/common'
import { ATTRIBUTE_KEY, countsOnce, digest, type Message, RECEIPT_MEMO, WORKFLOW } from '#contracts'
import { BatchTooLargeError, encodeBatch } from '#contracts/batch-payload'
import { deadlineIn } from '#runtime/clock'
import { receiptFor } from '#runtime/receipt'
import { codeOf, GRPC } from '#runtime/status-codes'

/** Long enough for the client's own retries over a short hiccup, short of the ack deadline. */
const START_DEADLINE_MS = 20_000

/** `repeated`: the workflow of this batch was there before, running or closed. `refused`: Temporal will never take it. */
export type Started = 'started' | 'repeated' | 'refused'

/**
 * The same messages, in any order, are the same workflow: a repeated start is a no-op.
 * @param crowd whose messages these are, where they shall wait behind everybody else's
 * @throws where Temporal did not take it; it may have been started all the same, and a repeat is safe
 */
export async function startBatch(
  client: Client,
  taskQueue: string,
  messages: readonly Message[],
  crowd: string | null = null,
): Promise<Started> {
  try {
    const options = toOptions(taskQueue, messages, crowd)
    await client.withDeadline(deadlineIn(START_DEADLINE_MS), () =>
      client.workflow.start(WORKFLOW.processBatch, options),
    )
    return 'started'
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'repeated'
    if (isTooLarge(error)) return 'refused'
    throw error
  }
}

function toOptions(taskQueue: string, messages: readonly Message[], crowd: string | null) {
  const publishTimes = messages.map(({ publishTime }) => Date.parse(publishTime))
  return {
    workflowId: batchId(messages),
    taskQueue,
    args: [encodeBatch(messages)],
    memo: { [RECEIPT_MEMO]: receiptFor(messages) },
    workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    typedSearchAttributes: [
      { key: ATTRIBUTE_KEY.eventCount, value: messages.filter(countsOnce).length },
      { key: ATTRIBUTE_KEY.oldestEventAt, value: new Date(Math.min(...publishTimes)) },
    ],
    ...(crowd !== null && { priority: behindOthers(crowd) }),
    staticSummary: messages.length === 1 ? '1 message' : `${messages.length} messages`,
  }
}

const TOO_LARGE = /size exceeds limit/i

/**
 * The one fault of a message for which Temporal refuses a start for good: all else it is told of a message has a
 * fixed size. Any other INVALID_ARGUMENT is a fault of the set-up (such as a search attribute nobody registered),
 * would be of every message alike, and ends when somebody mends it.
 */
function isTooLarge(error: unknown): boolean {
  if (error instanceof BatchTooLargeError) return true
  const cause = error instanceof ServiceError ? error.cause : undefined
  if (!isGrpcServiceError(cause)) return false
  return codeOf(cause) === GRPC.INVALID_ARGUMENT && TOO_LARGE.test(cause.details)
}

/** Temporal's lowest priority but one; its default is 3, and 1 comes first. */
const CROWD_PRIORITY = 4

/** Two crowds share what is left evenly, where the server knows fairness. A key may have 64 bytes and is no name. */
function behindOthers(crowd: string): Priority {
  return { priorityKey: CROWD_PRIORITY, fairnessKey: digest([crowd]) }
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
