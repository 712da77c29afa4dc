// Reads OPTIONS(…) of DDL statements: the ones that are properties of a table's resource.

import { invalidQuery, notImplemented } from '../values/errors.ts'
import type { Reader } from './reader.ts'
import { textOf } from './tokens.ts'

const MS_PER_DAY = 86_400_000

/** An option whose value is an expression, which must be evaluated to be a property. */
export const EXPIRATION = 'expirationExpression'

/** The options as properties of the table or column resource; null removes one, and others are refused by name. */
export function readOptions(reader: Reader): Readonly<Record<string, unknown>> {
  if (!reader.accept('OPTIONS', '(')) return {}
  if (reader.accept(')')) return {}
  return Object.fromEntries(reader.list(readOption))
}

function readOption(reader: Reader): [string, unknown] {
  const name = reader.name()
  reader.expect('=')
  if (name === 'description') return ['description', readText(reader)]
  if (name === 'friendly_name') return ['friendlyName', readText(reader)]
  if (name === 'expiration_timestamp') return [EXPIRATION, textOf(reader.expression())]
  if (name === 'labels') return ['labels', readLabels(reader)]
  if (name === 'partition_expiration_days') return ['expirationMs', readDays(reader)]
  throw notImplemented(`OPTIONS(${name})`)
}

const readText = (reader: Reader) => (reader.accept('NULL') ? null : reader.text())

function readDays(reader: Reader) {
  const days = Number(reader.name())
  if (!(days > 0)) throw invalidQuery('partition_expiration_days must be a positive number')
  return String(days * MS_PER_DAY)
}

// [("team", "sales"), ("stage", "test")]
function readLabels(reader: Reader) {
  reader.expect('[')
  const labels = reader.list((inner) => {
    inner.expect('(')
    const key = inner.text()
    inner.expect(',')
    const value = inner.text()
    inner.expect(')')
    return [key, value]
  }, ']')
  return Object.fromEntries(labels)
}
