// Records the events of a dead letter in BigQuery, because Temporal deletes closed workflows after their retention.

import { type DeadEvent, type DeadLetter, fromCarried, partnerOf } from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics/groups'
import type { Row, Warehouse } from '#warehouse/warehouse'
import { appendAll } from './append-all.ts'

/** @throws ApplicationFailure of the registry; also where BigQuery refuses a row, because no event may be lost */
export function createRecordDeadLetter(warehouse: Warehouse, metrics: ActivityMetrics) {
  return async function recordDeadLetter(id: string, letter: DeadLetter): Promise<void> {
    const rows = letter.events.map((event) =>
      toRow(id, { letter, event, data: event.data && fromCarried(event.data) }),
    )
    await appendAll({ warehouse, metrics }, 'dead_letter', rows)
  }
}

type OneEvent = {
  readonly letter: Omit<DeadLetter, 'events' | 'part'>
  readonly event: DeadEvent
  readonly data: Uint8Array | null
  /** The number of the redrive in which the event failed again; undefined where it failed for the first time. */
  readonly attempt?: number
}

export function toRow(id: string, { letter, event, data, attempt }: OneEvent): Row {
  return {
    key: [id, event.messageId, ...(attempt === undefined ? [] : [String(attempt)])],
    columns: {
      dead_letter_id: id,
      stage: letter.stage,
      partner_id: partnerOf(letter, event),
      type: event.eventType,
      event_id: event.eventId,
      order_id: event.orderId,
      reasons: [...new Set(event.faults.map(({ reason }) => reason))],
      faults: JSON.stringify(event.faults),
      data,
      attributes: JSON.stringify(event.attributes),
      attempt: attempt ?? null,
      message_id: event.messageId,
      publish_time: event.publishTime,
      batch_id: letter.batchId,
    },
  }
}
