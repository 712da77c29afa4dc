// Writes every message of a batch to the audit log, byte for byte and with the decision on it, and the receipt of the batch.

import type { EventFailure, ParseResult, Receipt } from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics/groups'
import type { Row, Warehouse } from '#warehouse/warehouse'
import { appendAll } from './append-all.ts'
import { type BatchMessage, type BatchReader, isPoison, unread } from './read-batch.ts'
import { receiptRows } from './receipt-rows.ts'

/**
 * One row for each delivery: a message that Pub/Sub delivers again in another batch has a row for each.
 * @param receipt the messages that the bridge counted in the batch; null where the bridge gave no receipt
 * @throws ApplicationFailure of the registry; also where BigQuery refuses a row, because the audit log takes every message
 */
export function createWriteAuditLog(
  reader: BatchReader,
  warehouse: Warehouse,
  metrics: ActivityMetrics,
) {
  return async function writeAuditLog(
    batch: Uint8Array,
    batchId: string,
    rejected: readonly EventFailure[],
    receipt: Receipt | null = null,
  ): Promise<void> {
    const failures = new Map(rejected.map((failedEvent) => [failedEvent.index, failedEvent]))
    const rows = reader.read(batch).map((one) => {
      const failure = failures.get(one.index)
      const readable = failure && isPoison(failure) ? unread(one) : one
      return auditRow(readable, batchId, failure?.reasons)
    })
    const sink = { warehouse, metrics }
    await Promise.all([
      appendAll(sink, 'audit_log', rows),
      appendAll(sink, 'batch_receipt', receipt ? receiptRows(batchId, receipt, 'batch') : []),
    ])
  }
}

/** @param reasons why the message was rejected; absent where it was accepted */
export function auditRow(
  { message, parsed }: BatchMessage,
  batchId: string,
  reasons?: readonly string[],
): Row {
  const part = message.part ?? { index: 0, of: 1 }
  return {
    key: [batchId, message.messageId, String(part.index)],
    columns: {
      message_id: message.messageId,
      publish_time: message.publishTime,
      data: message.data,
      attributes: JSON.stringify(message.attributes),
      part: part.index,
      parts: part.of,
      decision: reasons ? 'rejected' : 'accepted',
      reasons: reasons ?? [],
      ...readableIdentity(parsed),
      batch_id: batchId,
    },
  }
}

function readableIdentity(parsed: ParseResult) {
  if (parsed.accepted) {
    const { partner_id, type, event_id, order_id, content_hash } = parsed.event
    return { partner_id, type, event_id, order_id, content_hash }
  }
  const { partnerId, type, eventId, orderId } = parsed.identity
  return { partner_id: partnerId, type, event_id: eventId, order_id: orderId }
}
