// Rejects a message that a worker cannot finish processing as poison, and logs it for an operator.

import { log } from '@temporalio/activity'
import { countsOnce, POISON, type ValidationResult } from '#contracts'
import { publisherSpan } from '#contracts/trace'
import type { CountDecisions } from './count-decisions.ts'
import { type BatchMessage, type BatchReader, unread } from './read-batch.ts'

export type Poisoned = {
  readonly batchId: string
  /** False where a worker cannot finish parsing the message: its partner is then known by its attribute only. */
  readonly isReadable: boolean
}

/** @param batch a piece of the batch that has this message only */
export function createRejectPoison(reader: BatchReader, countDecisions: CountDecisions) {
  return async function rejectPoison(
    batch: Uint8Array,
    { batchId, isReadable }: Poisoned,
  ): Promise<ValidationResult> {
    const messages = reader.read(batch).map((one) => (isReadable ? one : unread(one)))
    for (const { message } of messages)
      log.warn('a worker cannot finish processing a message: it is dead-lettered as poison', {
        batchId,
        messageId: message.messageId,
        publisherTraceId: publisherSpan(message)?.traceId,
      })
    const received = messages.filter(({ message }) => countsOnce(message)).length
    const rejected = messages.map(toFailure)
    if (!isReadable) countDecisions(messages, { rejected, duplicates: [] })
    return { received, accepted: 0, rejected, duplicates: [] }
  }
}

function toFailure({ index, parsed }: BatchMessage) {
  const partnerId = parsed.accepted ? parsed.event.partner_id : parsed.identity.partnerId
  return { index, partnerId, reasons: [POISON] }
}
