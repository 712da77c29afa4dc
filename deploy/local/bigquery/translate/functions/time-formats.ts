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
const AS_THEY_ARE = /^%[YymdHMSIpbBaAjuUVWGw%]$/

function format(call: Call, isParsed: boolean) {
  const name = call.name.toUpperCase()
  const text = literalText(call.nodes[0])
  if (text === undefined) throw notImplemented(`${name} with a format that is not a literal`)
  const kind = call.nodes[1] && kindOf(call.nodes[1].type)
  const absent = isParsed ? undefined : ABSENT[kind ?? '']
  return text.replaceAll(ELEMENT, (element) => {
    if (absent?.test(element)) return `%${element}`
    const known =
      ELEMENTS[element] ??
      (isParsed ? PARSED : WRITTEN)[element] ??
      (AS_THEY_ARE.test(element) ? element : undefined)
    if (known === undefined || (isParsed && /^%[juUVWGwcx]/.test(element)))
      throw notImplemented(`the format element ${element} of ${name}`)
    return known
  })
}

const ELEMENT = /%(E[0-9*#].|Ez|.)/g

// Elements that only reading knows: DuckDB reads a number without its leading zero where it is told so.
const PARSED: Readonly<Record<string, string>> = {
  '%e': '%-d',
  '%k': '%-H',
  '%l': '%-I',
  '%E*S': '%S.%f',
}

// Elements that DuckDB cannot write, as expressions of the local time `$1` and the same moment in UTC, `$2`.
const EXPRESSIONS: Readonly<Record<string, string>> = {
  '%': `CASE WHEN $1 IS NOT NULL THEN '%' END`,
  '%e': `lpad(CAST(day($1) AS VARCHAR), 2, ' ')`,
  '%Q': 'CAST(quarter($1) AS VARCHAR)',
  '%s': 'CAST(gs_floor_divide(epoch_us($2), 1000000) AS VARCHAR)',
  '%E*S': `rtrim(rtrim(strftime($1, '%S.%f'), '0'), '.')`,
  '%Ez': "gs_offset_text($2, $1, ':')",
  '%z': `gs_offset_text($2, $1, '')`,
  ...Object.fromEntries(
    [1, 2, 4, 5].map((digits) => [`%E${digits}S`, `left(strftime($1, '%S.%f'), ${3 + digits})`]),
  ),
}
// A DATE has no time of day, a TIME no date, and neither a DATETIME has a time zone: these stay as they are written.
const ABSENT: Readonly<Record<string, RegExp>> = {
  DATE: /^%(?:[HMSIpTRcXszZ]|E[0-9*]S|Ez)$/,
  TIME: /^%(?:[YymdebBaAjuUVWGwFDhcxsQzZ]|E4Y|Ez)$/,
  DATETIME: /^%(?:[zZ]|Ez)$/,
}
const WRITTEN = Object.fromEntries(Object.keys(EXPRESSIONS).map((element) => [element, element]))

/** `strftime` of the value, in the time zone where one is given. */
export function formatRule(call: Call): string {
  const {
    args: [, value = '', zone],
    nodes: [, node],
  } = call
  const kind = node && kindOf(node.type)
  const pieces = piecesOf(format(call, false))
  const written = (local: string, utc = local) =>
    pieces.length === 0
      ? `CASE WHEN ${local} IS NOT NULL THEN '' END`
      : `(${pieces.map((piece) => pieceSql(piece, local, utc)).join(' || ')})`
  if (kind === 'TIMESTAMP') return written(localIn(value, zone), localIn(value))
  if (kind === 'TIME') return written(`(DATE '1970-01-01' + ${value})`)
  return written(kind === 'DATE' ? `CAST(${value} AS TIMESTAMP)` : value)
}

// Each element of EXPRESSIONS by itself, and what stands between them.
function piecesOf(text: string): readonly string[] {
  const pieces: string[] = []
  let isOpen = false
  for (const [piece] of text.matchAll(/%(?:E[0-9*#].|Ez|.)?|[^%]+/gs)) {
    const isExpression = piece in EXPRESSIONS
    if (isExpression || !isOpen) pieces.push(piece)
    else pieces.push(`${pieces.pop()}${piece}`)
    isOpen = !isExpression
  }
  return pieces
}

function pieceSql(piece: string, local: string, utc: string) {
  const template = EXPRESSIONS[piece]
  if (template === undefined) return `strftime(${local}, ${quoteLiteral(piece)})`
  return template.replaceAll('$1', () => local).replaceAll('$2', () => utc)
}

/** `strptime` of the text, as the type that the function is named after. */
export function parseRule(call: Call): string {
  const {
    args: [given = '', text = '', zone],
    name,
  } = call
  const parsed =
    literalText(call.nodes[0]) === '%s'
      ? `gs_parse_seconds(${text})`
      : parsedSql(text, format(call, true), given)
  if (name === 'parse_timestamp') return momentIn(parsed, zone)
  if (name === 'parse_date') return `CAST(${parsed} AS DATE)`
  return name === 'parse_time' ? `CAST(${parsed} AS TIME)` : parsed
}

// What has no year is of 1970, where DuckDB takes 1900.
function parsedSql(text: string, formats: string, given: string) {
  const hasYear = /%[YyGcx]/.test(formats)
  const [dated, datedFormats] = hasYear
    ? [text, formats]
    : [`('1970 ' || ${text})`, `%Y ${formats}`]
  return `gs_parse_time(${dated}, ${formatsSql(datedFormats)}, ${text}, ${given})`
}

// The fraction of a second may be absent.
const formatsSql = (text: string) =>
  text.includes('%S.%f')
    ? `[${[text, text.replaceAll('%S.%f', '%S')].map(quoteLiteral).join(', ')}]`
    : quoteLiteral(text)
