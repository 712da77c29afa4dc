// Dates, times, datetimes and timestamps.

import { notImplemented } from '../../values/errors.ts'
import { kindOf } from '../types.ts'
import { extractedFromInterval } from './intervals.ts'
import {
  boundaries,
  extracted,
  intervalOf,
  isOfDays,
  partOf,
  truncated,
  wholeParts,
} from './parts.ts'
import { type Call, each, type Rule, type Rules } from './rule.ts'
import { formatRule, parseRule } from './time-formats.ts'
import { localIn, momentIn, UTC } from './zones.ts'

const kindAt = ({ nodes }: Call, i: number) => {
  const node = nodes[i]
  return node && kindOf(node.type)
}

// DATE, DATETIME and TIMESTAMP as a TIMESTAMP without time zone.
function local(value: string, kind: string | undefined, zone = UTC) {
  if (kind === 'TIMESTAMP') return localIn(value, zone)
  return kind === 'DATE' ? `CAST(${value} AS TIMESTAMP)` : value
}

function trunc(call: Call) {
  const {
    args: [value = '', , zone = UTC],
    nodes,
    name,
  } = call
  const kind = kindAt(call, 0)
  const part = partOf(nodes[1])
  if (kind === 'DATE') return `CAST(${truncated(local(value, kind), part)} AS DATE)`
  if (kind === 'TIME') return `CAST(${truncated(`(DATE '1970-01-01' + ${value})`, part)} AS TIME)`
  if (kind === 'DATETIME') return truncated(value, part)
  if (kind !== 'TIMESTAMP') throw notImplemented(`${name.toUpperCase()} of ${kind}`)
  const there = local(value, kind, zone)
  if (isOfDays(part)) return momentIn(truncated(there, part), zone)
  // An hour that a clock shows twice must stay the one it was.
  return `(${value} - (${there} - ${truncated(there, part)}))`
}

function diff(call: Call) {
  const {
    args: [to = '', from = ''],
    nodes,
  } = call
  const [kind, part] = [kindAt(call, 0), partOf(nodes[2])]
  if (kind === 'TIMESTAMP') return wholeParts(from, to, part)
  if (kind === 'TIME')
    return boundaries(`(DATE '1970-01-01' + ${from})`, `(DATE '1970-01-01' + ${to})`, part)
  return boundaries(local(from, kind), local(to, kind), part)
}

const moved =
  (operator: '+' | '-'): Rule =>
  (call) => {
    const {
      args: [value, count = '1', ...others],
      nodes,
    } = call
    const kind = kindAt(call, 0)
    if (kindAt(call, 1) === 'INTERVAL' || others.length !== 1)
      throw notImplemented(`adding an INTERVAL to ${kind}`)
    const part = partOf(nodes[2])
    if (kind === 'TIMESTAMP' && part === 'DAY')
      return `gs_timestamp(${value} ${operator} ${intervalOf(`24 * ${count}`, 'HOUR')})`
    const sum = `${value} ${operator} ${intervalOf(count, part)}`
    if (kind === 'DATE') return `gs_date(${sum})`
    if (kind === 'TIME') return `CAST(${sum} AS TIME)`
    return kind === 'DATETIME' ? `gs_datetime(${sum})` : `gs_timestamp(${sum})`
  }

function extract(call: Call) {
  const {
    args: [value = '', , zone = UTC],
    nodes,
  } = call
  const part = partOf(nodes[1])
  const kind = kindAt(call, 0)
  if (kind === 'INTERVAL') return extractedFromInterval(value, part)
  const there = local(value, kind, zone)
  if (part === 'DATE') return `CAST(${there} AS DATE)`
  if (part === 'TIME') return `CAST(${there} AS TIME)`
  if (part === 'DATETIME') return there
  return extracted(kind === 'TIME' ? value : there, part)
}

// A function named after its type: from parts, or from another type.
const made: Rules = {
  'date:INT64': 'gs_make_date($1, $2, $3)',
  'date:TIMESTAMP': ({ args: [value = '', zone] }) => `CAST(${localIn(value, zone)} AS DATE)`,
  'date:DATETIME': 'CAST($1 AS DATE)',
  'date:DATE': '$1',
  'date:STRING': 'gs_text_to_date($1)',
  'datetime:INT64': 'gs_make_datetime($1, $2, $3, $4, $5, $6)',
  'datetime:DATE': ({ args: [date, time] }) =>
    time === undefined ? `CAST(${date} AS TIMESTAMP)` : `(${date} + ${time})`,
  'datetime:TIMESTAMP': ({ args: [value = '', zone] }) => localIn(value, zone),
  'datetime:DATETIME': '$1',
  'datetime:STRING': 'gs_text_to_datetime($1)',
  'timestamp:STRING': ({ args: [text, zone] }) =>
    zone === undefined
      ? `gs_text_to_timestamp(${text})`
      : momentIn(`gs_text_to_datetime(${text})`, zone),
  'timestamp:DATE': ({ args: [value = '', zone] }) => momentIn(`CAST(${value} AS TIMESTAMP)`, zone),
  'timestamp:DATETIME': ({ args: [value = '', zone] }) => momentIn(value, zone),
  'timestamp:TIMESTAMP': '$1',
  'time:INT64': 'gs_make_time($1, $2, $3)',
  'time:TIMESTAMP': ({ args: [value = '', zone] }) => `CAST(${localIn(value, zone)} AS TIME)`,
  'time:DATETIME': 'CAST($1 AS TIME)',
  'time:TIME': '$1',
}

