// Translates one GoogleSQL statement to DuckDB: our rules for what the translator gets wrong, then the translator.

import { Dialect, transpile } from '@polyglot-sql/sdk'
import { invalidQuery, notImplemented } from '../values/errors.ts'
import { rewriteFunctions } from './functions.ts'
import { rewriteLiterals } from './literals.ts'
import { rewriteNames } from './names.ts'
import { createParameters, type Parameters } from './parameters.ts'
import { nameColumns } from './select-list.ts'
import { type Token, textOf, tokensOf } from './tokens.ts'
import { rewriteUnnest } from './unnest.ts'

/** A statement's tokens without the closing semicolon; scripts are refused. */
export function statementTokens(sql: string): Token[] {
  const tokens = tokensOf(sql)
  while (tokens.at(-1)?.kind === 'SEMICOLON') tokens.pop()
  if (tokens.length === 0) throw invalidQuery('Syntax error: Unexpected end of statement')
  if (tokens.some(({ kind }) => kind === 'SEMICOLON'))
    throw notImplemented('scripts of several statements')
  return tokens
}

/** A query or DML statement as DuckDB SQL; what `parameters` says is to be bound. */
export function translateStatement(
  tokens: Token[],
  parameters: Parameters = createParameters(),
): string {
  refuseClauses(tokens)
  rewriteLiterals(tokens, parameters)
  rewriteFunctions(tokens)
  rewriteNames(tokens)
  nameColumns(tokens)
  rewriteUnnest(tokens)
  return translated(textOf(tokens))
}

/** An expression without columns, such as a default value, as DuckDB SQL. */
export const translateExpression = (expression: string): string =>
  translateStatement(statementTokens(`SELECT ${expression} AS x`))
    .replace(/^SELECT /, '')
    .replace(/ AS x$/, '')

function translated(sql: string) {
  const result = transpile(sql, Dialect.BigQuery, Dialect.DuckDB)
  if (!result.success || !result.sql?.[0]) throw invalidQuery(`Syntax error: ${result.error}`)
  return result.sql[0]
}

const refused: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bFOR SYSTEM_TIME\b/, 'FOR SYSTEM_TIME AS OF (time travel)'],
  [/\|>/, 'pipe syntax'],
  [/@@/, 'system variables'],
  [/\bINSERT ROW\b/, 'INSERT ROW'],
  [/\bHAVING (MAX|MIN)\b/, 'HAVING MAX and HAVING MIN in aggregates'],
  [/\bWITH DIFFERENTIAL_PRIVACY\b/, 'differential privacy'],
]

function refuseClauses(tokens: readonly Token[]) {
  const words = tokens.map(({ kind, word }) => (kind === 'STRING' ? "''" : word)).join(' ')
  const found = refused.find(([pattern]) => pattern.test(words))
  if (found) throw notImplemented(found[1])
}
