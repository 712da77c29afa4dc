// GoogleSQL as tokens, keeping everything between them as written.

import { Dialect, tokenize } from '@polyglot-sql/sdk'
import { z } from 'zod'
import { ApiError, invalidQuery } from '../values/errors.ts'

export type Token = {
  /** The tokenizer's kind, such as VAR, STRING or L_PAREN. */
  readonly kind: string
  /** The text without quotes. */
  readonly value: string
  /** The text in upper case if it is a bare word, otherwise as written: what keywords are compared with. */
  readonly word: string
  /** The GoogleSQL text. */
  readonly text: string
  /** What stands between this token and the one before. */
  readonly space: string
}

// The SDK's own type says tokenType, the objects it gives have token_type (0.12.1).
const sdkTokens = z.array(
  z.object({
    token_type: z.string(),
    text: z.string(),
    span: z.object({ start: z.number(), end: z.number() }),
  }),
)

/** Splits one statement; throws 400 `invalidQuery` where GoogleSQL cannot be read. */
export function tokensOf(sql: string): Token[] {
  const { success, tokens, error } = tokenize(sql, Dialect.BigQuery)
  if (!success || !tokens) throw invalidQuery(`Syntax error: ${error}`)
  // The tokenizer counts code points, JavaScript UTF-16 units.
  const characters = Array.from(sql)
  let end = 0
  return sdkTokens.parse(tokens).map(({ token_type: kind, text: value, span }) => {
    const text = characters.slice(span.start, span.end).join('')
    const space = characters.slice(end, span.start).join('')
    end = span.end
    return { kind, value, text, space, word: /^\w+$/.test(text) ? text.toUpperCase() : text }
  })
}

/** The tokens of a query; none where it cannot be split, which the analyzer then explains. */
export function tokensIn(query: string): Token[] {
  try {
    return tokensOf(query)
  } catch (error) {
    if (error instanceof ApiError) return []
    throw error
  }
}

/** The SQL text of the tokens. */
export const textOf = (tokens: readonly Token[]) =>
  tokens
    .map(({ space, text }) => `${space}${text}`)
    .join('')
    .trim()
