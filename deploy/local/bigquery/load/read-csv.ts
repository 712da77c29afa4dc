// Reads a CSV file: its columns are those of the schema, in order, or else those of its first row.

import { parse } from 'csv-parse/sync'
import { invalid } from '../values/errors.ts'
import type { FieldSchema, LoadRequest, TableSchema } from '../values/resources.ts'
import type { FileRow } from './file-row.ts'

/** A cell as it was written; null where it is empty without quotes, or the marker for NULL. */
type Cell = string | null

/** @throws 400 `invalid` where the file is no CSV */
export function readCsv(
  content: Buffer,
  load: LoadRequest,
  schema: TableSchema | undefined,
): FileRow[] {
  const rows = cellsOf(content, load)
  if (schema)
    return rows.slice(load.skipLeadingRows ?? 0).map((cells) => rowOf(cells, schema.fields))
  const [header = [], ...rest] = rows.slice(Math.max(0, (load.skipLeadingRows ?? 1) - 1))
  const fields = header.map((name, i) => ({ name: columnName(name, i), type: 'STRING' }))
  return rest.map((cells) => rowOf(cells, fields))
}

function cellsOf(
  content: Buffer,
  { fieldDelimiter, quote, nullMarker = '' }: LoadRequest,
): Cell[][] {
  const delimiter = fieldDelimiter === 'tab' ? '\t' : fieldDelimiter
  try {
    return parse(content, {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      ...(delimiter !== undefined && { delimiter }),
      ...(quote !== undefined && { quote: quote === '' ? null : quote }),
      cast: (value: string, { quoting }: { quoting: boolean }): Cell =>
        value === nullMarker && !quoting ? null : value,
    })
  } catch (error) {
    throw invalid(
      `Error while reading data, error message: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

function rowOf(cells: readonly Cell[], fields: readonly FieldSchema[]): FileRow {
  if (cells.length > fields.length)
    return { problem: `Too many values in row: ${cells.length}, but ${fields.length} columns.` }
  if (cells.length < fields.length)
    return { problem: `Missing values in row: ${cells.length}, but ${fields.length} columns.` }
  return { json: Object.fromEntries(fields.map(({ name }, i) => [name, cells[i] ?? null])) }
}

// BigQuery's column names have letters, digits and underscores.
const columnName = (cell: Cell, index: number) =>
  (cell ?? '').replaceAll(/[^\p{L}\p{N}_]/gu, '_') || `string_field_${index}`
