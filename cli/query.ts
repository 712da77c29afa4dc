// `npm run query`: runs SQL on BigQuery, or on the local one, running or as the last demo left it.

import { isUtf8 } from 'node:buffer'
import { runSql } from '#warehouse/read'
import type { PlainRow, PlainValue } from '#warehouse/values'
import type { Cell, Row } from './output/tables.ts'
import { withBigQuery } from './reach-bigquery.ts'

export type Answer = {
  readonly rows: readonly Row[]
  /** The names of the columns, also where there are no rows; absent where the statement has no result. */
  readonly columns?: readonly string[]
  /** The columns of numbers. */
  readonly numbers: ReadonlySet<string>
}

/**
 * @throws UsageError where there is no BigQuery to ask, or a person must sign in first
 * @throws BigQueryError with BigQuery's own words where it refuses the query
 */
export async function query(sql: string): Promise<Answer> {
  return withBigQuery(async (_read, bigquery) => {
    const { rows, columns, numberColumns } = await runSql(bigquery, sql)
    return { rows: rows.map(printable), numbers: numberColumns, columns }
  }, isReading(sql))
}

/** In GoogleSQL a statement that begins so changes nothing. */
const isReading = (sql: string) => /^[\s(]*(SELECT|WITH)\b/i.test(sql)

/** The row with its bytes as text, or as base64 where they are none. Pure. */
export const printable = (row: PlainRow): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cellOf(value)]))

function cellOf(value: PlainValue): Cell {
  if (Buffer.isBuffer(value))
    return isUtf8(value) ? value.toString('utf8') : value.toString('base64')
  if (isList(value)) return value.map(cellOf)
  return typeof value === 'object' && value !== null ? printable({ ...value }) : value
}

const isList = (value: PlainValue): value is readonly PlainValue[] => Array.isArray(value)
