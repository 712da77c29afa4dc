// One dead letter: its events with every violation, and what was done with it.

import type { Reader } from '#warehouse/read'
import { readIds } from '#warehouse/sql/dead-letter-ids'
import { type Logged, readLog } from '#warehouse/sql/dead-letter-log'
import { readStandings } from '#warehouse/sql/dead-letter-standings'
import { readEvents, type StoredEvent } from '#warehouse/sql/dead-letter-stored-events'
import { completeData } from '#warehouse/sql/original-data'
import { OperationError } from '../errors.ts'
import { resolveId } from './short-id.ts'

export type ShownLetter = {
  readonly id: string
  readonly isOpen: boolean
  /** Those that are open, or all where none is. Data that is only in the audit log is missing. */
  readonly events: readonly StoredEvent[]
  readonly log: readonly Logged[]
}

/**
 * @param text a whole id, its beginning, or a short id
 * @param partner only the events of this partner @default of all
 * @throws OperationError of `resolveId`, or `partner_not_in_letter`
 */
export async function showLetter(
  store: Reader,
  text: string,
  partner?: string,
): Promise<ShownLetter> {
  const id = resolveId(text, await readIds(store))
  const [all, log, [standing]] = await Promise.all([
    readEvents(store, [id]),
    readLog(store, id),
    readStandings(store, [id]),
  ])
  return { id, isOpen: standing?.isOpen ?? true, events: eventsOf(all, id, partner), log }
}

/**
 * The events of an open dead letter with all their data, as they are edited.
 * @throws OperationError `letter_closed`
 */
export function openEventsOf(
  store: Reader,
  { id, isOpen, events }: ShownLetter,
): Promise<StoredEvent[]> {
  if (!isOpen) throw new OperationError('letter_closed', { letter: id })
  return completeData(store, events)
}

/** Where it has none of them, the partner may be misspelt. */
function eventsOf(events: readonly StoredEvent[], id: string, partner: string | undefined) {
  if (partner === undefined) return events
  const own = events.filter(({ partner_id }) => partner_id === partner)
  if (own.length === 0) throw new OperationError('partner_not_in_letter', { letter: id, partner })
  return own
}
