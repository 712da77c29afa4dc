// Counts the dead letters opened since the last alert, and returns an alert where a partner or a reason has too many.

import { z } from 'zod'
import { type AlertState, DATASET } from '#contracts'
import { timestamp, type WarehouseQuery } from '#warehouse/query'
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

/** A message may have waited in Pub/Sub for its 31 days, and an attempt may take a week. */
const MAX_PUBLISHED_BEFORE = 'INTERVAL 45 DAY'

const OPENED = `SELECT
  partner_id, TO_JSON_STRING(reasons) AS why, COUNT(*) AS events, MIN(ingested_at) AS oldest
FROM ${DATASET}.open_dead_letter
WHERE ingested_at >= @since AND ingested_at < @until
  AND publish_time >= TIMESTAMP_SUB(@since, ${MAX_PUBLISHED_BEFORE})
GROUP BY partner_id, why
ORDER BY events DESC
LIMIT 10000`

const openedRow = z
  .object({ partner_id: z.string(), why: z.string(), events: z.number(), oldest: timestamp })
  .transform(({ partner_id, why, ...counted }) => ({
    ...counted,
    partnerId: partner_id,
    reasons: z.string().array().parse(JSON.parse(why)),
  }))

const MINUTE_MS = 60_000

/**
 * Events below the threshold are counted again for one interval. Events of an alert that must wait for the interval to end are
 * counted until it is sent.
 * @throws ApplicationFailure of the registry where BigQuery does not answer
 */
export function createFindAlert(query: WarehouseQuery, options: AlertOptions) {
  const { webhookUrl, thresholdEvents, intervalMinutes } = options
  const intervalMs = intervalMinutes * MINUTE_MS
  return async function findFlood(last: AlertState, until: string): Promise<Alert> {
    const intervalAgo = Date.parse(until) - intervalMs
    const isTooSoon = last.lastAt !== null && Date.parse(last.lastAt) > intervalAgo
    const since = last.since ?? until
    if (!webhookUrl) return { text: null, since: until }
    if (isTooSoon) return { text: null, since }
    const params = { since: new Date(since), until: new Date(until) }
    const opened: Count[] = await query.rows(OPENED, params, openedRow)
    const text = alertText(opened, thresholdEvents)
    return text === null
      ? { text, since: new Date(Math.max(Date.parse(since), intervalAgo)).toISOString() }
      : { text, since: until }
  }
}
