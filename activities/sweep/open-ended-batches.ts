// Opens dead letters for the events of batches that ended before their time, so that nothing waits unseen.

import type { Client } from '@temporalio/client'
import {
  type BatchReason,
  type Casualty,
  type DeadLetter,
  endedDeadLetterId,
  isEndedDeadLetterId,
  type Message,
  type Progress,
  type RunId,
  reasonsOf,
  type Swept,
  WORKFLOW,
} from '#contracts'
import { decodeBatch } from '#runtime/batch-payload'
import type { ActivityMetrics } from '#runtime/metrics'
import { readInput } from '#runtime/run-input'
import { buildDeadLetters } from '../build-dead-letters.ts'
import { createOpener, wordsOf } from '../open-dead-letters.ts'
import { type BatchMessage, readEach } from '../read-batch.ts'
import { readLetter } from './read-letter.ts'
import { type Handled, sweepRuns } from './sweep-runs.ts'

/** By Temporal's word for how it ended. */
const REASONS: Readonly<Record<string, BatchReason>> = {
  TERMINATED: 'batch_terminated',
  TIMED_OUT: 'batch_timed_out',
  CANCELLED: 'batch_canceled',
  FAILED: 'batch_failed',
}

/**
 * Idempotent: the ids derive from batch and partner, and what a dead letter of the batch itself has is left to that.
 * @throws ApplicationFailure `temporal_unavailable` or `temporal_setup` where Temporal does not list its runs
 */
export function createOpenEndedBatches(
  client: Client,
  taskQueue: string,
  metrics: ActivityMetrics,
) {
  const open = createOpener(client, taskQueue, metrics)

  async function handle({ workflowId, runId }: RunId, status: string): Promise<Handled> {
    const reason = REASONS[status]
    // Somebody has started it again since it was listed.
    if (!reason) return { letters: 0, events: 0 }
    const [batch] = await readInput(client, { workflowId, runId })
    if (!(batch instanceof Uint8Array)) throw new TypeError('its input is not a batch')
    const messages = readEach(decodeBatch(batch))
    const casualties = casualtiesOf(messages, await deadAlready(client, workflowId), reason)
    const of = { batchId: workflowId, stage: 'validation' } as const
    const opened: DeadLetter[] = []
    for (const letter of buildDeadLetters(messages, casualties, of))
      if (await open(endedDeadLetterId(wordsOf(letter)), letter)) opened.push(letter)
    return { letters: opened.length, events: opened.flatMap(({ events }) => events).length }
  }

  const step = {
    client,
    type: WORKFLOW.processBatch,
    endings: ['Terminated', 'TimedOut', 'Canceled', 'Failed'],
    handle,
  } as const
  return async function openEndedBatches(last: Progress, until: string): Promise<Swept> {
    return sweepRuns(step, last, until)
  }
}

/** What breaks the contract keeps its own reasons, so that a person sees what a redrive would say. */
function casualtiesOf(
  messages: readonly BatchMessage[],
  dead: ReadonlySet<string>,
  reason: BatchReason,
): Casualty[] {
  return messages
    .filter(({ message }) => !dead.has(keyOf(message)))
    .map(({ index, reading }) =>
      reading.accepted
        ? { index, partnerId: reading.event.partner_id, reasons: [reason] }
        : { index, partnerId: reading.glimpse.partnerId, reasons: reasonsOf(reading) },
    )
}

/**
 * The events that the batch itself has given to dead letters before it ended. Those that an earlier sweep opened do
 * not count: the same events make the same dead letters again, part by part.
 */
async function deadAlready(client: Client, batchId: string): Promise<Set<string>> {
  const query = `WorkflowType = '${WORKFLOW.deadLetter}' AND BatchId = '${batchId}'`
  const dead = new Set<string>()
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    if (isEndedDeadLetterId(workflowId)) continue
    const letter = await readLetter(client, { workflowId, runId })
    for (const event of letter.events) dead.add(keyOf(event))
  }
  return dead
}

/** A message id is unique within its topic only. */
const keyOf = ({ messageId, publishTime }: Pick<Message, 'messageId' | 'publishTime'>) =>
  JSON.stringify([messageId, publishTime])
