// RFC 3339 with any offset to UTC microseconds, the precision BigQuery keeps.

const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/**
 * The same instant as `2025-11-01T19:32:00.000000Z`, or null where `text` is not an RFC 3339 date-time
 * that exists on the calendar. Digits past the sixth of a second are cut off. A leap second (`:60`) is
 * refused, since BigQuery has no place for it.
 */
export function toUtcMicros(text: string): string | null {
  const match = RFC3339.exec(text)
  if (!match) return null
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHour, offsetMinute] =
    match
  const local = utc([year, month, day, hour, minute, second].map(Number))
  const offset = offsetMs(sign, Number(offsetHour ?? 0), Number(offsetMinute ?? 0))
  if (local === null || offset === null) return null
  const instant = new Date(local - offset)
  if (Number.isNaN(instant.getTime()) || instant.getUTCFullYear() < 1) return null
  if (instant.getUTCFullYear() > 9999) return null
  return `${instant.toISOString().slice(0, 19)}.${fraction.slice(0, 6).padEnd(6, '0')}Z`
}

/** Milliseconds since the epoch of local calendar fields, or null where they name no real moment. */
function utc(fields: readonly number[]): number | null {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return null
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (day < 1 || date.getUTCDate() !== day) return null
  return date.setUTCHours(hour, minute, second, 0)
}

function offsetMs(sign: string | undefined, hours: number, minutes: number): number | null {
  if (hours > 23 || minutes > 59) return null
  const size = hours * HOUR_MS + minutes * MINUTE_MS
  return sign === '-' ? -size : size
}
