// Starts one deadLetter workflow per partner for the events of a batch that cannot go on.

import {
  type Client,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client'
import {
  defineSearchAttributeKey,
  type SearchAttributePair,
  SearchAttributeType,
} from '@temporalio/common'
import {
  type Casualty,
  type DeadLetter,
  deadLetterId,
  digest,
  printablePartner,
  type Stage,
  WORKFLOW,
} from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics'
import { buildDeadLetters } from './build-dead-letters.ts'
import { failure } from './classify-error.ts'
import type { BatchReader } from './read-batch.ts'

export type Undeliverable = {
  readonly batchId: string
  readonly stage: Stage
  readonly casualties: readonly Casualty[]
}

const KEY = {
  partnerId: defineSearchAttributeKey('PartnerId', SearchAttributeType.KEYWORD),
  stage: defineSearchAttributeKey('Stage', SearchAttributeType.KEYWORD),
  reason: defineSearchAttributeKey('Reason', SearchAttributeType.KEYWORD_LIST),
  eventType: defineSearchAttributeKey('EventType', SearchAttributeType.KEYWORD_LIST),
  eventCount: defineSearchAttributeKey('EventCount', SearchAttributeType.INT),
  oldestEventAt: defineSearchAttributeKey('OldestEventAt', SearchAttributeType.DATETIME),
  batchId: defineSearchAttributeKey('BatchId', SearchAttributeType.KEYWORD),
}

/**
 * Idempotent: the ids derive from batch, partner and stage, and a dead letter that was ever opened is not opened again.
 * Opens all it can before it fails.
 * @throws ApplicationFailure `temporal_unavailable` or `temporal_setup`
 */
export function createOpenDeadLetters(
  reader: BatchReader,
  client: Client,
  taskQueue: string,
  metrics: ActivityMetrics,
) {
  async function open(letter: DeadLetter): Promise<void> {
    const id = deadLetterId({ ...letter, digest: digest([letter.partnerId]).slice(0, 8) })
    const start = client.workflow.start(WORKFLOW.deadLetter, {
      workflowId: id,
      taskQueue,
      args: [letter],
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      typedSearchAttributes: searchAttributes(letter),
      staticSummary: `${letter.events.length} events of ${printablePartner(letter.partnerId)} at ${letter.stage}`,
    })
    await start.then(
      () => metrics.deadLettersOpened.add(1, { stage: letter.stage }),
      ignoreAlreadyOpened,
    )
  }

  return async function openDeadLetters(
    batch: Uint8Array,
    { batchId, stage, casualties }: Undeliverable,
  ): Promise<void> {
    const letters = buildDeadLetters(reader.read(batch), casualties, { batchId, stage })
    const opened = await Promise.allSettled(letters.map(open))
    const refused = opened.find((result) => result.status === 'rejected')
    if (refused) throw refused.reason
  }
}

const GRPC_INVALID_ARGUMENT = 3

function ignoreAlreadyOpened(error: unknown): void {
  if (error instanceof WorkflowExecutionAlreadyStartedError) return
  const cause = error instanceof ServiceError ? error.cause : error
  const isRefused =
    cause instanceof Error && 'code' in cause && cause.code === GRPC_INVALID_ARGUMENT
  throw failure(
    isRefused ? 'temporal_setup' : 'temporal_unavailable',
    `Temporal did not take a dead letter: ${cause instanceof Error ? cause.message : String(cause)}`,
  )
}

function searchAttributes({ events, ...letter }: DeadLetter): SearchAttributePair[] {
  const reasons = events.flatMap((event) => event.faults.map(({ reason }) => reason))
  const types = events.map((event) => event.eventType ?? 'unknown')
  const oldest = Math.min(...events.map((event) => Date.parse(event.publishTime)))
  return [
    { key: KEY.partnerId, value: letter.partnerId.slice(0, 255) },
    { key: KEY.stage, value: letter.stage },
    { key: KEY.reason, value: [...new Set(reasons)] },
    { key: KEY.eventType, value: [...new Set(types)] },
    { key: KEY.eventCount, value: events.length },
    { key: KEY.oldestEventAt, value: new Date(oldest) },
    { key: KEY.batchId, value: letter.batchId },
  ]
}
