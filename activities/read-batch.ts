// The events of a batch that a stage still has to carry: decoded and read again, the same on every attempt.

import { type CarEvent, type Casualty, type Message, readEvent, reasonsOf } from '#contracts'
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

export type Accepted = {
  readonly events: readonly BatchEvent[]
  /** Accepted by validation, refused now: the contract changed between the two. */
  readonly changed: readonly Casualty[]
}

/** The events whose index is not among `skip`. */
export function readAccepted(messages: readonly Message[], skip: readonly number[]): Accepted {
  const skipped = new Set(skip)
  const events: BatchEvent[] = []
  const changed: Casualty[] = []
  for (const [index, message] of messages.entries()) {
    if (skipped.has(index)) continue
    const reading = readEvent(message)
    if (reading.accepted) events.push({ index, message, event: reading.event })
    else changed.push({ index, partnerId: reading.glimpse.partnerId, reasons: reasonsOf(reading) })
  }
  return { events, changed }
}
