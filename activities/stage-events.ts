// Writes the accepted events of a batch to their staging tables.

import {
  type EventFailure,
  type EventType,
  identityOf,
  type SinkReason,
  type Staged,
  type TableName,
} from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics/groups'
import type { Row, Warehouse } from '#warehouse/warehouse'
import { observeAge } from './observe-age.ts'
import { acceptedOf, type BatchEvent, type BatchReader } from './read-batch.ts'

const TABLE = {
  purchase: 'staging_purchase',
  cancellation: 'staging_cancellation',
} as const satisfies Record<EventType, TableName>

/**
 * At least once: a repeat of the activity may write a row again. The views have each event once, as its newest version.
 * @param skip indexes of events that are not staged: rejected and duplicates
 * @returns the rows written, and the events whose rows BigQuery can never take
 * @throws ApplicationFailure of the registry where no event is to blame
 */
export function createStageEvents(
  reader: BatchReader,
  warehouse: Warehouse,
  metrics: ActivityMetrics,
) {
  async function stageType(type: EventType, events: readonly BatchEvent[], batchId: string) {
    const own = events.filter(({ event }) => event.type === type)
    if (own.length === 0) return { written: 0, failed: [] }
    const rows = own.map((event) => toRow(event, batchId))
    const { written, failed } = await warehouse.append(TABLE[type], rows)
    metrics.rowsWritten.add(written, { table: TABLE[type] })
    return {
      written,
      failed: failed.flatMap(({ index, reason }) => failedEvent(own[index], reason)),
    }
  }

  return async function stageEvents(
    batch: Uint8Array,
    batchId: string,
    skip: readonly number[],
  ): Promise<Staged> {
    const { events, changed } = acceptedOf(reader.read(batch), skip)
    const [purchase, cancellation] = await Promise.all([
      stageType('purchase', events, batchId),
      stageType('cancellation', events, batchId),
    ])
    const failed = [...purchase.failed, ...cancellation.failed]
    const unstaged = new Set(failed.map(({ index }) => index))
    const staged = events.filter(({ index }) => !unstaged.has(index))
    observeAge(metrics.publishToStaged, staged)
    return {
      purchase: purchase.written,
      cancellation: cancellation.written,
      failed: [...changed, ...failed],
    }
  }
}

function failedEvent(event: BatchEvent | undefined, reason: SinkReason): EventFailure[] {
  if (!event) return []
  return [{ index: event.index, partnerId: event.event.partner_id, reasons: [reason] }]
}

/** The key is the message and what it says: where the writer deduplicates, a repeat writes no second row, and a version that a partner sends again is the newest one still. */
function toRow({ message, event }: BatchEvent, batchId: string): Row {
  return {
    key: [...identityOf(event), event.content_hash, message.messageId, message.publishTime],
    columns: {
      ...event,
      consent: event.consent && JSON.stringify(event.consent),
      message_id: message.messageId,
      publish_time: message.publishTime,
      batch_id: batchId,
    },
  }
}
