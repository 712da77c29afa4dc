// Walks over the tokens of a DDL statement, one expected word after the other.

import { invalidQuery } from '../values/errors.ts'
import { closing, type Token } from './tokens.ts'

export type Reader = {
  atEnd(): boolean
  /** The next word, in upper case. */
  peek(): string
  /** Passes over these words if all of them come next. */
  accept(...words: readonly string[]): boolean
  expect(word: string): void
  /** A name or a number, without back-quotes. */
  name(): string
  /** A string literal's text. */
  text(): string
  /** `dataset.table`, as it is written: one pair of back-quotes may hold several parts. */
  path(): readonly string[]
  names(): string[]
  /** Items with commas between them, up to and including the closing bracket. */
  list<T>(item: (reader: Reader) => T, close?: string): T[]
  /** The tokens up to the next comma, closing bracket, NOT or OPTIONS outside brackets. */
  expression(): readonly Token[]
  /** Every token that is left. */
  rest(): readonly Token[]
}

/** Starts before the first token. Every `expect` and every missing name is a 400 `invalidQuery`. */
export function createReader(statement: readonly Token[]): Reader {
  const tokens = statement.flatMap(splitBrackets)
  let at = 0
  const word = (i: number) => tokens[i]?.word ?? ''
  const expected = (what: string) =>
    invalidQuery(`Syntax error: Expected ${what} but got ${word(at) || 'end of statement'}`)

  const reader: Reader = {
    atEnd: () => at >= tokens.length,
    peek: () => word(at),
    accept: (...words: readonly string[]) => {
      const found = words.every((expectedWord, i) => word(at + i) === expectedWord)
      if (found) at += words.length
      return found
    },
    expect: (expectedWord: string) => {
      if (!reader.accept(expectedWord)) throw expected(expectedWord)
    },
    name: () => {
      const token = tokens[at]
      if (!token || !/^\w/.test(token.value)) throw expected('a name')
      at += 1
      return token.value
    },
    text: () => {
      if (!tokens[at]?.kind.includes('STRING')) throw expected('a string')
      return reader.name()
    },
    path: () => {
      const parts = [reader.name()]
      while (reader.accept('.')) parts.push(reader.name())
      return parts
    },
    names: () => {
      const names = [reader.name()]
      while (reader.accept(',')) names.push(reader.name())
      return names
    },
    list: (item, close = ')') => {
      const items = [item(reader)]
      while (reader.accept(',')) items.push(item(reader))
      reader.expect(close)
      return items
    },
    expression: () => {
      const start = at
      while (at < tokens.length && !/^(,|\)|>|OPTIONS|NOT)$/.test(word(at)))
        at = word(at) === '(' ? closing(tokens, at) + 1 : at + 1
      return tokens.slice(start, at)
    },
    rest: () => {
      const left = tokens.slice(at)
      at = tokens.length
      return left
    },
  }
  return reader
}

// The tokenizer takes the end of ARRAY<STRUCT<…>> for a shift operator.
const splitBrackets = (token: Token): Token[] =>
  token.text === '>>' ? [bracket(token), bracket(token)] : [token]

const bracket = (token: Token): Token => ({ ...token, text: '>', word: '>' })
