// CAST with FORMAT: dates and times as texts, and texts as dates and times, by a literal format.

import type { SqlType } from '../../analyzer/types.ts'
import { notImplemented } from '../../values/errors.ts'
import { quoteLiteral } from '../../values/names.ts'
import type { Expression } from '../tree.ts'
import { kindOf } from '../types.ts'
import { literalText } from './rule.ts'
import { localIn, momentIn } from './zones.ts'

const ELEMENTS: Readonly<Record<string, string>> = {
  YYYY: '%Y',
  YY: '%y',
  MM: '%m',
  DDD: '%j',
  DD: '%d',
  Mon: '%b',
  Month: '%B',
  Dy: '%a',
  Day: '%A',
  HH24: '%H',
  HH12: '%I',
  HH: '%I',
  MI: '%M',
  SS: '%S',
  AM: '%p',
  PM: '%p',
}
const PART = /YYYY|YY|MM|DDD|DD|Month|Mon|Day|Dy|HH24|HH12|HH|MI|SS|AM|PM|[A-Za-z\d]+|./gs

/** The SQL of the cast; 501 for a format that is not supported. */
export function castWithFormat(value: string, format: Expression, from: SqlType, to: SqlType) {
  const [source, target] = [kindOf(from), kindOf(to)]
  const text = literalText(format)
  if (text === undefined) throw notImplemented('CAST with a FORMAT that varies')
  const translated = quoteLiteral(formatOf(text))
  if (target === 'STRING') {
    const local = WRITTEN[source]?.(value)
    if (local !== undefined) return `strftime(${local}, ${translated})`
  }
  const read = source === 'STRING' ? READ[target] : undefined
  if (!read) throw notImplemented(`CAST of ${source} to ${target} with FORMAT`)
  // BigQuery takes the current year and month for those that are absent.
  if (!text.includes('YY')) throw notImplemented('CAST of STRING with a FORMAT that has no year')
  return read(`gs_parse_time(${value}, ${translated}, ${value}, ${quoteLiteral(text)})`)
}

const WRITTEN: Readonly<Record<string, (value: string) => string>> = {
  DATE: (value) => value,
  DATETIME: (value) => value,
  TIMESTAMP: (value) => localIn(value),
  TIME: (value) => `(DATE '1970-01-01' + ${value})`,
}

const READ: Readonly<Record<string, (parsed: string) => string>> = {
  DATE: (parsed) => `CAST(${parsed} AS DATE)`,
  DATETIME: (parsed) => parsed,
  TIMESTAMP: (parsed) => momentIn(parsed),
}

const formatOf = (text: string) =>
  text.replaceAll(PART, (part) => {
    const element = ELEMENTS[part] ?? (/[-/.,;: ]/.test(part) ? part : undefined)
    if (element === undefined) throw notImplemented(`the format element ${part} of CAST`)
    return element
  })
