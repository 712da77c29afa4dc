// FORMAT with a literal format: its verbs, one at a time.

import type { SqlType } from '../../analyzer/types.ts'
import { invalidQuery, notImplemented } from '../../values/errors.ts'
import { quoteLiteral } from '../../values/names.ts'
import { kindOf } from '../types.ts'
import { type Call, literalText } from './rule.ts'
import { valueText } from './value-texts.ts'

const FORMAT_VERB = /%(?:%|([-+ #']*0?)([1-9]\d*)?(?:\.(\d+))?([a-zA-Z]))/g

/** The text; 501 with the verb that is not supported. */
export function formatted({ args: [, ...values], nodes: [format, ...nodes] }: Call): string {
  const text = literalText(format)
  if (text === undefined) throw notImplemented('FORMAT with a varying format')
  const parts: string[] = []
  let [from, used] = [0, 0]
  for (const match of text.matchAll(FORMAT_VERB)) {
    if (match.index > from) parts.push(quoteLiteral(text.slice(from, match.index)))
    from = match.index + match[0].length
    if (match[0] === '%%') parts.push(`'%'`)
    else parts.push(formattedValue(match, values[used], nodes[used++]))
  }
  if (from < text.length) parts.push(quoteLiteral(text.slice(from)))
  if (used !== values.length) throw invalidQuery('Invalid number of arguments in FORMAT')
  return `(${parts.length === 0 ? `''` : parts.join(' || ')})`
}

type Verb = {
  readonly flags: string
  readonly width: string
  readonly precision: string
  readonly letter: string
}

function formattedValue(
  [verb, flags = '', width = '', precision = '', letter = '']: RegExpExecArray,
  value: string | undefined,
  node: Call['nodes'][number] | undefined,
) {
  const kind = node ? kindOf(node.type) : ''
  const parts = { flags, width, precision, letter }
  const sql =
    node && value !== undefined && (asNumber(parts, kind, value) ?? asText(parts, node, value))
  if (!sql) throw notImplemented(`FORMAT of ${verb} with ${kind || 'nothing'}`)
  return sql
}

function asNumber({ flags, width, precision, letter }: Verb, kind: string, value: string) {
  const isCommon = /^[-+ ]*0?$/.test(flags)
  if (kind === 'INT64' && precision === '') {
    if (letter === 'd' && flags === "'" && width === '') return `format('{:,}', ${value})`
    if (/^[di]$/.test(letter) && flags === '' && width === '') return `CAST(${value} AS VARCHAR)`
    if (/^[di]$/.test(letter) && isCommon) return `printf('%${flags}${width}d', ${value})`
    // A negative number has a sign there, unlike in C.
    if (/^[xXo]$/.test(letter) && flags === '' && width === '')
      return `(gs_sign_text(${value}) || printf('%${letter}', abs(${value})))`
  }
  if (kind === 'DOUBLE' && isCommon && /^[feE]$/.test(letter))
    return `printf('%${flags}${width}.${precision || '6'}${letter}', ${value})`
  if (kind === 'NUMERIC' && letter === 'f' && flags === '' && width === '') {
    const digits = Number(precision || '6')
    if (digits > 0 && digits <= 9)
      return `gs_fixed(${value}, CAST(CAST(round(${value}, ${digits}) AS DECIMAL(38, ${digits})) AS VARCHAR))`
  }
  return undefined
}

function asText(verb: Verb, { type }: Call['nodes'][number], value: string) {
  const text = plainText(verb, type, value)
  const { flags, width, precision } = verb
  if (text === undefined || precision !== '' || !/^-?$/.test(flags)) return undefined
  return width === '' ? text : `gs_padded(${text}, ${width}, ${flags === '-' ? 'TRUE' : 'FALSE'})`
}

function plainText({ letter }: Verb, type: SqlType, value: string) {
  if (letter === 's' && kindOf(type) === 'STRING') return value
  if (letter === 'p' && kindOf(type) === 'JSON') return `CAST(${value} AS VARCHAR)`
  return letter === 't' || letter === 'T' ? valueText(value, type, letter) : undefined
}
