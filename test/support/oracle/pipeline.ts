// The pipeline's tables and views as the reference takes them, with the rows that the local BigQuery holds.

import { z } from 'zod'
import { DATASET } from '../../../contracts/names.ts'
import { TABLES } from '../../../contracts/tables.ts'
import { VIEWS } from '../../../contracts/views.ts'
import type { FieldSchema } from '../../../deploy/local/bigquery/values/resources.ts'
import type { Rows } from './answer.ts'
import { contentOf } from './cells.ts'
import { askLocal, type Send } from './local.ts'
import type { ReferenceTable } from './reference.ts'
import type { ReferenceThread, ThreadedReference } from './start-reference.ts'
import type { TableRow } from './to-proto.ts'

/** The reference over the pipeline's tables, and over its views as the reference itself computes them. */
export async function pipelineReference(
  send: Send,
  open: ReferenceThread['open'],
): Promise<ThreadedReference> {
  const tables: ReferenceTable[] = []
  for (const { name } of TABLES) {
    const answer = await askLocal(send, { query: `SELECT * FROM ${DATASET}.${name}` })
    if ('error' in answer) throw new Error(`${name}: ${answer.error}`)
    tables.push(tableOf(name, answer))
  }
  for (const { name, query } of VIEWS) {
    const reference = await open(tables)
    const answer = await reference(withoutDataset(query))
    if ('error' in answer) throw new Error(`${name}: ${answer.error}`)
    tables.push(tableOf(name, answer))
  }
  return open(tables)
}

/** The reference knows no datasets: the name of ours is left out. */
export const withoutDataset = (sql: string): string =>
  sql.replaceAll(/(?:`?\blocal`?\.)?`?\bstreaming`?\.`?(\w+)`?/g, '$1')

const tableOf = (name: string, { fields, rows }: Rows): ReferenceTable => ({
  name,
  fields,
  rows: rows.map((row) => rowOf(fields, row.f.map(contentOf))),
})

const rowOf = (fields: readonly FieldSchema[], values: readonly unknown[]): TableRow =>
  Object.fromEntries(fields.map((field, i) => [field.name, valueOf(field, values[i])]))

function valueOf({ type, mode, fields = [] }: FieldSchema, value: unknown): unknown {
  if (mode === 'REPEATED')
    return Array.isArray(value)
      ? value.map((each) => valueOf({ name: '', type, fields }, contentOf(each)))
      : []
  if (value === null || value === undefined) return null
  if (type === 'TIMESTAMP') return isoOf(z.coerce.bigint().parse(value))
  return value
}

function isoOf(micros: bigint) {
  const millis = micros / 1000n - (micros % 1000n < 0n ? 1n : 0n)
  const rest = String(micros - millis * 1000n).padStart(3, '0')
  return new Date(Number(millis)).toISOString().replace('Z', `${rest}Z`)
}
