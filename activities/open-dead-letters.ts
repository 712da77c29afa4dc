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
  const open = createOpener(client, taskQueue, metrics)
  return async function openDeadLetters(
    batch: Uint8Array,
    { batchId, stage, casualties }: Undeliverable,
  ): Promise<void> {
    const letters = buildDeadLetters(reader.read(batch), casualties, { batchId, stage })
    const starts = letters.map((letter) => open(deadLetterId(wordsOf(letter)), letter))
    const opened = await Promise.allSettled(starts)
    const refused = opened.find((result) => result.status === 'rejected')
    if (refused) throw refused.reason
  }
}

/** What the id of a dead letter is made of. */
export function wordsOf(letter: DeadLetter) {
  return { ...letter, digest: digest([letter.partnerId]).slice(0, 8) }
}

/**
 * Opens one dead letter under an id that was never used before.
 * @returns false where a dead letter has that id, whatever became of it
 */
export function createOpener(client: Client, taskQueue: string, metrics: ActivityMetrics) {
  return async function open(workflowId: string, letter: DeadLetter): Promise<boolean> {
    const { summary, details } = describeDeadLetter(letter, workflowId)
    const start = client.workflow.start(WORKFLOW.deadLetter, {
      workflowId,
      taskQueue,
      args: [letter],
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
      typedSearchAttributes: deadLetterAttributes(letter),
      staticSummary: summary,
      staticDetails: details,
    })
    return start.then(() => {
      metrics.deadLettersOpened.add(1, { stage: letter.stage })
      return true
    }, ignoreAlreadyOpened)
  }
}

function ignoreAlreadyOpened(error: unknown): false {
  if (error instanceof WorkflowExecutionAlreadyStartedError) return false
  throw temporalFailure('Temporal did not take a dead letter', error)
}
