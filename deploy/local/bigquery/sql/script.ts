// Reads a script: its statements, and what DECLARE and SET say of its variables.

import { invalidQuery, notImplemented } from '../values/errors.ts'
import { type Token, textOf } from './tokens.ts'

export type Declaration = {
  readonly names: readonly string[]
  /** The type as it was written; undefined where DEFAULT decides it. */
  readonly type: string | undefined
  readonly value: readonly Token[] | undefined
}

export type Assignment = {
  readonly names: readonly string[]
  /** A struct whose fields are the values of several variables in parentheses, else one value. */
  readonly value: readonly Token[]
  readonly isStruct: boolean
}

/** The statements between semicolons, without empty ones. */
export function splitStatements(tokens: readonly Token[]): Token[][] {
  const statements: Token[][] = [[]]
  for (const token of tokens) {
    if (token.kind === 'SEMICOLON') statements.push([])
    else statements.at(-1)?.push(token)
  }
  return statements.filter((statement) => statement.length > 0)
}

/** `DECLARE a, b TYPE`, `DECLARE a TYPE DEFAULT value` or `DECLARE a DEFAULT value`. */
export function readDeclaration(tokens: readonly Token[]): Declaration {
  const end = tokens.findIndex(({ word }) => word === 'DEFAULT')
  const head = end === -1 ? tokens.slice(1) : tokens.slice(1, end)
  const names: string[] = []
  let at = 0
  do names.push(nameAt(head, at++))
  while (head[at++]?.text === ',')
  const type = textOf(head.slice(at - 1))
  const value = end === -1 ? undefined : tokens.slice(end + 1)
  if (type === '' && value === undefined)
    throw invalidQuery('Syntax error: Expected a type or DEFAULT in DECLARE')
  return { names, type: type === '' ? undefined : type, value }
}

/** `SET a = value` or `SET (a, b) = value`. */
export function readAssignment(tokens: readonly Token[]): Assignment {
  const equals = tokens.findIndex(({ text }) => text === '=')
  if (equals === -1) throw invalidQuery('Syntax error: Expected "=" in SET')
  const head = tokens.slice(1, equals)
  const value = tokens.slice(equals + 1)
  const isStruct = head[0]?.text === '('
  const listed = isStruct ? head.slice(1, -1).filter(({ text }) => text !== ',') : head
  if (head[0]?.text === '@') throw notImplemented('system variables')
  return { names: listed.map((_, i) => nameAt(listed, i)), value, isStruct }
}

/** Each variable by its name in lower case, and whether it is a STRUCT, whose fields can be named. */
type Variables = ReadonlyMap<string, { readonly isStruct: boolean }>

/**
 * The statement with `@name` in place of each variable, which a part of a longer name is only where a field of a
 * STRUCT is named. A variable that is a column of a result gives the column its name.
 */
export function withVariables(tokens: readonly Token[], variables: Variables): string {
  const columns = bareColumns(tokens)
  const replaced = tokens.map((token, i) => {
    if (!isVariable(tokens, i, variables)) return token
    const name = token.value.toLowerCase()
    return { ...token, text: columns.has(i) ? `@${name} AS ${token.text}` : `@${name}` }
  })
  return textOf(replaced)
}

function isVariable(tokens: readonly Token[], i: number, variables: Variables): boolean {
  const [before, token, after] = [tokens[i - 1], tokens[i], tokens[i + 1]]
  const variable = token && isName(token) && variables.get(token.value.toLowerCase())
  if (!variable || ['.', '@', 'AS'].includes(before?.word ?? '')) return false
  return variable.isStruct || after?.text !== '.'
}

const BEFORE_COLUMN = new Set(['SELECT', 'DISTINCT', 'ALL', 'STRUCT', ','])
const AFTER_COLUMN = new Set([',', ')', 'FROM', 'WHERE', 'UNION', 'LIMIT', 'ORDER', undefined])
const ENDS_COLUMNS = new Set(['FROM', 'WHERE', 'UNION', 'LIMIT', 'ORDER'])

/** The indexes of tokens that are the whole of a column in a SELECT list. */
function bareColumns(tokens: readonly Token[]): ReadonlySet<number> {
  const found = new Set<number>()
  // For each bracket that is open, whether the columns of a SELECT are being listed in it.
  const lists = [false]
  for (const [i, { text, word }] of tokens.entries()) {
    if (text === '(') lists.push(false)
    else if (text === ')') lists.pop()
    else if (word === 'SELECT') lists[lists.length - 1] = true
    else if (ENDS_COLUMNS.has(word)) lists[lists.length - 1] = false
    else if (lists.at(-1) && BEFORE_COLUMN.has(tokens[i - 1]?.word ?? ''))
      if (AFTER_COLUMN.has(tokens[i + 1]?.word)) found.add(i)
  }
  return found
}

const isName = ({ kind, word }: Token) =>
  kind === 'QUOTED_IDENTIFIER' || /^[A-Za-z_]\w*$/.test(word)

function nameAt(tokens: readonly Token[], i: number): string {
  const token = tokens[i]
  if (!token || !isName(token)) throw invalidQuery('Syntax error: Expected the name of a variable')
  return token.value.toLowerCase()
}
