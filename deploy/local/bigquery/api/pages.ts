// Reads one page of a table or of a query's result, in BigQuery's wire form.

import type { Catalog } from '../engine/catalog.ts'
import type { Database } from '../engine/database.ts'
import { duckdbName } from '../engine/sources.ts'
import { invalid, notImplemented } from '../values/errors.ts'
import { quoteName } from '../values/names.ts'
import type { FieldSchema, Json } from '../values/resources.ts'
import { rowToWire, type TimestampFormat } from '../values/wire.ts'
import type { ApiRequest } from './http.ts'

// BigQuery ends a page at 10 MB; the row count keeps one page's work on the event loop short.
const MAX_PAGE_BYTES = 10 * 1024 * 1024
const MAX_PAGE_ROWS = 10_000

export type PageRequest = {
  readonly offset: number
  readonly maxResults: number | undefined
  readonly format: TimestampFormat
}

type Source = {
  readonly table: string
  readonly fields: readonly FieldSchema[]
  readonly totalRows: number
}

/** The rows from `offset` on, and the `pageToken` of the next page if there is one. */
export async function readPage(database: Database, source: Source, request: PageRequest) {
  const { table, fields, totalRows } = source
  const { offset, maxResults, format } = request
  const limit = Math.min(maxResults ?? MAX_PAGE_ROWS, MAX_PAGE_ROWS)
  const columns = fields.map(({ name }) => quoteName(name)).join(', ')
  const read = await database.read((connection) =>
    connection.runAndReadAll(`SELECT ${columns} FROM ${table} LIMIT ${limit} OFFSET ${offset}`),
  )
  const rows = withinBytes(read.getRows().map(rowToWire(fields, format)))
  const next = offset + rows.length
  return { rows, ...(next < totalRows && { pageToken: String(next) }) }
}

// At least one row, however large, or paging would never get past it.
function withinBytes<T>(rows: readonly T[]) {
  let bytes = 0
  const fitting = rows.findIndex((row, i) => {
    bytes += JSON.stringify(row).length
    return i > 0 && bytes > MAX_PAGE_BYTES
  })
  return fitting === -1 ? rows : rows.slice(0, fitting)
}

/** The page that a request's query string asks for. */
export function pageOf(query: URLSearchParams): PageRequest {
  const offset = Number(query.get('pageToken') ?? query.get('startIndex') ?? 0)
  const asked = query.get('maxResults')
  const maxResults = asked === null ? undefined : Number(asked)
  if (!Number.isSafeInteger(offset) || offset < 0) throw invalid('Invalid value for pageToken')
  if (maxResults !== undefined && !(Number.isSafeInteger(maxResults) && maxResults >= 0))
    throw invalid(`Invalid value for maxResults: ${asked}`)
  const option = (name: string) => query.get(`formatOptions.${name}`) ?? undefined
  const format = timestampFormat({
    // Google's Python client writes `True`.
    useInt64Timestamp: option('useInt64Timestamp')?.toLowerCase() === 'true',
    timestampOutputFormat: option('timestampOutputFormat'),
  })
  return { offset, maxResults, format }
}

/** The columns that `selectedFields` asks for, in the table's order; all where it says nothing. */
export function selected(
  fields: readonly FieldSchema[],
  query: URLSearchParams,
): readonly FieldSchema[] {
  const names = query.get('selectedFields')?.toLowerCase().split(',')
  if (names === undefined) return fields
  if (names.some((name) => name.includes('.'))) throw notImplemented('selectedFields of a RECORD')
  return fields.filter(({ name }) => names.includes(name.toLowerCase()))
}

/** How `formatOptions` wants timestamps; seconds as a decimal number if it says nothing. */
export function timestampFormat({
  timestampOutputFormat,
  useInt64Timestamp,
}: Json): TimestampFormat {
  if (timestampOutputFormat === 'ISO8601_STRING' || timestampOutputFormat === 'INT64')
    return timestampOutputFormat
  return useInt64Timestamp === true ? 'INT64' : 'FLOAT64'
}

/** Counts a table's rows, without reading them. */
export const countRows = (database: Database) => (datasetId: string, tableId: string) =>
  database.read(async (connection) => {
    const name = `${quoteName(datasetId)}.${quoteName(tableId)}`
    const counted = await connection.runAndReadAll(`SELECT count(*) FROM ${name}`)
    return Number(counted.getRows()[0]?.[0])
  })

/** tabledata.list: a table's rows in the order they were written. */
export const createListRows =
  (catalog: Catalog, database: Database) =>
  async ({ params, query }: ApiRequest) => {
    const table = catalog.table(params['dataset'] ?? '', params['table'] ?? '')
    if (table.type === 'VIEW') throw invalid(`Cannot list a table of type VIEW.`)
    const { datasetId, tableId } = table.tableReference
    const totalRows = await countRows(database)(datasetId, tableId)
    const fields = selected(table.schema.fields, query)
    const source = { table: duckdbName(table.tableReference), fields, totalRows }
    return {
      kind: 'bigquery#tableDataList',
      totalRows: String(totalRows),
      ...(await readPage(database, source, pageOf(query))),
    }
  }
