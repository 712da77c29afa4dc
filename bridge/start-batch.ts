// Starts the workflow of a batch. When the start resolves, Temporal has stored the batch.

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

/** A noisy partner, or a subscription. */
export type LowPriorityGroup = {
  readonly name: string
  /** Its share of the remaining capacity against 1 of another group, from 0.001 to 1000. */
  readonly weight: number
}

/** Long enough for the client's own retries over a short outage, and shorter than the ack deadline. */
const START_DEADLINE_MS = 20_000

/** `repeated`: the workflow of this batch exists already, running or closed. `refused`: Temporal will never take the batch. */
export type Started = 'started' | 'repeated' | 'refused'

/**
 * The same messages, in any order, are the same workflow: a repeated start is a no-op.
 * @param group whose batches run at a lower priority than all others; null for the default priority
 * @throws where Temporal did not confirm the start. The workflow may run all the same, and repeating the start is safe
 */
export async function startBatch(
  client: Client,
  taskQueue: string,
  messages: readonly Message[],
  group: LowPriorityGroup | null = null,
): Promise<Started> {
  try {
    const options = toOptions(taskQueue, messages, group)
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

function toOptions(
  taskQueue: string,
  messages: readonly Message[],
  group: LowPriorityGroup | null,
) {
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
    ...(group !== null && { priority: lowPriority(group) }),
    staticSummary: messages.length === 1 ? '1 message' : `${messages.length} messages`,
  }
}

const TOO_LARGE = /size exceeds limit/i

/**
 * Size is the only property of a message for which Temporal refuses a start permanently: everything else in the request has
 * a fixed size. Any other INVALID_ARGUMENT is an error of the set-up, such as a search attribute that is not registered. It
 * concerns every message alike, and ends when a person fixes it.
 */
function isTooLarge(error: unknown): boolean {
  if (error instanceof BatchTooLargeError) return true
  const cause = error instanceof ServiceError ? error.cause : undefined
  if (!isGrpcServiceError(cause)) return false
  return codeOf(cause) === GRPC.INVALID_ARGUMENT && TOO_LARGE.test(cause.details)
}

/** Temporal's priorities go from 1, the first, to 5; the default is 3. */
const LOW_PRIORITY = 4

/**
 * Where the server supports fairness, several groups share the remaining capacity by their weights. A fairness key has 64 bytes
 * at most and is not encrypted: it is a digest and not a name.
 */
function lowPriority({ name, weight }: LowPriorityGroup): Priority {
  return { priorityKey: LOW_PRIORITY, fairnessKey: digest([name]), fairnessWeight: weight }
}

/**
 * The workflow id of a batch. It is derived from the properties that every delivery of a message shares, whatever the order
 * of the messages. The publish time is one of them, because a message id is unique within its topic only, and an emulator
 * counts from the start again after a restart. A replay of the same messages is another batch: it has another `redrivenAt`.
 */
export function batchId(messages: readonly Message[]): string {
  const ids = messages.map(({ messageId, publishTime, redrivenAt, part }) => {
    const replay = redrivenAt === undefined ? '' : `~${redrivenAt}`
    const index = part === undefined ? '' : `#${part.index}`
    return `${messageId}@${publishTime}${replay}${index}`
  })
  return `batch-${digest(ids.toSorted())}`
}
