// A dead letter in which events of a person are open: the run that closes those, and holds nothing of any event. Pure.

import {
  type DeadLetter,
  type EraseRequest,
  frameOf,
  othersOf,
  type Resolution,
  toDeadEvent,
} from '#contracts'
import type { OpenLetterEvent } from '#warehouse/sql/open-letter-events'

export type Closing = {
  readonly id: string
  /** Open events of the person. */
  readonly own: readonly OpenLetterEvent[]
  /** Open events of others, which stay open. */
  readonly others: readonly OpenLetterEvent[]
}

/** The dead letter as Temporal lists it afterwards: with the events of others, or else with those that are closed. */
export function letterOf({ own, others }: Closing): DeadLetter {
  const events = others.length > 0 ? others : own
  const { isOfOnePartner, ...frame } = frameOf(events, 0)
  return { ...frame, events: events.map((event) => withoutContents(event, isOfOnePartner)) }
}

function withoutContents(event: OpenLetterEvent, isOfOne: boolean) {
  const { message_id: messageId, publish_time: publishTime, type, reasons } = event
  const faults = reasons.map((reason) => ({ reason, path: '', expected: '', received: '' }))
  return toDeadEvent(
    { messageId, publishTime, attributes: {} },
    { type, eventId: null, orderId: null },
    faults,
    isOfOne ? undefined : event.partner_id,
  )
}

type Who = Pick<EraseRequest, 'actor' | 'reason' | 'requestedAt'>

export type Earlier = {
  /** The number of the last action on the dead letter. */
  readonly attempts: number
  readonly previousRunId: string | null
  /** Messages of the person, where none of them is open any more. */
  readonly messageIds: readonly string[]
}

/** Discards the events of the person, and leaves the others open. */
export function discardOf({ own, others }: Closing, who: Who, earlier: Earlier): Resolution {
  const messageIds = own.length > 0 ? own.map(({ message_id }) => message_id) : earlier.messageIds
  return {
    action: 'discard',
    events: own.length,
    attempt: earlier.attempts + 1,
    actor: who.actor,
    reason: who.reason,
    patch: null,
    occurredAt: who.requestedAt,
    previousRunId: earlier.previousRunId,
    staged: [],
    ...(others.length > 0 && {
      limitedTo: { messageIds, others: othersOf(others.map(withFaults)) },
    }),
  }
}

/** The table's reasons are all that is read of the violations: the rest may quote the person. */
const withFaults = (event: OpenLetterEvent) => ({
  ...event,
  faults: event.reasons.map((reason) => ({ reason, expected: '' })),
})
