// Starts one deadLetter workflow per partner for the events of a batch that cannot go on.

import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client'
import {
  type Casualty,
  type DeadLetter,
  deadLetterId,
  describeDeadLetter,
  digest,
  type Stage,
  WORKFLOW,
} from '#contracts'
import { deadLetterAttributes } from '#runtime/dead-letter-attributes'
import type { ActivityMetrics } from '#runtime/metrics'
import { buildDeadLetters } from './build-dead-letters.ts'
import type { BatchReader } from './read-batch.ts'
import { temporalFailure } from './temporal-failure.ts'

export type Undeliverable = {
  readonly batchId: string
  readonly stage: Stage
  readonly casualties: readonly Casualty[]
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
    const { summary, details } = describeDeadLetter(letter, id)
    const start = client.workflow.start(WORKFLOW.deadLetter, {
      workflowId: id,
      taskQueue,
      args: [letter],
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      typedSearchAttributes: deadLetterAttributes(letter),
      staticSummary: summary,
      staticDetails: details,
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

function ignoreAlreadyOpened(error: unknown): void {
  if (error instanceof WorkflowExecutionAlreadyStartedError) return
  throw temporalFailure('Temporal did not take a dead letter', error)
}
