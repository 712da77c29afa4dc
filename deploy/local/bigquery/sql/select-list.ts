// Names the columns of a query that have none, as BigQuery does: f0_, f1_, …

import { isName, outermost, type Token } from './tokens.ts'

/** Adds the aliases to the outermost SELECT; other statements stay as they are. */
export function nameColumns(tokens: Token[]) {
  const top = outermost(tokens, 0, tokens.length)
  if (!/^(SELECT|WITH)$/.test(tokens[top[0] ?? 0]?.word ?? '')) return
  const select = top.find((i) => tokens[i]?.word === 'SELECT')
  if (select === undefined || tokens[select + 1]?.word === 'AS') return
  const rest = top.filter((i) => i > select)
  const end = rest.find(
    (i) =>
      /^(FROM|UNION|INTERSECT|EXCEPT|WHERE|LIMIT|ORDER)$/.test(tokens[i]?.word ?? '') &&
      !isStarExcept(tokens, i),
  )
  let unnamed = 0
  for (const [from, to] of items(tokens, rest, select + 1, end ?? tokens.length)) {
    const last = tokens[to - 1]
    if (last && !hasName(tokens, from, to)) last.text += ` AS f${unnamed++}_`
  }
}

const isStarExcept = (tokens: readonly Token[], i: number) =>
  tokens[i]?.word === 'EXCEPT' &&
  tokens[i + 1]?.kind === 'L_PAREN' &&
  tokens[i - 1]?.kind === 'STAR'

function items(tokens: readonly Token[], outer: readonly number[], start: number, end: number) {
  const from = /^(DISTINCT|ALL)$/.test(tokens[start]?.word ?? '') ? start + 1 : start
  const commas = outer.filter((i) => i < end && tokens[i]?.kind === 'COMMA')
  // GoogleSQL allows a comma after the last column.
  return [from, ...commas.map((i) => i + 1)]
    .map((first, n): [number, number] => [first, commas[n] ?? end])
    .filter(([first, last]) => first < last)
}

// `a`, `t.a`, `x AS a`, `f(x) a`, `*`, `t.*`, `* EXCEPT (a)`: everything else needs a name.
function hasName(tokens: readonly Token[], from: number, to: number) {
  const item = tokens.slice(from, to)
  if (item.some((token, i) => token.kind === 'STAR' && (i === 0 || item[i - 1]?.kind === 'DOT')))
    return true
  const [last, before] = [item.at(-1), item.at(-2)]
  if (!last || !isName(last) || /^(NULL|TRUE|FALSE|END)$/.test(last.word)) return false
  if (!before) return true
  return before.kind === 'DOT' || before.word === 'AS' || endsExpression(before)
}

const endsExpression = (token: Token) =>
  /^(R_PAREN|R_BRACKET|STRING|NUMBER|PARAMETER)$/.test(token.kind) ||
  /^(NULL|TRUE|FALSE|END)$/.test(token.word) ||
  (isName(token) && !/^(NOT|AND|OR|IS|LIKE|IN|DATE|TIMESTAMP|INTERVAL)$/.test(token.word)) ||
  token.value.startsWith('@')
