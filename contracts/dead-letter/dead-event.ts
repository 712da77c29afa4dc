// Events as a dead letter carries them, and how many bytes of JSON they take there.

import { isUtf8 } from 'node:buffer'
import type { DeadEvent, Message, Violation } from '../batch.ts'
import type { PartialIdentity } from '../event/parse.ts'

type Carried = NonNullable<DeadEvent['data']>

/** Bytes between two events in JSON. */
export const SEPARATOR_BYTES = 1

export const jsonBytes = (value: object): number => Buffer.byteLength(JSON.stringify(value))

/** The event without its data. @param partnerId who published it; absent where the dead letter has one partner */
export function toDeadEvent(
  { messageId, publishTime, attributes }: Omit<Message, 'data'>,
  { type, eventId, orderId }: Omit<PartialIdentity, 'partnerId'>,
  violations: readonly Violation[],
  partnerId?: string,
): DeadEvent {
  return {
    ...(partnerId !== undefined && { partnerId }),
    messageId,
    publishTime,
    attributes,
    data: null,
    eventType: type,
    eventId,
    orderId,
    faults: violations,
  }
}

/** As text where the data is UTF-8, else as base64. */
export function toCarried(data: Uint8Array): Carried {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return isUtf8(data) ? { text: bytes.toString('utf8') } : toBase64(data)
}

/**
 * As text where that fits in `room` bytes of JSON, else as base64, which grows less than control characters do, else null.
 */
export function toCarriedWithin(data: Uint8Array, room: number): Carried | null {
  const carried = toCarried(data)
  if (jsonBytes(carried) <= room) return carried
  const base64 = toBase64(data)
  return jsonBytes(base64) <= room ? base64 : null
}

const toBase64 = (data: Uint8Array): Carried => ({
  base64: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
})

/** The bytes of the message as they were published. */
export function fromCarried(data: Carried): Buffer {
  return 'text' in data ? Buffer.from(data.text, 'utf8') : Buffer.from(data.base64, 'base64')
}
