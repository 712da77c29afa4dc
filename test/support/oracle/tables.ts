// The tables that generated queries read: every type, NULLs, and the values at which implementations differ.

import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { ReferenceTable } from './reference.ts'

const fieldsOf = (types: Readonly<Record<string, string>>) =>
  Object.entries(types).map(([name, type]) => ({ name, type, mode: 'NULLABLE' }))

const eventColumns = {
  id: 'INTEGER',
  g: 'STRING',
  s: 'STRING',
  i: 'INTEGER',
  f: 'FLOAT',
  n: 'NUMERIC',
  b: 'BOOLEAN',
  d: 'DATE',
  dt: 'DATETIME',
  ts: 'TIMESTAMP',
  tm: 'TIME',
  y: 'BYTES',
  j: 'JSON',
}

const orderColumns = {
  id: 'INTEGER',
  eid: 'INTEGER',
  g: 'STRING',
  p: 'NUMERIC',
  q: 'INTEGER',
  t: 'TIMESTAMP',
  d: 'DATE',
}

const record = (name: string, mode: string, columns: Readonly<Record<string, string>>) => ({
  name,
  type: 'RECORD',
  mode,
  fields: fieldsOf(columns),
})

const folder = new URL('tables/', import.meta.url)
const row = z.record(z.string(), z.unknown())
const rowsOf = (table: string) =>
  readFileSync(new URL(`${table}.ndjson`, folder), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => row.parse(JSON.parse(line)))

export const TABLES: readonly ReferenceTable[] = [
  {
    name: 'events',
    fields: [
      ...fieldsOf(eventColumns),
      { name: 'a', type: 'INTEGER', mode: 'REPEATED' },
      { name: 'w', type: 'STRING', mode: 'REPEATED' },
      record('r', 'NULLABLE', { x: 'INTEGER', k: 'STRING' }),
      record('l', 'REPEATED', { k: 'STRING', v: 'INTEGER' }),
    ],
    rows: rowsOf('events'),
  },
  { name: 'orders', fields: fieldsOf(orderColumns), rows: rowsOf('orders') },
]
