// INTERVALs: their construction, their arithmetic and their parts.

import { notImplemented } from '../../values/errors.ts'
import { kindOf } from '../types.ts'
import { partOf } from './parts.ts'
import type { Call, Rule, Rules } from './rule.ts'

/** The SQL of EXTRACT from an INTERVAL. */
export function extractedFromInterval(interval: string, part: string): string {
  const template = EXTRACTS[part]
  if (template === undefined) throw notImplemented(`EXTRACT of ${part} from an INTERVAL`)
  return template.replaceAll('$1', () => interval)
}

const EXTRACTS: Readonly<Record<string, string>> = {
  YEAR: '(gs_months($1) // 12)',
  MONTH: '(gs_months($1) % 12)',
  DAY: 'gs_days($1)',
  HOUR: '(gs_micros($1) // 3600000000)',
  MINUTE: '(gs_micros($1) // 60000000 % 60)',
  SECOND: '(gs_micros($1) // 1000000 % 60)',
  MILLISECOND: '(gs_micros($1) // 1000 % 1000)',
  MICROSECOND: '(gs_micros($1) % 1000000)',
}

/** The difference of two points in time, by their type: in days and microseconds, or in the latter alone. */
export const difference: Readonly<Record<string, string>> = {
  DATE: 'to_days(CAST($1 - $2 AS INTEGER))',
  DATETIME: 'gs_datetime_difference($1, $2)',
  TIMESTAMP: 'to_microseconds(epoch_us($1) - epoch_us($2))',
  TIME: `to_microseconds(epoch_us(DATE '1970-01-01' + $1) - epoch_us(DATE '1970-01-01' + $2))`,
}

// MAKE_INTERVAL's arguments have names and the value 0 where they are absent, which the analyzer writes.
const makeInterval: Rule = ({ args }) => {
  const [year, month, day, hour, minute, second] = Array.from({ length: 6 }, (_, i) => args[i] ?? 0)
  const micros = `((CAST(${hour} AS HUGEINT) * 60 + ${minute}) * 60 + ${second}) * 1000000`
  return `gs_make_interval(CAST(${year} AS HUGEINT) * 12 + ${month}, ${day}, ${micros})`
}

// DATE + INTERVAL and INTERVAL + DATE are the same.
const added: Rule = ({ args: [a = '', b = ''], nodes: [, other] }: Call) => {
  const kind = other && kindOf(other.type)
  if (kind === 'INTERVAL') return `gs_add_intervals(${a}, ${b})`
  if (kind === 'TIMESTAMP') return `gs_timestamp(${b} + gs_without_months(${a}))`
  return `gs_datetime(${b} + ${a})`
}

// A number and a part.
const interval: Rule = ({ args: [count = '1'], nodes }) => {
  const part = partOf(nodes[1])
  const [unit, times] = PARTS[part] ?? []
  if (unit === undefined) throw notImplemented(`an INTERVAL of ${part}`)
  return `gs_interval_${unit}(CAST(${count} AS HUGEINT) * ${times})`
}

const PARTS: Readonly<
  Record<string, readonly [unit: 'months' | 'days' | 'micros', times: number]>
> = {
  YEAR: ['months', 12],
  QUARTER: ['months', 3],
  MONTH: ['months', 1],
  WEEK: ['days', 7],
  DAY: ['days', 1],
  HOUR: ['micros', 3_600_000_000],
  MINUTE: ['micros', 60_000_000],
  SECOND: ['micros', 1_000_000],
  MILLISECOND: ['micros', 1000],
  MICROSECOND: ['micros', 1],
}

export const INTERVAL_FUNCTIONS: Rules = {
  $interval: interval,
  make_interval: makeInterval,
  '$add:INTERVAL': added,
  '$subtract:INTERVAL': 'gs_add_intervals($1, gs_times($2, -1))',
  '$multiply:INTERVAL': 'gs_times($1, $2)',
  '$divide:INTERVAL': 'gs_divide_interval($1, $2)',
  justify_hours: 'gs_justify_hours($1)',
  justify_days: 'gs_justify_days($1)',
  justify_interval: 'gs_justify_interval($1)',
  '$unary_minus:INTERVAL': 'gs_times($1, -1)',
}
