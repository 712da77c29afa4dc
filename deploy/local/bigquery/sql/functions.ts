// Rewrites GoogleSQL's function calls: to the macros, or untouched if the translator does them right, or refused by name.

import { readFileSync } from 'node:fs'
import { invalidQuery, notImplemented } from '../values/errors.ts'
import { rewriteTimeFormat } from './time-formats.ts'
import { closing, isName, outermost, type Token } from './tokens.ts'

const macros = readFileSync(new URL('macros.sql', import.meta.url), 'utf8')
const namesAfter = (prefix: string) =>
  new Set(
    // oxlint-disable-next-line no-restricted-globals -- it reads a file of our own
    [...macros.matchAll(RegExp(`MACRO main\\.${prefix}_(\\w+)`, 'g'))].map(([, name]) => name),
  )

// The functions of GoogleSQL that macros stand for, and the macros behind casts and EXTRACT.
const functions = namesAfter('bq')
const rewritten = namesAfter('bqx')

// What DuckDB or the translator gives as GoogleSQL means it.
const TRANSLATED = new Set(
  `ABS ACOS ANY_VALUE APPROX_COUNT_DISTINCT APPROX_QUANTILES ARRAY_AGG ARRAY_CONCAT ASCII ASIN ATAN ATAN2
  AVG BIT_AND BIT_COUNT BIT_OR BIT_XOR CEIL CEILING CHR COALESCE CORR COS COUNT COUNTIF COVAR_POP COVAR_SAMP
  CUME_DIST DENSE_RANK ENDS_WITH EXP FIRST_VALUE FLOOR GENERATE_ARRAY GREATEST GROUPING IF IFNULL INSTR LAG
  LAST_VALUE LEAD LEAST LEFT LN LOGICAL_AND LOGICAL_OR LOWER LTRIM MAX MAX_BY MIN MIN_BY NTH_VALUE NTILE
  NULLIF PERCENT_RANK PERCENTILE_CONT PERCENTILE_DISC POW POWER RANK REPEAT REPLACE REVERSE RIGHT ROUND
  ROW_NUMBER RTRIM SIGN SIN SQRT STARTS_WITH STDDEV STDDEV_POP STDDEV_SAMP STRING_AGG STRPOS SUBSTR SUBSTRING
  SUM TAN TRIM TRUNC UPPER VAR_POP VAR_SAMP VARIANCE`.split(/\s+/),
)

// Words that stand before a bracket without being functions.
const NOT_FUNCTIONS = new Set(
  `ALL AND ANY ARRAY AS BETWEEN BY CAST CROSS CUBE DEFAULT DISTINCT ELSE EXCEPT EXISTS EXTRACT FOR FROM GROUPING
  HAVING IN INSERT INTERSECT INTERVAL IS JOIN LIKE LIMIT NOT OFFSET ON OPTIONS OR ORDINAL OVER PIVOT QUALIFY
  ROLLUP SAFE_CAST SAFE_OFFSET SAFE_ORDINAL SELECT SETS SOME STRUCT THEN UNION UNNEST UNPIVOT USING VALUES WHEN
  WHERE WINDOW WITH`.split(/\s+/),
)

const DATE_PARTS = new Set(
  'MICROSECOND MILLISECOND SECOND MINUTE HOUR DAY ISOWEEK MONTH QUARTER YEAR ISOYEAR'.split(' '),
)
const TAKES_DATE_PART = /^(TIMESTAMP|DATETIME|DATE)_(DIFF|TRUNC)$/

/** Rewrites every call; throws 501 `notImplemented` with the name of a function that is not supported. */
export function rewriteFunctions(tokens: Token[]) {
  for (const [i, token] of tokens.entries()) {
    if (tokens[i + 1]?.kind !== 'L_PAREN' || !isName(token)) continue
    if (namesTable(tokens, i)) continue
    if (token.word === 'CAST' || token.word === 'SAFE_CAST') rewriteCast(tokens, i)
    else if (token.word === 'EXTRACT') rewriteExtract(tokens, i)
    else if (!NOT_FUNCTIONS.has(token.word)) rewriteCall(tokens, i)
  }
}

// `INSERT INTO dataset.table (column)`: a bracket after a name that is no call.
function namesTable(tokens: readonly Token[], i: number) {
  let start = i
  while (tokens[start - 1]?.kind === 'DOT') start -= 2
  return /^(INTO|INSERT|TABLE|VIEW|EXISTS|WITH)$/.test(tokens[start - 1]?.word ?? '')
}

