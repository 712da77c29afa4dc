// Opens dead letters for the events of batches, and of events that waited for activation, whose run ended early, so that people
// see them, and writes the messages of the batches to the audit log.

import { ApplicationFailure } from '@temporalio/activity'
import { type Client, WorkflowFailedError } from '@temporalio/client'
import {
  ATTRIBUTE_KEY,
  type BatchReason,
  ENDINGS,
  type EventFailure,
  endedDeadLetterId,
  isEndedDeadLetterId,
  isLaterId,
  type Message,
  type Progress,
  type RunId,
  reasonsOf,
  receiptIn,
  runOf,
  type Stage,
  type Swept,
  WORKFLOW,
} from '#contracts'
import { decodeBatch } from '#contracts/batch-payload'
import { UNPUBLISHED_FAILURE } from '#contracts/failure-types'
import type { ActivityMetrics } from '#runtime/metrics/groups'
import { readInput } from '#runtime/run-input'
import type { Reader } from '#warehouse/read'
import { batchDeadLetters } from '#warehouse/sql/batch-dead-letters'
import type { Warehouse } from '#warehouse/warehouse'
import { buildDeadLetters } from '../build-dead-letters.ts'
import { createKeepUnreadableBatch, type UnreadableBatch } from '../keep-unreadable-batch.ts'
import { createOpener, wordsOf } from '../open-dead-letters.ts'
import { type BatchMessage, readEach, unread } from '../read-batch.ts'
import { createAuditEndedBatch, createFindAudited, partKeyOf } from './audit-ended-batch.ts'
import { publishSpan } from './publish-span.ts'
import { readLetter } from './read-letter.ts'
import { type Step, sweepRuns } from './sweep-runs.ts'

/** The reason by the status of the run in Temporal. */
const REASONS: Readonly<Record<string, BatchReason>> = {
  TERMINATED: 'batch_terminated',
  TIMED_OUT: 'batch_timed_out',
  CANCELLED: 'batch_canceled',
  FAILED: 'batch_failed',
}

export type EndedBatches = {
  readonly client: Client
  readonly warehouse: Warehouse
  readonly read: Reader
  /** The task queue of the dead letters. */
  readonly taskQueue: string
  readonly metrics: ActivityMetrics
}

/**
 * Idempotent: the ids derive from batch and partner. Events that are in a dead letter of the batch itself are left out.
 * With `isUnread`, where a worker could not finish parsing these batches, only events that validation accepted are parsed.
 * @throws ApplicationFailure `temporal_unavailable` or `temporal_setup` where Temporal does not list its runs
 */
export function createOpenEndedBatches({
  client,
  warehouse,
  read,
  taskQueue,
  metrics,
}: EndedBatches) {
  const open = createOpener(client, taskQueue, metrics)
  const findAudited = createFindAudited(read)
  const audit = createAuditEndedBatch(warehouse, metrics)
  const keep = createKeepUnreadableBatch({ warehouse, client, taskQueue, metrics })

  const handle = async (isUnread: boolean, ...run: Parameters<Step['handle']>) => {
    const [{ workflowId, runId }, status, tell] = run
    const reason = await reasonOf(client, { workflowId, runId }, status)
    // The workflow was started again after it was listed.
    if (!reason) return
    const [batch] = await readInput(client, { workflowId, runId })
    if (!(batch instanceof Uint8Array)) throw new TypeError('its input is not a batch')
    const readable = readOr(batch)
    if (readable instanceof Error) {
      const { letter } = await keep(batch, await unreadableOf(client, workflowId, readable))
      tell(letter)
      return
    }
    const isLater = isLaterId(workflowId)
    const audited = await findAudited(runOf(workflowId), readable)
    const messages = isUnread ? readable.map(unlessAccepted(audited, reason)) : readable
    const dead = await Promise.all([
      deadInTemporal(client, workflowId),
      deadInTable(read, workflowId, messages),
    ])
    const failedEvents = failuresOf(messages, new Set(dead.flat()), reason)
    const stage: Stage = isLater ? 'activation' : 'validation'
    const of = { batchId: workflowId, stage, isUnread }
    for (const letter of buildDeadLetters(messages, failedEvents, of))
      if (await open(endedDeadLetterId(wordsOf(letter)), letter)) tell(letter)
    // The batch that handed them over has audited events that wait.
    if (isLater) return
    await audit(
      workflowId,
      messages.filter(({ message }) => !audited.has(partKeyOf(message))),
    )
  }

  const step = {
    client,
    types: [WORKFLOW.processBatch, WORKFLOW.activateLater],
    endings: ENDINGS,
  } as const
  return async function openEndedBatches(
    last: Progress,
    until: string,
    isUnread = false,
  ): Promise<Swept> {
    return sweepRuns({ ...step, handle: (...run) => handle(isUnread, ...run) }, last, until)
  }
}

