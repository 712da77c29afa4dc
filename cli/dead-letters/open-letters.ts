// Dead letters as they are to be handled: rebuilt from the table, so that Temporal may have forgotten them.

import { isUtf8 } from 'node:buffer'
import { type DeadEvent, type DeadLetter, MAX_DEAD_LETTER_BYTES } from '#contracts'
import { groupBy } from '#runtime/group-by'
import { completeData } from './original-data.ts'
import { readEvents, readStandings, type Store, type StoredEvent } from './store.ts'

export type OpenLetter = {
  readonly id: string
  /** How often it was handled so far. */
  readonly attempts: number
  readonly events: readonly StoredEvent[]
}

/** So many are read by one query: a handful of megabytes. */
const LETTERS_A_QUERY = 20

/** Those of `ids` that are open when their turn comes; of the others `onClosed` hears. */
export async function* readOpenLetters(
  store: Store,
  ids: readonly string[],
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
      const own = byId.get(id)
      if (own) yield { id, attempts, events: own }
    }
  }
}

/** All its events, without their data. Pure. */
export function toDeadLetter({ id, events }: OpenLetter): DeadLetter {
  const [first] = events
  return {
    batchId: first?.batch_id ?? '',
    partnerId: first?.partner_id ?? '',
    stage: first?.stage ?? 'validation',
    part: Number(/\/(\d+)$/.exec(id)?.[1] ?? 0),
    events: events.map(toDeadEvent),
  }
}

/** What people read in the run that handles it: its events, then their data, each as far as `maxBytes` of JSON go. Pure. */
export function toInput(letter: OpenLetter, maxBytes: number): DeadLetter {
  const frame = { ...toDeadLetter(letter), events: [] }
  let room = Math.min(maxBytes, MAX_DEAD_LETTER_BYTES) - bytesOf(frame)
  const takesRoom = (value: object) => {
    const bytes = bytesOf(value) + SEPARATOR_BYTES
    if (bytes > room) return false
    room -= bytes
    return true
  }
  const shown = letter.events
    .map((event) => ({ event: toDeadEvent(event), data: event.data && readableOf(event.data) }))
    .filter(({ event }) => takesRoom(event))
  return {
    ...frame,
    events: shown.map(({ event, data }) => (data && takesRoom(data) ? { ...event, data } : event)),
  }
}

/** What stands between two events in JSON. */
const SEPARATOR_BYTES = 1

function toDeadEvent(event: StoredEvent): DeadEvent {
  return {
    messageId: event.message_id,
    publishTime: event.publish_time,
    attributes: event.attributes,
    data: null,
    eventType: event.type,
    eventId: event.event_id,
    orderId: event.order_id,
    faults: event.faults,
  }
}

const readableOf = (data: Buffer): NonNullable<DeadEvent['data']> =>
  isUtf8(data) ? { text: data.toString('utf8') } : { base64: data.toString('base64') }

const bytesOf = (value: object) => Buffer.byteLength(JSON.stringify(value))
