// Reads the date and time texts BigQuery takes in streamed rows, to the microsecond and without rounding.

const DATE_TEXT = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/
// Google's client writes nine decimals: those below the microsecond may only be zeros.
const TIME_TEXT = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6})0{0,3})?)?$/
const DATETIME_TEXT = /^([\d-]{8,10})(?:[ Tt]([\d:.]+))?$/
const TIMESTAMP_TEXT = /^([\d/-]{8,10})(?:[ Tt]([\d:.]+))?\s?(Z|z|UTC|[+-]\d{1,2}(?::?\d{2})?)?$/
const EPOCH_TEXT = /^(-?)(\d{1,12})(?:\.(\d+))?$/
const OFFSET_TEXT = /^([+-])(\d{1,2}):?(\d{2})?$/

const DAY_MS = 86_400_000
const MICROS_PER_MS = 1000n
// 0001-01-01 to 9999-12-31, BigQuery's range.
const firstMicros = BigInt(Date.parse('0001-01-01T00:00:00Z')) * MICROS_PER_MS
const lastMicros = BigInt(Date.parse('9999-12-31T23:59:59.999Z')) * MICROS_PER_MS + 999n

/** `YYYY-[M]M-[D]D` of a day that exists as days since 1970-01-01, else undefined. */
export function parseDate(text: string): number | undefined {
  const [, year, month, day] = DATE_TEXT.exec(text) ?? []
  if (!year || year === '0000') return undefined
  // Date.UTC takes years below 100 for the twentieth century; setUTCFullYear does not.
  const date = new Date(0)
  const ms = date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  // Date rolls 30 February over into March.
  return date.getUTCMonth() + 1 === Number(month) && Number(month) >= 1 ? ms / DAY_MS : undefined
}

/** `[H]H:[M]M[:[S]S[.DDDDDD]]` as microseconds since midnight, else undefined. */
export function parseTime(text: string): number | undefined {
  const [, hour, minute, second = '0', fraction = ''] = TIME_TEXT.exec(text) ?? []
  if (!hour || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second)
  return seconds * 1e6 + Number(fraction.padEnd(6, '0'))
}

/** A date, or a date and a time, without time zone, as microseconds since 1970, else undefined. */
export function parseDatetime(text: string): bigint | undefined {
  const [, date = '', time = '0:0'] = DATETIME_TEXT.exec(text) ?? []
  return micros(date, time)
}

/**
 * A moment as microseconds since 1970: RFC 3339, BigQuery's own form with or without an offset
 * (none means UTC), or epoch seconds as a number or its text. Zone names other than UTC, and
 * digits other than 0 below the microsecond, are not taken.
 */
export function parseTimestamp(value: unknown): bigint | undefined {
  if (typeof value === 'number') return inRange(fromEpochSeconds(value.toFixed(6)))
  if (typeof value !== 'string') return undefined
  const [, date = '', time = '0:0', zone = 'Z'] = TIMESTAMP_TEXT.exec(value) ?? []
  const local = micros(date, time)
  if (local === undefined) return inRange(fromEpochSeconds(value))
  const offset = offsetMinutes(zone)
  return offset === undefined ? undefined : inRange(local - BigInt(offset) * 60_000_000n)
}

function micros(date: string, time: string) {
  const [days, within] = [parseDate(date), parseTime(time)]
  if (days === undefined || within === undefined) return undefined
  return BigInt(days * DAY_MS) * MICROS_PER_MS + BigInt(within)
}

function offsetMinutes(zone: string) {
  if (/^(z|utc)$/i.test(zone)) return 0
  const [, sign, hours = '', minutes = '0'] = OFFSET_TEXT.exec(zone) ?? []
  if (Number(hours) > 14 || Number(minutes) > 59) return undefined
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

function fromEpochSeconds(text: string) {
  const [, sign, seconds, fraction = ''] = EPOCH_TEXT.exec(text) ?? []
  if (!seconds || fraction.length > 6) return undefined
  const magnitude = BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, '0'))
  return sign ? -magnitude : magnitude
}

const inRange = (moment: bigint | undefined) =>
  moment !== undefined && moment >= firstMicros && moment <= lastMicros ? moment : undefined
