// Parses RFC 3339 to the microsecond, which is the precision of BigQuery. It runs five times for each event, and `Date` takes ten
// times as long.

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/
const UTC = /[Zz]$/
const SECONDS_LENGTH = '2025-11-01T19:32:00'.length
const OFFSET_LENGTH = '+01:00'.length
/** The first and the last second that BigQuery has, in the years 1 to 9999. */
const FIRST_SECOND = -62_135_596_800
const LAST_SECOND = 253_402_300_799

/**
 * The same instant as `2025-11-01T19:32:00.000000Z`, or null where `text` is not an RFC 3339 date-time
 * that exists on the calendar. Digits past the sixth of a second are cut off. A leap second (`:60`) is
 * refused, because BigQuery cannot store it.
 */
export function toUtcMicros(text: string): string | null {
  if (!RFC3339.test(text)) return null
  const local = localSeconds(text)
  const offset = offsetSeconds(text)
  if (local === null || offset === null) return null
  const seconds = local - offset
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND) return null
  const whole =
    offset === 0
      ? `${text.slice(0, 10)}T${text.slice(11, SECONDS_LENGTH)}`
      : new Date(seconds * 1000).toISOString().slice(0, SECONDS_LENGTH)
  return `${whole}.${micros(text)}Z`
}

/**
 * Microseconds since the epoch of RFC 3339 text in UTC. Null where it is not such a text, or outside the years 1685 to 2254,
 * which a number can represent to the microsecond. The contract accepts far fewer years. Digits past the sixth of a second are
 * cut off.
 */
export function microsSinceEpoch(text: string): number | null {
  if (!RFC3339.test(text) || !UTC.test(text)) return null
  const seconds = localSeconds(text)
  if (seconds === null) return null
  const since = seconds * 1_000_000 + Number(micros(text))
  return Number.isSafeInteger(since) ? since : null
}

/** Seconds since the epoch of the date and time in the text, without its offset; null where they do not exist. */
function localSeconds(text: string): number | null {
  const day = daysSinceEpoch(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10))
  const [hour, minute, second] = [digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19)]
  if (day === null || hour > 23 || minute > 59 || second > 59) return null
  return day * 86_400 + hour * 3600 + minute * 60 + second
}

/** The seconds of the offset at the end, such as `+01:00` or `Z`; null where there is no such offset. */
function offsetSeconds(text: string): number | null {
  if (UTC.test(text)) return 0
  const at = text.length - OFFSET_LENGTH
  const [hours, minutes] = [digits(text, at + 1, at + 3), digits(text, at + 4, at + 6)]
  if (hours > 23 || minutes > 59) return null
  return (hours * 3600 + minutes * 60) * (text[at] === '-' ? -1 : 1)
}

/** The microseconds, as six digits. */
function micros(text: string): string {
  if (text[SECONDS_LENGTH] !== '.') return '000000'
  let end = SECONDS_LENGTH + 1
  while (end < SECONDS_LENGTH + 7 && isDigit(text.charCodeAt(end))) end++
  return text.slice(SECONDS_LENGTH + 1, end).padEnd(6, '0')
}

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
/** Days from the first of January of year 0 to the epoch. */
const EPOCH_DAY = 719_528

/** Days since the epoch of a date of the Gregorian calendar, or null where it has no such day. */
function daysSinceEpoch(year: number, month: number, day: number): number | null {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const last = (DAYS_IN_MONTH[month - 1] ?? 0) + (isLeap && month === 2 ? 1 : 0)
  if (day < 1 || day > last) return null
  const before = year - 1
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) + 1
  const inYear = (DAYS_BEFORE_MONTH[month - 1] ?? 0) + (isLeap && month > 2 ? 1 : 0)
  return year * 365 + leapDays + inYear + day - 1 - EPOCH_DAY
}

const ZERO = 48

const isDigit = (code: number) => code >= ZERO && code <= ZERO + 9

function digits(text: string, from: number, to: number): number {
  let number = 0
  for (let i = from; i < to; i++) number = number * 10 + text.charCodeAt(i) - ZERO
  return number
}
