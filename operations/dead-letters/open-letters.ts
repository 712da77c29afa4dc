// Dead letters as they are to be resolved: rebuilt from the table, so that Temporal may have forgotten them.

import {
  type DeadEvent,
  type DeadLetter,
  frameOf,
  jsonBytes,
  MAX_DEAD_LETTER_BYTES,
  othersOf,
  type Resolution,
  SEPARATOR_BYTES,
  SEVERAL_PARTNERS,
  toCarried,
  toDeadEvent,
} from '#contracts'
import { groupBy } from '#runtime/group-by'
import type { Reader } from '#warehouse/read'
import { readStandings } from '#warehouse/sql/dead-letter-standings'
import { readEvents, type StoredEvent } from '#warehouse/sql/dead-letter-stored-events'
import { completeData } from '#warehouse/sql/original-data'
import type { Selection } from './select.ts'

export type OpenLetter = {
  readonly id: string
  /** How often it was resolved so far. */
  readonly attempts: number
  /** The open events that were asked for. */
  readonly events: readonly StoredEvent[]
  /** The other open events, which stay as they are. @default none */
  readonly others?: readonly StoredEvent[]
}

/** So many are read by one query: a handful of megabytes. */
const LETTERS_A_QUERY = 20

/** Those that still have open events to be resolved when they are read; `onClosed` is called with the ids of the others. */
export async function* readOpenLetters(
  store: Reader,
  { ids, isTaken }: Pick<Selection, 'ids' | 'isTaken'>,
  onClosed: (id: string) => void = () => {},
): AsyncGenerator<OpenLetter> {
  for (let at = 0; at < ids.length; at += LETTERS_A_QUERY) {
    const some = ids.slice(at, at + LETTERS_A_QUERY)
    const standings = await readStandings(store, some)
    const open = standings.filter(({ isOpen }) => isOpen)
    for (const { id, isOpen } of standings) if (!isOpen) onClosed(id)
    const events = await readEvents(
      store,
      open.map(({ id }) => id),
    )
    const byId = groupBy(await completeData(store, events), (event) => event.dead_letter_id)
    for (const { id, attempts } of open) {
      const own = groupBy(byId.get(id) ?? [], isTaken)
      const [taken, others = []] = [own.get(true), own.get(false)]
      if (taken) yield { id, attempts, events: taken, others }
      else onClosed(id)
    }
  }
}

/** The events that were asked for, without their data. Pure. */
export function toDeadLetter({ id, events }: Pick<OpenLetter, 'id' | 'events'>): DeadLetter {
  const { isOfOnePartner, ...frame } = frameOf(events, Number(/\/(\d+)$/.exec(id)?.[1] ?? 0))
  return { ...frame, events: events.map((event) => eventOf(event, isOfOnePartner)) }
}

/** What people read in the run that resolves it: its events, then their data, each as far as `maxBytes` of JSON go. Pure. */
export function toInput(letter: OpenLetter, maxBytes: number): DeadLetter {
  const frame = { ...toDeadLetter(letter), events: [] }
  let room = Math.min(maxBytes, MAX_DEAD_LETTER_BYTES) - jsonBytes(frame)
  const takesRoom = (value: object) => {
    const bytes = jsonBytes(value) + SEPARATOR_BYTES
    if (bytes > room) return false
    room -= bytes
    return true
  }
  const isOfOne = frame.partnerId !== SEVERAL_PARTNERS
  const shown = letter.events
    .map((event) => ({
      event: eventOf(event, isOfOne),
      data: event.data && toCarried(event.data),
    }))
    .filter(({ event }) => takesRoom(event))
  return {
    ...frame,
    events: shown.map(({ event, data }) => (data && takesRoom(data) ? { ...event, data } : event)),
  }
}

function eventOf(event: StoredEvent, isOfOne: boolean): DeadEvent {
  const { message_id: messageId, publish_time: publishTime, attributes } = event
  const identity = { type: event.type, eventId: event.event_id, orderId: event.order_id }
  const partnerId = isOfOne ? undefined : event.partner_id
  return toDeadEvent({ messageId, publishTime, attributes }, identity, event.faults, partnerId)
}

/** What a resolution is limited to where it leaves open events alone; empty where it is about all of them. Pure. */
export function limitedTo({ events, others = [] }: OpenLetter): Pick<Resolution, 'limitedTo'> {
  if (others.length === 0) return {}
  const messageIds = events.map(({ message_id }) => message_id)
  return { limitedTo: { messageIds, others: othersOf(others) } }
}
