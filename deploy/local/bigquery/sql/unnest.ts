// Rewrites UNNEST joins that DuckDB words differently: WITH OFFSET, and LEFT JOIN without a condition.

import { closing, isName, type Token } from './tokens.ts'

/** Rewrites in place. */
export function rewriteUnnest(tokens: Token[]) {
  for (const [i, token] of tokens.entries()) {
    if (token.word !== 'UNNEST' || tokens[i + 1]?.kind !== 'L_PAREN') continue
    if (!/^(FROM|JOIN|,)$/.test(tokens[i - 1]?.text.toUpperCase() ?? '')) continue
    const bracket = closing(tokens, i + 1)
    const alias = aliasAfter(tokens, bracket)
    const last = withOffset(tokens, i, bracket, alias)
    if (isLeftJoin(tokens, i) && !/^(ON|USING)$/.test(tokens[last + 1]?.word ?? '')) {
      const end = tokens[last]
      if (end) end.text += ' ON TRUE'
    }
  }
}

// The index of the alias, or of the closing bracket if there is none.
function aliasAfter(tokens: readonly Token[], end: number) {
  if (tokens[end + 1]?.word === 'AS') return end + 2
  const isAlias = tokens[end + 1]?.kind === 'VAR' || tokens[end + 1]?.kind === 'QUOTED_IDENTIFIER'
  return isAlias ? end + 1 : end
}

const isLeftJoin = (tokens: readonly Token[], i: number) =>
  tokens[i - 1]?.word === 'JOIN' && /^(LEFT|OUTER)$/.test(tokens[i - 2]?.word ?? '')

// UNNEST(a) AS x WITH OFFSET AS o becomes (SELECT UNNEST(a) AS x, GENERATE_SUBSCRIPTS(a, 1) - 1 AS o).
function withOffset(tokens: readonly Token[], i: number, end: number, alias: number) {
  if (tokens[alias + 1]?.word !== 'WITH' || tokens[alias + 2]?.word !== 'OFFSET') return alias
  const name = alias > end ? tokens[alias]?.text : '_element'
  const explicit = tokens[alias + 3]?.word === 'AS'
  const offsetAt = alias + (explicit ? 4 : 3)
  const isNamed = explicit || tokens[offsetAt]?.kind === 'VAR'
  const offset = isNamed && isName(tokens[offsetAt]) ? tokens[offsetAt]?.text : 'offset'
  const last = isNamed ? offsetAt : alias + 2
  const array = tokens
    .slice(i + 2, end)
    .map(({ space, text }) => `${space}${text}`)
    .join('')
  const [unnest, bracket] = [tokens[i], tokens[end]]
  if (unnest) unnest.text = '(SELECT UNNEST'
  if (bracket)
    bracket.text = `) AS ${name}, GENERATE_SUBSCRIPTS(${array}, 1) - 1 AS \`${offset}\`) AS _${offset}_of_${name}`
  for (const token of tokens.slice(end + 1, last + 1)) token.text = ''
  return last
}
