// Makes GoogleSQL's resolved messages plain: a node has the fields of its parents, and its kind as `node`.

import { z } from 'zod'
import type { DdlStatement } from './ddl-tree.ts'
import type { Statement } from './statement-tree.ts'

const statement = z.custom<Statement | DdlStatement>((value) => isObject(value) && 'node' in value)

/** The statement of an AnyResolvedStatementProto. */
export const readTree = (message: unknown): Statement | DdlStatement =>
  statement.parse(plain(message))

/** A message without its wrappers: `{resolved_x_node: {parent: {a}, b}}` becomes `{node: 'x', a, b}`. */
function plain(message: unknown): unknown {
  if (Array.isArray(message)) return message.map(plain)
  if (!isObject(message) || message instanceof Uint8Array) return message
  const [name = '', ...rest] = Object.keys(message)
  const kind = /^resolved_(\w+)_node$/.exec(name)?.[1]
  if (kind !== undefined && rest.length === 0) return unwrapped(kind, plain(message[name]))
  const { parent, ...own } = message
  const inherited = parent === undefined ? {} : plain(parent)
  const fields = Object.entries(own).map(([key, value]) => [key, plain(value)])
  return { ...(isObject(inherited) ? inherited : {}), ...Object.fromEntries(fields) }
}

// A wrapper may hold another one, whose kind is the more exact.
const unwrapped = (kind: string, inner: unknown) =>
  isObject(inner) && 'node' in inner ? inner : { node: kind, ...(isObject(inner) ? inner : {}) }

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
