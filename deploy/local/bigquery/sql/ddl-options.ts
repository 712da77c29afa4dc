// Reads OPTIONS(…) of DDL statements: the ones that are properties of a table's resource.

import { invalidQuery, notImplemented } from '../values/errors.ts'
import type { Reader } from './reader.ts'

const MS_PER_DAY = 86_400_000

/** The options as properties of the table or column resource; others are refused by name. */
export function readOptions(reader: Reader): Readonly<Record<string, unknown>> {
  if (!reader.accept('OPTIONS', '(')) return {}
  if (reader.accept(')')) return {}
  return Object.fromEntries(reader.list(readOption))
}

function readOption(reader: Reader): [string, unknown] {
  const name = reader.name()
  reader.expect('=')
  if (name === 'description') return ['description', reader.text()]
  if (name === 'friendly_name') return ['friendlyName', reader.text()]
  if (name === 'labels') return ['labels', readLabels(reader)]
  if (name === 'partition_expiration_days') return ['expirationMs', readDays(reader)]
  throw notImplemented(`OPTIONS(${name})`)
}

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
