// INTERVAL as BigQuery writes it: `Y-M D H:M:S.F`.

import { DuckDBIntervalValue } from '@duckdb/node-api'

const INTERVAL_TEXT =
  /^([+-]?)(\d{1,5})-(\d{1,6}) ([+-]?\d{1,7}) ([+-]?)(\d{1,8}):(\d{1,9}):(\d{1,11})(?:\.(\d{1,6})0{0,3})?$/

const MICROS_PER_SECOND = 1_000_000n
// 10,000 years in each part, BigQuery's range.
const MAX_MONTHS = 120_000n
const MAX_DAYS = 3_660_000n
const MAX_MICROS = MAX_DAYS * 86_400n * MICROS_PER_SECOND

/** The three parts of an INTERVAL, each with a sign of its own; undefined for a text that is none. */
export function parseInterval(text: string): DuckDBIntervalValue | undefined {
  const [whole, sign, years, months = '', days = '', timeSign, hours, minutes = '', ...rest] =
    INTERVAL_TEXT.exec(text) ?? []
  if (whole === undefined || years === undefined || hours === undefined) return undefined
  const [seconds = '', fraction = ''] = rest
  const ofMonths = signed(sign, BigInt(years) * 12n + BigInt(months))
  const inSeconds = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds)
  const micros = inSeconds * MICROS_PER_SECOND + BigInt(fraction.padEnd(6, '0'))
  const ofDays = BigInt(days.replace('+', ''))
  const ofMicros = signed(timeSign, micros)
  return isWithin(ofMonths, MAX_MONTHS) && isWithin(ofDays, MAX_DAYS) && micros <= MAX_MICROS
    ? new DuckDBIntervalValue(Number(ofMonths), Number(ofDays), ofMicros)
    : undefined
}

const signed = (sign: string | undefined, magnitude: bigint) =>
  sign === '-' ? -magnitude : magnitude

const isWithin = (value: bigint, limit: bigint) => value <= limit && value >= -limit

type Parts = Pick<DuckDBIntervalValue, 'months' | 'days' | 'micros'>

/** `Y-M D H:M:S`, with a fraction of three or six digits where there is one. */
export function intervalText({ months, days, micros }: Parts): string {
  const inMonths = Math.abs(months)
  const magnitude = micros < 0n ? -micros : micros
  const seconds = magnitude / MICROS_PER_SECOND
  const date = `${months < 0 ? '-' : ''}${Math.trunc(inMonths / 12)}-${inMonths % 12}`
  const clock = `${seconds / 3600n}:${(seconds / 60n) % 60n}:${seconds % 60n}`
  return `${date} ${days} ${micros < 0n ? '-' : ''}${clock}${fractionText(magnitude % MICROS_PER_SECOND)}`
}

function fractionText(micros: bigint) {
  if (micros === 0n) return ''
  const digits = String(micros).padStart(6, '0')
  return `.${digits.endsWith('000') ? digits.slice(0, 3) : digits}`
}