function rewriteCall(tokens: Token[], i: number) {
  const [token, open] = [tokens[i], tokens[i + 1]]
  if (!token || !open) return
  if (tokens[i - 1]?.kind === 'DOT')
    throw notImplemented(`the function ${tokens[i - 2]?.text}.${token.text}`)
  if (TAKES_DATE_PART.test(token.word)) rewriteDatePart(tokens, i)
  if (/^(FORMAT|PARSE)_/.test(token.word)) rewriteTimeFormat(token.word, tokens[i + 2])
  if (token.word === 'ARRAY_AGG') rewriteArrayLimit(tokens, i)
  if (token.word === 'COUNTIF') rewriteCountIf(tokens, i)
  if (functions.has(token.word.toLowerCase())) token.text = `bq_${token.word.toLowerCase()}`
  else if (!TRANSLATED.has(token.word)) throw notImplemented(`the function ${token.word}`)
  if (token.word.startsWith('REGEXP_EXTRACT')) rewriteRegexpGroup(tokens, i)
}

// TIMESTAMP_DIFF(a, b, MILLISECOND): the date part becomes a text for the macro.
function rewriteDatePart(tokens: Token[], i: number) {
  const name = tokens[i]?.word ?? ''
  const end = closing(tokens, i + 1)
  const commas = outermost(tokens, i + 2, end).filter((k) => tokens[k]?.kind === 'COMMA')
  const part = tokens[(commas[name.endsWith('DIFF') ? 1 : 0] ?? end) + 1]
  if (!part || !DATE_PARTS.has(part.word))
    throw notImplemented(`the date part ${part?.text} of ${name}`)
  part.text = `'${part.word.replace('ISOWEEK', 'WEEK')}'`
}

// DuckDB wants to be told which group of the expression to give.
function rewriteRegexpGroup(tokens: Token[], i: number) {
  const [name, end] = [tokens[i], closing(tokens, i + 1)]
  const comma = outermost(tokens, i + 2, end).find((k) => tokens[k]?.kind === 'COMMA') ?? end
  const expression = tokens[comma + 1]
  if (!name || comma + 2 !== end || !expression?.kind.endsWith('STRING'))
    throw notImplemented(`${name?.word} with more than a literal expression`)
  if (/(^|[^\\])\((?!\?[^P])/.test(expression.value))
    name.text = name.text.replace('bq_', 'bqx_').concat('_group')
}

// ARRAY_AGG(x ORDER BY y LIMIT 3): DuckDB has no LIMIT there, so the rest is cut off afterwards.
function rewriteArrayLimit(tokens: Token[], i: number) {
  const end = closing(tokens, i + 1)
  const limit = outermost(tokens, i + 2, end).find((k) => tokens[k]?.word === 'LIMIT')
  const [name, count, bracket] = [tokens[i], tokens[(limit ?? 0) + 1], tokens[end]]
  if (!limit || !name || !count || !bracket) return
  name.text = 'bqx_first_elements(ARRAY_AGG'
  bracket.text = `), ${count.text})`
  for (const token of tokens.slice(limit, limit + 2)) token.text = ''
}

// COUNTIF(x) becomes COUNT(NULLIF(x, FALSE)): DuckDB's own is NULL where no row says true or false.
function rewriteCountIf(tokens: Token[], i: number) {
  const [name, bracket] = [tokens[i], tokens[closing(tokens, i + 1)]]
  if (!name || !bracket) return
  name.text = 'COUNT(NULLIF'
  bracket.text = ', FALSE))'
}

// CAST(x AS NUMERIC) becomes bq_cast_numeric(x): the translator's own types lose precision and time zone.
function rewriteCast(tokens: Token[], i: number) {
  const end = closing(tokens, i + 1)
  const as = outermost(tokens, i + 2, end).findLast((k) => tokens[k]?.word === 'AS')
  const [cast, type] = [tokens[i], tokens[(as ?? end) + 1]]
  if (!cast || !type || as === undefined) throw invalidQuery('Syntax error: Expected AS in CAST')
  const macro = `${cast.word}_${castType(type.word)}`.toLowerCase()
  if (!rewritten.has(macro) || as + 2 !== end)
    throw notImplemented(
      `${cast.word} to ${tokens
        .slice(as + 1, end)
        .map((t) => t.text)
        .join(' ')}`,
    )
  cast.text = `bqx_${macro}`
  for (const token of tokens.slice(as, end)) token.text = ''
}

const castType = (type: string) =>
  ({ INTEGER: 'INT64', INT: 'INT64', BOOLEAN: 'BOOL', DECIMAL: 'NUMERIC', BIGINT: 'INT64' })[
    type
  ] ?? type

// EXTRACT(HOUR FROM x) becomes bq_extract_hour(x).
function rewriteExtract(tokens: Token[], i: number) {
  const [extract, , part, from] = tokens.slice(i, i + 4)
  if (
    !extract ||
    !part ||
    from?.word !== 'FROM' ||
    !rewritten.has(`extract_${part.word.toLowerCase()}`)
  )
    throw notImplemented(`EXTRACT of ${part?.text}`)
  extract.text = `bqx_extract_${part.word.toLowerCase()}`
  part.text = ''
  from.text = ''
}
