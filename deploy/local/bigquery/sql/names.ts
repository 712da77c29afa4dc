// Rewrites names: `project.dataset.table` in one pair of back-quotes becomes three, INFORMATION_SCHEMA our own tables.

import { notImplemented } from '../values/errors.ts'
import { METADATA_SCHEMA } from '../values/names.ts'
import { isName, type Token } from './tokens.ts'

const INFORMATION_VIEWS = new Set(['TABLES', 'COLUMNS'])

/** Rewrites in place; throws 501 with the name of an INFORMATION_SCHEMA view that is not there. */
export function rewriteNames(tokens: Token[]) {
  for (const [i, token] of tokens.entries()) {
    if (isOffsetColumn(tokens, i)) token.text = `\`${token.text}\``
    if (!isName(token) || tokens[i - 1]?.kind === 'DOT') continue
    const path = pathAt(tokens, i)
    const names = path.flatMap(({ value, kind }) =>
      kind === 'QUOTED_IDENTIFIER' ? value.split('.') : [value],
    )
    const schema = names.findIndex((name) => name.toUpperCase() === 'INFORMATION_SCHEMA')
    if (schema >= 0) replacePath(tokens, i, informationTable(names, schema))
    else path.forEach(splitQuoted)
  }
}

// `offset` as a name, which GoogleSQL allows and DuckDB does not: not OFFSET(1), WITH OFFSET, LIMIT 1 OFFSET 2.
const isOffsetColumn = (tokens: readonly Token[], i: number) =>
  tokens[i]?.kind === 'OFFSET' &&
  tokens[i + 1]?.kind !== 'L_PAREN' &&
  !/^(WITH|NUMBER|R_PAREN)$/.test(tokens[i - 1]?.kind ?? '') &&
  !tokens[i - 1]?.value.startsWith('@')

function pathEnd(tokens: readonly Token[], start: number) {
  let end = start
  while (tokens[end + 1]?.kind === 'DOT' && tokens[end + 2]) end += 2
  return end
}

const pathAt = (tokens: readonly Token[], start: number) =>
  tokens.slice(start, pathEnd(tokens, start) + 1).filter(({ kind }) => kind !== 'DOT')

function replacePath(tokens: readonly Token[], start: number, text: string) {
  const [first, ...rest] = tokens.slice(start, pathEnd(tokens, start) + 1)
  if (first) first.text = text
  for (const token of rest) token.text = ''
}

function splitQuoted(token: Token) {
  if (token.kind !== 'QUOTED_IDENTIFIER') return
  const names = token.value.split('.').map((name) => `\`${name}\``)
  token.text = names.join('.')
}

function informationTable(names: readonly string[], schema: number) {
  const view = names[schema + 1]?.toUpperCase() ?? ''
  const dataset = names[schema - 1]
  if (!dataset || !INFORMATION_VIEWS.has(view))
    throw notImplemented(`${names.join('.')}: only <dataset>.INFORMATION_SCHEMA.TABLES and COLUMNS`)
  return `${METADATA_SCHEMA}.information_schema_${view.toLowerCase()}('${dataset}')`
}
