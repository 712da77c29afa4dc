// Records a batch that cannot be read, byte for byte, and opens one dead letter for it.

import type { Client } from '@temporalio/client'
import {
  type BatchSummary,
  type DeadLetter,
  deadLetterId,
  messagesOf,
  type Receipt,
  UNKNOWN_PARTNER,
} from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics/groups'
import type { Row, Warehouse } from '#warehouse/warehouse'
import { appendAll } from './append-all.ts'
import { createOpener, wordsOf } from './open-dead-letters.ts'
import { receiptRows } from './receipt-rows.ts'
import { toRow } from './record-dead-letter.ts'
import { ledgerRow } from './write-ledger.ts'

export type UnreadableBatch = {
  readonly batchId: string
  /** The messages that the bridge put into the batch, from the memo of the workflow or else from its search attributes. */
  readonly receipt: Receipt
  /** Why it cannot be read, without any of its contents. */
  readonly why: string
}

export type UnreadableBatchDeps = {
  readonly warehouse: Warehouse
  readonly client: Client
  /** The task queue of the dead letter. */
  readonly taskQueue: string
  readonly metrics: ActivityMetrics
}

/**
 * Idempotent. The bytes are in `data` of one row of `streaming.audit_log` and one of `streaming.dead_letter`, both with the
 * batch id as message id. The input of the dead letter has no room for them.
 * @param batch the input of the workflow, of any type
 * @returns the counts of the batch: all its messages are rejected
 * @throws ApplicationFailure of the registry; also where BigQuery refuses a row, because no event may be lost
 */
export function createKeepUnreadableBatch(deps: UnreadableBatchDeps) {
  const { warehouse, client, taskQueue, metrics } = deps
  const open = createOpener(client, taskQueue, metrics)

  return async function keepUnreadableBatch(
    batch: unknown,
    unreadable: UnreadableBatch,
  ): Promise<{ readonly summary: BatchSummary; readonly letter: DeadLetter }> {
    const { batchId, receipt } = unreadable
    const letter = letterOf(unreadable)
    const id = deadLetterId(wordsOf(letter))
    const data = toBytes(batch)
    const summary = summaryOf(messagesOf(receipt))
    const sink = { warehouse, metrics }
    await appendAll(sink, 'batch_receipt', receiptRows(batchId, receipt, 'batch'))
    await appendAll(sink, 'audit_log', [auditRow(unreadable, data)])
    await appendAll(
      sink,
      'dead_letter',
      letter.events.map((event) => toRow(id, { letter, event, data })),
    )
    await open(id, letter)
    await appendAll(sink, 'batch_ledger', [ledgerRow(oldestOf(receipt), { batchId, summary })])
    return { summary, letter }
  }
}

const REASON = 'batch_unreadable'

function letterOf({ batchId, receipt, why }: UnreadableBatch): DeadLetter {
  return {
    batchId,
    partnerId: UNKNOWN_PARTNER,
    stage: 'validation',
    part: 0,
    messages: messagesOf(receipt),
    events: [
      {
        messageId: batchId,
        publishTime: oldestOf(receipt),
        attributes: {},
        data: null,
        eventType: null,
        eventId: null,
        orderId: null,
        faults: [
          {
            reason: REASON,
            path: '',
            expected: `a batch this version reads; its bytes are in streaming.dead_letter and streaming.audit_log, as message_id ${batchId}`,
            received: why,
          },
        ],
      },
    ],
  }
}

function auditRow({ batchId, receipt }: UnreadableBatch, data: Uint8Array): Row {
  return {
    key: [batchId, batchId, '0'],
    columns: {
      message_id: batchId,
      publish_time: oldestOf(receipt),
      data,
      attributes: '{}',
      part: 0,
      parts: 1,
      decision: 'rejected',
      reasons: [REASON],
      partner_id: UNKNOWN_PARTNER,
      batch_id: batchId,
    },
  }
}

const summaryOf = (messages: number): BatchSummary => ({
  received: messages,
  accepted: 0,
  rejected: messages,
  duplicates: 0,
  stagedPurchase: 0,
  stagedCancellation: 0,
  undeliverable: 0,
  activated: 0,
  notActivated: 0,
  waiting: 0,
})

const oldestOf = ({ days }: Receipt): string =>
  days.reduce((first, { oldest }) => (oldest < first ? oldest : first), days[0]?.oldest ?? '')

const toBytes = (batch: unknown): Uint8Array =>
  batch instanceof Uint8Array ? batch : Buffer.from(JSON.stringify(batch ?? null))
