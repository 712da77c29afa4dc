// Counts the dead letters opened since the last alert, and words an alert where a partner or a reason has too many.

import type { AlertState } from '#contracts'
import type { Reader } from '#warehouse/read'
import { openedEvents } from '#warehouse/sql/opened-events'
import { type Count, floodText } from './flood-text.ts'

export type AlertOptions = {
  readonly webhookUrl: string | undefined
  readonly thresholdEvents: number
  readonly intervalMinutes: number
}

/** What to tell people, and where the count begins next time. */
export type Alert = {
  /** Null where there is nothing to tell now. */
  readonly text: string | null
  /** For the state after the text was taken, or where there is none. */
  readonly since: string
}

const MINUTE_MS = 60_000

/**
 * What was too little to tell counts on for one interval; what could not be told yet counts on until it is.
 * @throws ApplicationFailure of the registry where BigQuery does not answer
 */
export function createFindFlood(read: Reader, options: AlertOptions) {
  const { webhookUrl, thresholdEvents, intervalMinutes } = options
  const intervalMs = intervalMinutes * MINUTE_MS
  return async function findFlood(last: AlertState, until: string): Promise<Alert> {
    const intervalAgo = Date.parse(until) - intervalMs
    const isTooSoon = last.lastAt !== null && Date.parse(last.lastAt) > intervalAgo
    const since = last.since ?? until
    if (!webhookUrl) return { text: null, since: until }
    if (isTooSoon) return { text: null, since }
    const params = { since: new Date(since), until: new Date(until) }
    const opened: Count[] = await read(openedEvents(params))
    const text = floodText(opened, thresholdEvents)
    return text === null
      ? { text, since: new Date(Math.max(Date.parse(since), intervalAgo)).toISOString() }
      : { text, since: until }
  }
}
