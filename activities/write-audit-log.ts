// Keeps every message of a batch, byte for byte, with what was decided of it, and the bridge's receipt of the batch.

import type { EventFailure, ParseResult, Receipt } from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics'
import type { Row, Warehouse } from '#warehouse/warehouse'
import { appendAll } from './append-all.ts'
import { type BatchMessage, type BatchReader, isPoison, unread } from './read-batch.ts'
import { receiptRows } from './receipt-rows.ts'

/**
 * One row a delivery: a message that comes again in another batch has a row for each.
 * @param receipt what the bridge says it put into the batch, kept apart from what was read of it; null where it said nothing
 * @throws ApplicationFailure of the registry; also where BigQuery refuses a row, since the audit log takes everything
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

/** @param reasons why it was rejected, where it was */
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
    const { partner_id, type, event_id, order_id } = parsed.event
    return { partner_id, type, event_id, order_id }
  }
  const { partnerId, type, eventId, orderId } = parsed.identity
  return { partner_id: partnerId, type, event_id: eventId, order_id: orderId }
}
