// Rewrites literals, typed constructors and parameters that the translator reads differently from GoogleSQL.

import { notImplemented } from '../values/errors.ts'
import type { Parameters } from './parameters.ts'
import type { Token } from './tokens.ts'

// Element types the translator carries over without losing precision or time zone.
const PLAIN_TYPES = /^(INT64|INTEGER|STRING|FLOAT64|BOOL|BOOLEAN|DATE|STRUCT|ARRAY|BYTES)$/

const INTERVAL_PARTS = /^(MICROSECOND|MILLISECOND|SECOND|MINUTE|HOUR|DAY|WEEK|MONTH|QUARTER|YEAR)$/

/** Rewrites in place; throws 501 by name. */
export function rewriteLiterals(tokens: Token[], parameters: Parameters) {
  let positional = 0
  for (const [i, token] of tokens.entries()) {
    const next = tokens[i + 1]
    if (token.kind === 'PARAMETER') token.text = parameters.reference(`p${++positional}`)
    else if (token.kind === 'VAR' && token.value.startsWith('@'))
      token.text = parameters.reference(token.value.slice(1))
    else if (token.kind === 'D_AT') throw notImplemented('back-quoted parameter names')
    else if (token.word === 'INTERVAL') bracketInterval(tokens, i)
    // DuckDB multiplies small integers in 32 bits, GoogleSQL in 64.
    else if (isInteger(token) && [tokens[i - 1], next].some((t) => t?.kind === 'STAR'))
      token.text = `CAST(${token.text} AS INT64)`
    // A decimal literal is FLOAT64 in GoogleSQL; DuckDB takes it for a DECIMAL unless it has an exponent.
    else if (token.kind === 'NUMBER' && /^\d*\.[\d.]*$/.test(token.text)) token.text += 'e0'
    else if (next?.kind === 'STRING' && next.space === '' && /^(RB|BR)$/.test(token.word))
      throw notImplemented("rb'' literals")
    else if (next?.kind === 'STRING' && /^(BIGNUMERIC|BIGDECIMAL|RANGE)$/.test(token.word))
      throw notImplemented(`${token.word} literals`)
    else if (next?.kind === 'STRING' && /^(NUMERIC|DECIMAL)$/.test(token.word)) {
      token.text = 'bqx_cast_numeric('
      next.text += ')'
    } else if (next?.kind === 'LT' && /^(ARRAY|STRUCT)$/.test(token.word)) checkTypes(tokens, i)
  }
}

const isInteger = ({ kind, text }: Token) => kind === 'NUMBER' && /^\d+$/.test(text)

// INTERVAL n MINUTE: DuckDB wants an amount that is not a literal in brackets.
function bracketInterval(tokens: readonly Token[], i: number) {
  const part = tokens.findIndex(({ word }, k) => k > i + 1 && INTERVAL_PARTS.test(word))
  const [first, last] = [tokens[i + 1], tokens[part - 1]]
  if (!first || !last || /^(NUMBER|STRING|L_PAREN)$/.test(first.kind)) return
  first.text = `(${first.text}`
  last.text += ')'
}

// ARRAY<STRUCT<a INT64>>[…]: every type name between the angle brackets must be a plain one.
function checkTypes(tokens: readonly Token[], i: number) {
  let depth = 0
  for (const [k, { text, word }] of tokens.slice(i + 1).entries()) {
    depth += text.split('<').length - text.split('>').length
    const following = tokens[i + 2 + k]?.text ?? ''
    const isType = /^(,|>|>>|<)$/.test(following) && /^\w+$/.test(word)
    if (isType && !PLAIN_TYPES.test(word))
      throw notImplemented(`${word} in a typed ARRAY or STRUCT`)
    if (depth <= 0) return
  }
}
