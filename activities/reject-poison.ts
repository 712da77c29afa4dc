// The verdict on a message that a worker cannot finish with: rejected as poison, and logged for people to look at.

import { log } from '@temporalio/activity'
import { countsOnce, POISON, type ValidationResult } from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics'
import { type BatchMessage, type BatchReader, unread } from './read-batch.ts'

export type Poisoned = {
  readonly batchId: string
  /** False where parsed the message is what a worker cannot finish: its attribute alone then says whose it is. */
  readonly isReadable: boolean
}

/** @param batch a piece that holds the message alone */
export function createRejectPoison(reader: BatchReader, metrics: ActivityMetrics) {
  return async function rejectPoison(
    batch: Uint8Array,
    { batchId, isReadable }: Poisoned,
  ): Promise<ValidationResult> {
    const messages = reader.read(batch).map((one) => (isReadable ? one : unread(one)))
    for (const { message } of messages)
      log.warn('a worker cannot finish with a message: it is dead-lettered as poison', {
        batchId,
        messageId: message.messageId,
      })
    const received = messages.filter(({ message }) => countsOnce(message)).length
    if (!isReadable) metrics.eventsDecided.add(received, { decision: 'rejected' })
    return { received, accepted: 0, rejected: messages.map(toFailure), duplicates: [] }
  }
}

function toFailure({ index, parsed }: BatchMessage) {
  const partnerId = parsed.accepted ? parsed.event.partner_id : parsed.identity.partnerId
  return { index, partnerId, reasons: [POISON] }
}
