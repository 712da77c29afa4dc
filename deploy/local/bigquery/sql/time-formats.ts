// Rewrites the format of FORMAT_TIMESTAMP, PARSE_DATE and their kin from GoogleSQL's elements to DuckDB's.

import { notImplemented } from '../values/errors.ts'
import type { Token } from './tokens.ts'

const elements: Readonly<Record<string, string>> = {
  '%F': '%Y-%m-%d',
  '%T': '%H:%M:%S',
  '%R': '%H:%M',
  '%D': '%m/%d/%y',
  '%E3S': '%S.%g',
  '%E6S': '%S.%f',
  '%E4Y': '%Y',
}
const AS_THEY_ARE = /^%[YymdHMSIpbBaAj%]$/

/** Rewrites the literal in place; throws 501 with the name of an element that is not supported. */
export function rewriteTimeFormat(name: string, format: Token | undefined) {
  if (!/^(FORMAT|PARSE)_(TIMESTAMP|DATETIME|DATE)$/.test(name)) return
  if (format?.kind !== 'STRING') throw notImplemented(`${name} with a format that is not a literal`)
  format.text = format.text.replace(/%(E[0-9*].|.)/g, (element) => {
    const known = elements[element] ?? (AS_THEY_ARE.test(element) ? element : undefined)
    if (!known) throw notImplemented(`the format element ${element} of ${name}`)
    return known
  })
}
