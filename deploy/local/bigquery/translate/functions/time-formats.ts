// FORMAT_TIMESTAMP, PARSE_DATE and their like: GoogleSQL's format elements in DuckDB's terms.

import { notImplemented } from '../../values/errors.ts'
import { quoteLiteral } from '../../values/names.ts'
import { kindOf } from '../types.ts'
import { type Call, literalText } from './rule.ts'
import { localIn, momentIn } from './zones.ts'

const ELEMENTS: Readonly<Record<string, string>> = {
  '%F': '%Y-%m-%d',
  '%T': '%H:%M:%S',
  '%R': '%H:%M',
  '%D': '%m/%d/%y',
  '%h': '%b',
  '%n': '\n',
  '%t': '\t',
  '%E3S': '%S.%g',
  '%E6S': '%S.%f',
  '%E4Y': '%Y',
  '%c': '%a %b %e %H:%M:%S %Y',
  '%x': '%m/%d/%y',
  '%X': '%H:%M:%S',
}
const AS_THEY_ARE = /^%[YymdeHMSIpbBaAjuUVWGw%]$/

function format(call: Call, isParsed: boolean) {
  const name = call.name.toUpperCase()
  const text = literalText(call.nodes[0])
  if (text === undefined) throw notImplemented(`${name} with a format that is not a literal`)
  const translated = text.replaceAll(/%(E[0-9*].|.)/g, (element) => {
    const known = ELEMENTS[element] ?? (AS_THEY_ARE.test(element) ? element : undefined)
    if (known === undefined || (isParsed && /^%[juUVWGwcxe]/.test(element)))
      throw notImplemented(`the format element ${element} of ${name}`)
    return known
  })
  return translated
}

/** `strftime` of the value, in the time zone where one is given. */
export function formatRule(call: Call): string {
  const {
    args: [, value = '', zone],
    nodes: [, node],
  } = call
  const kind = node && kindOf(node.type)
  const pieces = format(call, false)
    .split(/(%e)/)
    .filter((piece) => piece !== '')
  const written = (local: string) =>
    pieces.length === 0 ? `''` : `(${pieces.map((piece) => pieceSql(local, piece)).join(' || ')})`
  if (kind === 'TIMESTAMP') return written(localIn(value, zone))
  if (kind === 'TIME') return written(`(DATE '1970-01-01' + ${value})`)
  return written(value)
}

// A day with a space for its leading zero is what DuckDB cannot write.
const pieceSql = (local: string, piece: string) =>
  piece === '%e'
    ? `lpad(CAST(day(${local}) AS VARCHAR), 2, ' ')`
    : `strftime(${local}, ${quoteLiteral(piece)})`

/** `strptime` of the text, as the type that the function is named after. */
export function parseRule(call: Call): string {
  const {
    args: [given = '', text = '', zone],
    name,
  } = call
  const parsed = `gs_parse_time(${text}, ${quoteLiteral(format(call, true))}, ${given})`
  if (name === 'parse_timestamp') return momentIn(parsed, zone)
  if (name === 'parse_date') return `CAST(${parsed} AS DATE)`
  return name === 'parse_time' ? `CAST(${parsed} AS TIME)` : parsed
}