/** @returns undefined where the run has not ended without success */
async function reasonOf(
  client: Client,
  { workflowId, runId }: RunId,
  status: string,
): Promise<BatchReason | undefined> {
  const reason = REASONS[status]
  if (reason !== 'batch_failed') return reason
  const result = client.workflow.getHandle(workflowId, runId, { followRuns: false }).result()
  const isUnpublished = await result.then(() => false, isUnpublishedFailure)
  return isUnpublished ? 'change_events_unpublished' : reason
}

/** @throws the error where it is not that of a failed run */
function isUnpublishedFailure(error: unknown): boolean {
  if (!(error instanceof WorkflowFailedError)) throw error
  return error.cause instanceof ApplicationFailure && error.cause.type === UNPUBLISHED_FAILURE
}

/** @returns the error where this version cannot decode the batch */
function readOr(batch: Uint8Array): BatchMessage[] | Error {
  try {
    return readEach(decodeBatch(batch))
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** The messages that the bridge put into the batch: from the memo of the latest run, or else from its search attributes. */
async function unreadableOf(
  client: Client,
  batchId: string,
  { message }: Error,
): Promise<UnreadableBatch> {
  const run = await client.workflow.getHandle(batchId).describe()
  const oldest = run.typedSearchAttributes.get(ATTRIBUTE_KEY.oldestEventAt) ?? run.startTime
  const messages = run.typedSearchAttributes.get(ATTRIBUTE_KEY.eventCount) ?? 1
  const counted = { digest: null, days: [{ oldest: oldest.toISOString(), messages }] }
  return { batchId, receipt: receiptIn(run.memo) ?? counted, why: message }
}

/** Validation has parsed the events it accepted. One of the others is the message that a worker cannot finish parsing. */
function unlessAccepted(audited: ReadonlyMap<string, string>, reason: BatchReason) {
  return (one: BatchMessage): BatchMessage =>
    audited.get(partKeyOf(one.message)) === 'accepted' ? one : unread(one, reason)
}

/** Events that break the contract keep their own reasons, so that a person sees the result of a redrive. */
function failuresOf(
  messages: readonly BatchMessage[],
  dead: ReadonlySet<string>,
  reason: BatchReason,
): EventFailure[] {
  return messages
    .filter(({ message }) => !dead.has(keyOf(message)))
    .map(({ index, parsed }) =>
      parsed.accepted
        ? { index, partnerId: parsed.event.partner_id, reasons: [reason] }
        : { index, partnerId: parsed.identity.partnerId, reasons: reasonsOf(parsed) },
    )
}

/**
 * The events for which the batch itself opened dead letters before it ended, by the dead letters in Temporal. Dead letters that
 * an earlier sweep opened do not count: the same events give the same dead letters again.
 */
async function deadInTemporal(client: Client, batchId: string): Promise<string[]> {
  const query = `WorkflowType = '${WORKFLOW.deadLetter}' AND BatchId = '${batchId}'`
  const dead: string[] = []
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    if (isEndedDeadLetterId(workflowId)) continue
    const letter = await readLetter(client, { workflowId, runId })
    for (const event of letter.events) dead.push(keyOf(event))
  }
  return dead
}

/** The same events by the table: Temporal may have deleted a resolved dead letter, or have some of its events only. */
async function deadInTable(
  read: Reader,
  batchId: string,
  messages: readonly BatchMessage[],
): Promise<string[]> {
  const span = publishSpan(messages.map(({ message }) => message))
  const rows = await read(batchDeadLetters({ batchId, ...span }))
  return rows.filter(({ id }) => !isEndedDeadLetterId(id)).map(keyOf)
}

/** A message id is unique within its topic only. BigQuery writes times in another way than Pub/Sub. */
const keyOf = ({ messageId, publishTime }: Pick<Message, 'messageId' | 'publishTime'>) =>
  JSON.stringify([messageId, Date.parse(publishTime)])
