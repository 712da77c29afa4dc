// Gathers the events of a batch that cannot go on into dead letters: one per partner, split where one is too large.

import { isUtf8 } from 'node:buffer'
import {
  type Casualty,
  type DeadEvent,
  type DeadLetter,
  type Fault,
  MAX_DEAD_LETTER_BYTES,
  type Message,
  readEvent,
  type Stage,
} from '#contracts'

/** Pure: the same batch and casualties give the same dead letters, so that opening them again is a no-op. */
export function buildDeadLetters(
  messages: readonly Message[],
  casualties: readonly Casualty[],
  of: { readonly batchId: string; readonly stage: Stage },
): DeadLetter[] {
  const byPartner = new Map<string, DeadEvent[]>()
  for (const casualty of casualties) {
    const message = messages[casualty.index]
    // A message cut into parts has one dead letter, with its first part.
    if (!message || (message.part?.index ?? 0) > 0) continue
    const events = byPartner.get(casualty.partnerId) ?? []
    events.push(toDeadEvent(message, casualty.reasons, of.stage))
    byPartner.set(casualty.partnerId, events)
  }
  return [...byPartner].flatMap(([partnerId, events]) =>
    split(events).map((some, part) => ({ ...of, partnerId, events: some, part })),
  )
}

function split(events: readonly DeadEvent[]): DeadEvent[][] {
  const parts: DeadEvent[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify(event))
    const current = parts.at(-1)
    if (current && bytes + size <= MAX_DEAD_LETTER_BYTES) {
      current.push(event)
      bytes += size
    } else {
      parts.push([event])
      bytes = size
    }
  }
  return parts
}

function toDeadEvent(message: Message, reasons: readonly string[], stage: Stage): DeadEvent {
  const reading = readEvent(message)
  const { partnerId: _, ...glimpse } = reading.accepted
    ? {
        partnerId: reading.event.partner_id,
        type: reading.event.type,
        eventId: reading.event.event_id,
        orderId: reading.event.order_id,
      }
    : reading.glimpse
  return {
    messageId: message.messageId,
    publishTime: message.publishTime,
    attributes: message.attributes,
    data: readable(message),
    eventType: glimpse.type,
    eventId: glimpse.eventId,
    orderId: glimpse.orderId,
    faults: reading.accepted ? reasons.map((reason) => refused(reason, stage)) : reading.faults,
  }
}

function readable({ data, part }: Message): DeadEvent['data'] {
  if (part || data.length > MAX_DEAD_LETTER_BYTES) return null
  const bytes = Buffer.from(data)
  return isUtf8(data) ? { text: bytes.toString('utf8') } : { base64: bytes.toString('base64') }
}

function refused(reason: string, stage: Stage): Fault {
  const sink = stage === 'activation' ? 'Segment' : 'BigQuery'
  return { reason, path: '', expected: `an event ${sink} takes`, received: `refused by ${sink}` }
}
