// Counts the dead letters opened since the last alert, and returns an alert where a partner or a reason has too many.

import type { AlertState } from '#contracts'
import type { Reader } from '#warehouse/read'
import { openedEvents } from '#warehouse/sql/opened-events'
import { alertText, type Count } from './alert-text.ts'

export type AlertOptions = {
  readonly webhookUrl: string | undefined
  readonly thresholdEvents: number
  readonly intervalMinutes: number
}

/** The text to send, and from when the next sweep counts. */
export type Alert = {
  /** Null where there is no alert to send. */
  readonly text: string | null
  /** The start of the next count, once the text was sent or where there is none. */
  readonly since: string
}

const MINUTE_MS = 60_000

/**
 * Events below the threshold are counted again for one interval. Events of an alert that must wait for the interval to end are
 * counted until it is sent.
 * @throws ApplicationFailure of the registry where BigQuery does not answer
 */
export function createFindAlert(read: Reader, options: AlertOptions) {
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
    const text = alertText(opened, thresholdEvents)
    return text === null
      ? { text, since: new Date(Math.max(Date.parse(since), intervalAgo)).toISOString() }
      : { text, since: until }
  }
}