// Buckets are counted from 1950-01-01 unless another origin is given.
const bucket =
  (toLocal: (value: string) => string, fromLocal: (sql: string) => string): Rule =>
  ({ args: [value = '', width, origin] }) => {
    const start = origin === undefined ? `TIMESTAMP '1950-01-01'` : toLocal(origin)
    return fromLocal(`time_bucket(${width}, ${toLocal(value)}, ${start})`)
  }

const now = (zone = UTC) => localIn('current_timestamp', zone)

export const TIME_FUNCTIONS: Rules = {
  ...made,
  current_timestamp: 'current_timestamp',
  current_date: ({ args: [zone] }) => `CAST(${now(zone)} AS DATE)`,
  current_datetime: ({ args: [zone] }) => now(zone),
  current_time: ({ args: [zone] }) => `CAST(${now(zone)} AS TIME)`,
  ...each('date_trunc timestamp_trunc datetime_trunc time_trunc', trunc),
  ...each('date_diff timestamp_diff datetime_diff time_diff', diff),
  ...each('date_add timestamp_add datetime_add time_add', moved('+')),
  ...each('date_sub timestamp_sub datetime_sub time_sub', moved('-')),
  $extract: extract,
  $extract_date: ({ args: [value = '', zone], nodes: [node] }) =>
    `CAST(${local(value, node && kindOf(node.type), zone)} AS DATE)`,
  $extract_time: ({ args: [value = '', zone], nodes: [node] }) =>
    `CAST(${local(value, node && kindOf(node.type), zone)} AS TIME)`,
  $extract_datetime: ({ args: [value = '', zone], nodes: [node] }) =>
    local(value, node && kindOf(node.type), zone),
  last_day: (call) => {
    const {
      args: [value = ''],
      nodes,
    } = call
    const part = partOf(nodes[1], 'MONTH')
    const start = truncated(local(value, kindAt(call, 0)), part)
    const length = part.startsWith('WEEK') ? 'WEEK' : part
    // A year of weeks has 52 or 53 of them.
    if (length === 'ISOYEAR')
      return `CAST(${truncated(`(${start} + to_days(371))`, part)} - to_days(1) AS DATE)`
    return `CAST(${start} + ${intervalOf('1', length)} - to_days(1) AS DATE)`
  },
  'date_bucket:DATE': bucket(
    (value) => `CAST(${value} AS TIMESTAMP)`,
    (sql) => `CAST(${sql} AS DATE)`,
  ),
  'datetime_bucket:DATETIME': bucket(
    (value) => value,
    (sql) => sql,
  ),
  'timestamp_bucket:TIMESTAMP': bucket(
    (value) => localIn(value),
    (sql) => momentIn(sql),
  ),
  unix_seconds: 'gs_floor_divide(epoch_us($1), 1000000)',
  unix_millis: 'gs_floor_divide(epoch_us($1), 1000)',
  unix_micros: 'epoch_us($1)',
  unix_date: `date_diff('day', DATE '1970-01-01', $1)`,
  date_from_unix_date: `gs_date(DATE '1970-01-01' + to_days(CAST($1 AS INTEGER)))`,
  ...each(
    'timestamp_seconds timestamp_from_unix_seconds',
    'gs_timestamp(make_timestamptz($1 * 1000000))',
  ),
  ...each(
    'timestamp_millis timestamp_from_unix_millis',
    'gs_timestamp(make_timestamptz($1 * 1000))',
  ),
  ...each('timestamp_micros timestamp_from_unix_micros', 'gs_timestamp(make_timestamptz($1))'),
  ...each('format_date format_datetime format_timestamp format_time', formatRule),
  ...each('parse_date parse_datetime parse_timestamp parse_time', parseRule),
  'string:TIMESTAMP': ({ args: [value = '', zone] }) =>
    zone === undefined
      ? `gs_timestamp_text(${value})`
      : `gs_timestamp_text_at(${localIn(value)}, ${localIn(value, zone)})`,
  'string:DATETIME': 'gs_datetime_text($1)',
  'string:DATE': 'CAST($1 AS VARCHAR)',
  'string:TIME': 'gs_time_text($1)',
}
