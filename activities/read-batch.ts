// The events of a batch that a stage still has to carry: decoded and read again, the same on every attempt.

import { type CarEvent, type Message, readEvent } from '#contracts'
import { decodeBatch } from '#runtime/batch-payload'
import { failure } from './classify-error.ts'

export type BatchEvent = {
  readonly index: number
  readonly message: Message
  readonly event: CarEvent
}

/** @throws ApplicationFailure `batch_unreadable` where the payload is not the bridge's */
export function readMessages(batch: Uint8Array): Message[] {
  try {
    return decodeBatch(batch)
  } catch (cause) {
    throw failure('batch_unreadable', `The batch payload cannot be read: ${String(cause)}`)
  }
}

/**
 * The events whose index is not among `skip`.
 * @throws ApplicationFailure `contract_changed` where one that validation accepted is refused now
 */
export function readAccepted(batch: Uint8Array, skip: readonly number[]): BatchEvent[] {
  const skipped = new Set(skip)
  return readMessages(batch).flatMap((message, index) => {
    if (skipped.has(index)) return []
    const reading = readEvent(message)
    if (reading.accepted) return [{ index, message, event: reading.event }]
    const reasons = reading.faults.map(({ reason }) => reason).join(', ')
    throw failure(
      'contract_changed',
      `Message ${message.messageId} was accepted by validation and is refused now: ${reasons}`,
    )
  })
}
