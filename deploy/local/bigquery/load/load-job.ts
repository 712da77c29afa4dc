// A load job: reads a file of JSON lines or CSV, and writes its rows into a table.

import { wallClock } from '#runtime/clock'
import type { Catalog } from '../engine/catalog.ts'
import { insertRows } from '../engine/insert-rows.ts'
import type { JobTask } from '../engine/jobs.ts'
import type { TableDeps } from '../engine/table-changes.ts'
import { layoutOf } from '../engine/table-layout.ts'
import { writeTable } from '../engine/write-table.ts'
import { ApiError, invalid, notImplemented } from '../values/errors.ts'
import {
  type Json,
  type LoadRequest,
  loadBody,
  parseBody,
  type TableSchema,
} from '../values/resources.ts'
import { createRowCheck, type RowCells } from '../values/rows.ts'
import { detectSchema } from './detect-schema.ts'
import type { FileRow } from './file-row.ts'
import { readCsv } from './read-csv.ts'
import { readJsonLines } from './read-json-lines.ts'

/**
 * @param content the whole file
 * @throws 400 `invalid`, or 501 with the name of the setting or format that is not supported
 */
export function loadTask(deps: TableDeps, given: Json, content: Buffer): JobTask {
  const load = readSettings(given)
  return {
    jobType: 'LOAD',
    configuration: { load: given },
    run: async () => {
      const schema = load.schema ?? presentSchema(deps.catalog, load)
      const rows = readRows(load, content, schema)
      const fields = schema ?? detected(load, rows)
      const { good, bad } = await writeRows(deps, load, rows, fields)
      return { fields: [], totalRows: 0, outputRows: good, badRecords: bad }
    },
  }
}

function readSettings(given: Json): LoadRequest {
  const { sourceUris } = given
  if (Array.isArray(sourceUris) && sourceUris.length > 0)
    throw notImplemented('loading from Cloud Storage: upload the file')
  const unknown = Object.keys(given).find((name) => !(name in loadBody.shape))
  if (unknown !== undefined) throw notImplemented(`the setting ${unknown} of load jobs`)
  const load = parseBody(loadBody, given)
  if (!(load.sourceFormat in READERS))
    throw notImplemented(`load jobs of the format ${load.sourceFormat}`)
  return load
}

type Reader = (content: Buffer, load: LoadRequest, schema: TableSchema | undefined) => FileRow[]

const READERS: Readonly<Record<string, Reader>> = {
  CSV: readCsv,
  NEWLINE_DELIMITED_JSON: readJsonLines,
}

const readRows: (load: LoadRequest, content: Buffer, schema: TableSchema | undefined) => FileRow[] =
  (load, content, schema) => READERS[load.sourceFormat]?.(content, load, schema) ?? []

function presentSchema(
  catalog: Catalog,
  { destinationTable, autodetect, writeDisposition }: LoadRequest,
) {
  const { datasetId, tableId } = destinationTable
  if (autodetect && writeDisposition === 'WRITE_TRUNCATE') return undefined
  return catalog.hasTable(datasetId, tableId) ? catalog.table(datasetId, tableId).schema : undefined
}

function detected({ autodetect }: LoadRequest, rows: readonly FileRow[]): TableSchema {
  if (!autodetect) throw invalid('No schema specified on job or table.')
  return detectSchema(rows.flatMap((row) => ('json' in row ? [row.json] : [])))
}

async function writeRows(
  deps: TableDeps,
  load: LoadRequest,
  rows: readonly FileRow[],
  schema: TableSchema,
) {
  const { destinationTable, createDisposition, writeDisposition = 'WRITE_APPEND' } = load
  const body = { schema: { fields: [...schema.fields] }, ...layoutOf(load) }
  const counts = { good: 0, bad: 0 }
  const target = { ...destinationTable, createDisposition, writeDisposition, body }
  await writeTable(deps, target, async (connection, table) => {
    // Only rows that are streamed are bound to a range of partitions.
    const check = createRowCheck(
      { ...table, timePartitioning: undefined },
      load.ignoreUnknownValues,
      wallClock(),
    )
    const cells = goodCells(
      rows.map((row) => ('json' in row ? check(row.json) : row)),
      load,
    )
    counts.good = cells.length
    counts.bad = rows.length - cells.length
    if (cells.length > 0) await insertRows(connection, table, cells, deps.prepare)
  })
  return counts
}

type Checked = ReturnType<ReturnType<typeof createRowCheck>> | { readonly problem: string }

/** @throws 400 `invalid` where more rows are bad than the job allows */
function goodCells(
  rows: readonly Checked[],
  { maxBadRecords, sourceFormat }: LoadRequest,
): RowCells[] {
  const problems = rows.flatMap((row, i) => {
    const problem = problemOf(row)
    return problem === undefined ? [] : [`Row ${i + 1}: ${problem}`]
  })
  if (problems.length > maxBadRecords) throw tooManyErrors(sourceFormat, rows.length, problems)
  return rows.flatMap((row) => ('cells' in row ? [row.cells] : []))
}

function problemOf(row: Checked): string | undefined {
  if ('problem' in row) return row.problem
  return 'errors' in row ? row.errors[0]?.message : undefined
}

function tooManyErrors(format: string, rows: number, problems: readonly string[]): ApiError {
  const kind = format === 'CSV' ? 'CSV' : 'JSON'
  return new ApiError(
    400,
    'invalid',
    `Error while reading data, error message: ${kind} table encountered too many errors, giving up. Rows: ${rows}; errors: ${problems.length}. ${problems[0]}`,
  )
}
