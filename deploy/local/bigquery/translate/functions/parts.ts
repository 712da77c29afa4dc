// Parts of dates and times, such as MONTH and WEEK(MONDAY), as DuckDB computes them.

import { notImplemented } from '../../values/errors.ts'
import type { Expression } from '../tree.ts'

// By their numbers in GoogleSQL's enum DateTimestampPart.
const PARTS =
  `- YEAR MONTH DAY DAYOFWEEK DAYOFYEAR QUARTER HOUR MINUTE SECOND MILLISECOND MICROSECOND NANOSECOND DATE WEEK
  DATETIME TIME ISOYEAR ISOWEEK WEEK_MONDAY WEEK_TUESDAY WEEK_WEDNESDAY WEEK_THURSDAY WEEK_FRIDAY WEEK_SATURDAY`.split(
    /\s+/,
  )

/** The part that an argument names. */
export function partOf(node: Expression | undefined, otherwise = 'DAY'): string {
  if (node === undefined) return otherwise
  const number = node.node === 'literal' ? node.value.value.enum_value : undefined
  const part = PARTS[number ?? -1]
  if (part === undefined || part === 'NANOSECOND') throw notImplemented(`the date part ${part}`)
  return part
}

/** `count` of a part as DuckDB's INTERVAL. */
export function intervalOf(count: string, part: string): string {
  const make = INTERVALS[part]
  if (make === undefined) throw notImplemented(`an INTERVAL of ${part}`)
  const [name, times, type] = make
  return `${name}(CAST(${times === 1 ? count : `${times} * ${count}`} AS ${type}))`
}

const INTERVALS: Readonly<Record<string, readonly [name: string, times: number, type: string]>> = {
  YEAR: ['to_months', 12, 'INTEGER'],
  QUARTER: ['to_months', 3, 'INTEGER'],
  MONTH: ['to_months', 1, 'INTEGER'],
  WEEK: ['to_days', 7, 'INTEGER'],
  ISOWEEK: ['to_days', 7, 'INTEGER'],
  DAY: ['to_days', 1, 'INTEGER'],
  HOUR: ['to_hours', 1, 'BIGINT'],
  MINUTE: ['to_minutes', 1, 'BIGINT'],
  SECOND: ['to_seconds', 1, 'DOUBLE'],
  MILLISECOND: ['to_milliseconds', 1, 'DOUBLE'],
  MICROSECOND: ['to_microseconds', 1, 'BIGINT'],
}

const WEEKDAYS = [
  'WEEK_MONDAY',
  'WEEK_TUESDAY',
  'WEEK_WEDNESDAY',
  'WEEK_THURSDAY',
  'WEEK_FRIDAY',
  'WEEK_SATURDAY',
  'WEEK',
]

// How many days after Monday the weeks of a part begin.
const firstDay = (part: string) => (part === 'ISOWEEK' ? 0 : WEEKDAYS.indexOf(part))

/** Whether the part is a day or longer. */
export const isOfDays = (part: string) =>
  firstDay(part) >= 0 || /^(?:DAY|MONTH|QUARTER|YEAR|ISOYEAR)$/.test(part)

/** The TIMESTAMP without time zone `local` at the start of the part that it lies in. */
export function truncated(local: string, part: string): string {
  const days = firstDay(part)
  if (days === 0) return `date_trunc('week', ${local})`
  if (days > 0) return `(date_trunc('week', ${local} - to_days(${days})) + to_days(${days}))`
  if (!(part in INTERVALS) && part !== 'ISOYEAR') throw notImplemented(`truncation to ${part}`)
  return `date_trunc('${part.toLowerCase()}', ${local})`
}

/** How many boundaries of a part lie between `from` and `to`, two TIMESTAMPs without time zone. */
export function boundaries(from: string, to: string, part: string): string {
  if (firstDay(part) >= 0) {
    const [start, end] = [truncated(from, part), truncated(to, part)]
    return `(date_diff('day', ${start}, ${end}) // 7)`
  }
  if (part === 'ISOYEAR') return `(extract(isoyear FROM ${to}) - extract(isoyear FROM ${from}))`
  if (!(part in INTERVALS)) throw notImplemented(`a difference in ${part}`)
  return `date_diff('${part.toLowerCase()}', ${from}, ${to})`
}

const MICROS: Readonly<Record<string, number>> = {
  MICROSECOND: 1,
  MILLISECOND: 1000,
  SECOND: 1_000_000,
  MINUTE: 60_000_000,
  HOUR: 3_600_000_000,
  DAY: 86_400_000_000,
}

/** How many whole parts lie between two TIMESTAMPs with time zone. */
export function wholeParts(from: string, to: string, part: string): string {
  const micros = MICROS[part]
  if (micros === undefined) throw notImplemented(`a difference of TIMESTAMPs in ${part}`)
  return `((epoch_us(${to}) - epoch_us(${from})) // ${micros})`
}

/** EXTRACT of a part from `local`, a TIMESTAMP without time zone, a DATE or a TIME. */
export function extracted(local: string, part: string): string {
  const days = firstDay(part)
  if (part === 'ISOWEEK') return `extract(week FROM ${local})`
  if (days >= 0)
    return `((extract(doy FROM ${local}) + 6 - ((extract(dow FROM ${local}) + ${6 - days}) % 7)) // 7)`
  const template = EXTRACTS[part]
  if (template === undefined) throw notImplemented(`EXTRACT of ${part}`)
  return template.replace('$1', () => local)
}

const EXTRACTS: Readonly<Record<string, string>> = {
  MICROSECOND: '(extract(microsecond FROM $1) % 1000000)',
  MILLISECOND: '(extract(millisecond FROM $1) % 1000)',
  SECOND: 'extract(second FROM $1)',
  MINUTE: 'extract(minute FROM $1)',
  HOUR: 'extract(hour FROM $1)',
  DAYOFWEEK: '(extract(dow FROM $1) + 1)',
  DAY: 'extract(day FROM $1)',
  DAYOFYEAR: 'extract(doy FROM $1)',
  MONTH: 'extract(month FROM $1)',
  QUARTER: 'extract(quarter FROM $1)',
  YEAR: 'extract(year FROM $1)',
  ISOYEAR: 'extract(isoyear FROM $1)',
}
