// tabledata.insertAll: checks every row, drops repeated insertIds and writes the rest in one statement.

import { wallClock } from '#runtime/clock'
import type { Catalog } from '../engine/catalog.ts'
import type { Database } from '../engine/database.ts'
import type { Dedupe } from '../engine/dedupe.ts'
import { insertRows } from '../engine/insert-rows.ts'
import type { Prepare } from '../engine/prepare.ts'
import type { StreamingBuffer } from '../engine/streaming-buffer.ts'
import { invalid, notFound, notImplemented } from '../values/errors.ts'
import type { Json, Table } from '../values/resources.ts'
import { createRowCheck, type RowCells, type RowError, rowError } from '../values/rows.ts'
import type { Faults } from './fault-injection.ts'
import type { ApiRequest } from './http.ts'

// Documented limits: rows per request, characters of an insertId. (A row's 10 MB is the request's.)
const MAX_ROWS = 50_000
const MAX_INSERT_ID = 128

type GoodRow = { readonly insertId: string | undefined; readonly cells: RowCells }
type InsertError = { readonly index: number; readonly errors: readonly RowError[] }

export type InsertAllDeps = {
  readonly catalog: Catalog
  readonly database: Database
  readonly dedupe: Dedupe
  readonly faults: Faults
  readonly prepare: Prepare
  readonly streamingBuffer: StreamingBuffer
}

/**
 * Answers 200 with `insertErrors` by row index. Without `skipInvalidRows` one invalid row means
 * that no row is written, and the valid ones are reported as `stopped`.
 */
export const createInsertAll =
  (deps: InsertAllDeps) =>
  async ({ params, body, hangUp }: ApiRequest) => {
    const { dataset = '', table: tableId = '' } = params
    const name = `${dataset}.${tableId}`
    await deps.faults.trip(name, 'before', hangUp)
    const table = writableTable(deps.catalog, dataset, tableId, body)
    const rows = checkRequest(body)
    const { good, errors } = checkRows(table, rows, body['ignoreUnknownValues'] === true)
    const writesGoodRows = errors.length === 0 || body['skipInvalidRows'] === true
    if (writesGoodRows) await writeOnce(deps, table, good)
    await deps.faults.trip(name, 'after', hangUp)
    const insertErrors = writesGoodRows ? errors : [...errors, ...stopped(rows.length, errors)]
    return {
      kind: 'bigquery#tableDataInsertAllResponse',
      ...(insertErrors.length > 0 && { insertErrors }),
    }
  }

function writableTable(catalog: Catalog, dataset: string, tableId: string, body: Json) {
  if (tableId.includes('$')) throw notImplemented('partition decorators')
  if (body['templateSuffix']) throw notImplemented('templateSuffix')
  const table = catalog.table(dataset, tableId)
  if (table.type === 'VIEW')
    throw invalid(`Cannot add rows to a table of type VIEW: ${dataset}.${tableId}`)
  return table
}

function checkRequest({ rows }: Json): readonly Json[] {
  if (!Array.isArray(rows) || rows.length === 0) throw invalid('No rows present in the request.')
  if (rows.length > MAX_ROWS)
    throw invalid(
      `too many rows present in the request, limit: ${MAX_ROWS} row count: ${rows.length}`,
    )
  return rows
}

function checkRows(table: Table, rows: readonly Json[], ignoreUnknownValues: boolean) {
  const good: GoodRow[] = []
  const errors: InsertError[] = []
  const check = createRowCheck(table, ignoreUnknownValues, wallClock())
  for (const [index, row] of rows.entries()) {
    const sentId = row?.['insertId']
    const insertId = typeof sentId === 'string' ? sentId : undefined
    const checked = check(row?.['json'])
    if ('errors' in checked) errors.push({ index, errors: checked.errors })
    else if (insertId && insertId.length > MAX_INSERT_ID)
      errors.push({
        index,
        errors: [rowError('', `insertId exceeds ${MAX_INSERT_ID} characters.`)],
      })
    else good.push({ insertId, cells: checked.cells })
  }
  return { good, errors }
}

async function writeOnce(deps: InsertAllDeps, table: Table, rows: readonly GoodRow[]) {
  const { catalog, database, dedupe, streamingBuffer } = deps
  const { datasetId, tableId } = table.tableReference
  const name = `${datasetId}.${tableId}`
  let claimed: GoodRow[] = []
  try {
    await database.write(async (connection) => {
      claimed = rows.filter(({ insertId }) => !insertId || dedupe.claim(name, insertId))
      const cells = claimed.map((row) => row.cells)
      // The table may have gained columns since the rows were checked: never lost or changed any.
      const current = catalog.table(datasetId, tableId)
      if (current.creationTime !== table.creationTime)
        throw notFound('Table', `${catalog.project}:${name}`)
      if (cells.length > 0) await insertRows(connection, current, cells, deps.prepare)
      streamingBuffer.add(name)
    })
  } catch (error) {
    // Nothing was written: the caller's next try must not be taken for a repetition.
    for (const { insertId } of claimed) if (insertId) dedupe.release(name, insertId)
    throw error
  }
}

function stopped(count: number, errors: readonly InsertError[]): InsertError[] {
  const invalidRows = new Set(errors.map(({ index }) => index))
  const reason = { reason: 'stopped', location: '', debugInfo: '', message: '' }
  return Array.from({ length: count }, (_, index) => index)
    .filter((index) => !invalidRows.has(index))
    .map((index) => ({ index, errors: [reason] }))
}
