// Reads a point in time as people write it: how long ago, or a date.

import { toUtcMicros } from '#contracts/event/timestamp'
import { wallClockMs } from '#runtime/clock'

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

const AGO = /^(\d{1,6})([mhdw])$/
const DATE = /^\d{4}-\d{2}-\d{2}$/
const WITHOUT_SECONDS = /^(.{10}T\d{2}:\d{2})(Z|[+-]\d{2}:\d{2})$/

/**
 * @param text `30m`, `12h`, `7d` or `2w` ago, a date, which is its midnight in UTC, or an RFC 3339 time with its offset
 * @returns null where it is none of them, or names a day or a time that does not exist
 */
export function parseWhen(text: string): Date | null {
  const [, count, unit] = AGO.exec(text) ?? []
  if (count && isUnit(unit)) return ago(Number(count) * UNIT_MS[unit])
  const full = DATE.test(text) ? `${text}T00:00:00Z` : text.replace(WITHOUT_SECONDS, '$1:00$2')
  // `Date` alone takes the 30th of February for the 2nd of March.
  const time = toUtcMicros(full)
  return time === null ? null : new Date(time)
}

/** The first moment that BigQuery has. */
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z')

function ago(ms: number): Date | null {
  const time = wallClockMs() - ms
  return time < FIRST_MS ? null : new Date(time)
}

const isUnit = (unit: string | undefined): unit is keyof typeof UNIT_MS =>
  unit !== undefined && unit in UNIT_MS
