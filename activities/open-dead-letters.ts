// Starts one deadLetter workflow per partner for the events of a batch that cannot go on.

import {
  type Client,
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
  type Stage,
  WORKFLOW,
} from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics'
import { buildDeadLetters } from './build-dead-letters.ts'
import { failure } from './classify-error.ts'
import { readMessages } from './read-batch.ts'

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
 * @returns how many events the dead letters hold
 * @throws ApplicationFailure `temporal_unavailable`
 */
export function createOpenDeadLetters(client: Client, taskQueue: string, metrics: ActivityMetrics) {
  async function open(letter: DeadLetter): Promise<void> {
    const id = deadLetterId({ ...letter, digest: digest([letter.partnerId]).slice(0, 8) })
    await client.workflow.start(WORKFLOW.deadLetter, {
      workflowId: id,
      taskQueue,
      args: [letter],
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      typedSearchAttributes: searchAttributes(letter),
      staticSummary: `${letter.events.length} events of ${letter.partnerId.slice(0, 100)} at ${letter.stage}`,
    })
    metrics.deadLettersOpened.add(1, { stage: letter.stage })
  }

  return async function openDeadLetters(
    batch: Uint8Array,
    { batchId, stage, casualties }: Undeliverable,
  ): Promise<number> {
    const letters = buildDeadLetters(readMessages(batch), casualties, { batchId, stage })
    for (const letter of letters) {
      await open(letter).catch(ignoreAlreadyOpened)
    }
    return letters.reduce((events, letter) => events + letter.events.length, 0)
  }
}

function ignoreAlreadyOpened(error: unknown): void {
  if (error instanceof WorkflowExecutionAlreadyStartedError) return
  const message = error instanceof Error ? error.message : String(error)
  throw failure('temporal_unavailable', `Temporal did not take a dead letter: ${message}`)
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
