// Opens dead letters for the events of batches that ended before their time, so that nothing waits unseen, and keeps their messages in the audit log.

import type { Client } from '@temporalio/client'
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'
import {
  type BatchReason,
  type EventFailure,
  endedDeadLetterId,
  isEndedDeadLetterId,
  type Message,
  type Progress,
  reasonsOf,
  receiptIn,
  type Swept,
  WORKFLOW,
} from '#contracts'
import { decodeBatch } from '#contracts/batch-payload'
import type { ActivityMetrics } from '#runtime/metrics'
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

/** By Temporal's word for how it ended. */
const REASONS: Readonly<Record<string, BatchReason>> = {
  TERMINATED: 'batch_terminated',
  TIMED_OUT: 'batch_timed_out',
  CANCELLED: 'batch_canceled',
  FAILED: 'batch_failed',
}

const EVENT_COUNT = defineSearchAttributeKey('EventCount', SearchAttributeType.INT)
const OLDEST_EVENT_AT = defineSearchAttributeKey('OldestEventAt', SearchAttributeType.DATETIME)

export type EndedBatches = {
  readonly client: Client
  readonly warehouse: Warehouse
  readonly read: Reader
  /** Of the dead letters. */
  readonly taskQueue: string
  readonly metrics: ActivityMetrics
}

/**
 * Idempotent: the ids derive from batch and partner, and what a dead letter of the batch itself has is left to that.
 * With `isUnread`, where a worker could not finish with these batches, it reads what validation has accepted, and no more.
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
    const reason = REASONS[status]
    // Somebody has started it again since it was listed.
    if (!reason) return
    const [batch] = await readInput(client, { workflowId, runId })
    if (!(batch instanceof Uint8Array)) throw new TypeError('its input is not a batch')
    const readable = readOr(batch)
    if (readable instanceof Error) {
      const { letter } = await keep(batch, await unreadableOf(client, workflowId, readable))
      tell(letter)
      return
    }
    const audited = await findAudited(workflowId, readable)
    const messages = isUnread ? readable.map(unlessAccepted(audited, reason)) : readable
    const dead = await Promise.all([
      deadInTemporal(client, workflowId),
      deadInTable(read, workflowId, messages),
    ])
    const failedEvents = casualtiesOf(messages, new Set(dead.flat()), reason)
    const of = { batchId: workflowId, stage: 'validation', isUnread } as const
    for (const letter of buildDeadLetters(messages, failedEvents, of))
      if (await open(endedDeadLetterId(wordsOf(letter)), letter)) tell(letter)
    await audit(
      workflowId,
      messages.filter(({ message }) => !audited.has(partKeyOf(message))),
    )
  }

  const step = {
    client,
    type: WORKFLOW.processBatch,
    endings: ['Terminated', 'TimedOut', 'Canceled', 'Failed'],
  } as const
  return async function openEndedBatches(
    last: Progress,
    until: string,
    isUnread = false,
  ): Promise<Swept> {
    return sweepRuns({ ...step, handle: (...run) => handle(isUnread, ...run) }, last, until)
  }
}

/** @returns the error where this version cannot read it */
function readOr(batch: Uint8Array): BatchMessage[] | Error {
  try {
    return readEach(decodeBatch(batch))
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** What the bridge put into it is told by the memo, or at least by the search attributes, of its latest run. */
async function unreadableOf(
  client: Client,
  batchId: string,
  { message }: Error,
): Promise<UnreadableBatch> {
  const run = await client.workflow.getHandle(batchId).describe()
  const oldest = run.typedSearchAttributes.get(OLDEST_EVENT_AT) ?? run.startTime
  const messages = run.typedSearchAttributes.get(EVENT_COUNT) ?? 1
  const counted = { digest: null, days: [{ oldest: oldest.toISOString(), messages }] }
  return { batchId, receipt: receiptIn(run.memo) ?? counted, why: message }
}

/** Validation has read what it accepted; of the others one is too much for a worker. */
function unlessAccepted(audited: ReadonlyMap<string, string>, reason: BatchReason) {
  return (one: BatchMessage): BatchMessage =>
    audited.get(partKeyOf(one.message)) === 'accepted' ? one : unread(one, reason)
}

/** What breaks the contract keeps its own reasons, so that a person sees what a redrive would say. */
function casualtiesOf(
  messages: readonly BatchMessage[],
  dead: ReadonlySet<string>,
  reason: BatchReason,
): EventFailure[] {
  return messages
    .filter(({ message }) => !dead.has(keyOf(message)))
    .map(({ index, reading }) =>
      reading.accepted
        ? { index, partnerId: reading.event.partner_id, reasons: [reason] }
        : { index, partnerId: reading.identity.partnerId, reasons: reasonsOf(reading) },
    )
}

/**
 * The events that the batch itself has given to dead letters before it ended, by what Temporal has of them. Those
 * that an earlier sweep opened do not count: the same events make the same dead letters again, part by part.
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

/** Those by what the table has: a dead letter that was handled may be gone from Temporal, or there in part. */
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
