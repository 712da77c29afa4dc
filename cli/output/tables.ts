// Prints rows as a table that aligns, as JSON lines' array, or as CSV.

import Table from 'cli-table3'
import { stringify } from 'csv-stringify/sync'

export type Cell = string | number | boolean | null | readonly unknown[] | object
export type Row = Readonly<Record<string, Cell>>

export type Format = 'table' | 'json' | 'csv'

export function render(rows: readonly Row[], format: Format): string {
  if (format === 'json') return JSON.stringify(rows, null, 2)
  if (format === 'csv') return stringify(rows.map(flat), { header: true }).trimEnd()
  return rows.length === 0 ? '(no rows)' : table(rows)
}

/** Cells longer than this are cut in tables; `--json` and `--csv` have all of it. */
const MAX_CELL = 48

function table(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {})
  const numeric = columns.map((column) => rows.every((row) => typeof row[column] === 'number'))
  const drawn = new Table({
    head: columns,
    colAligns: numeric.map((isNumeric) => (isNumeric ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  })
  for (const row of rows) drawn.push(columns.map((column) => shorten(text(row[column] ?? null))))
  return drawn.toString()
}

const shorten = (value: string) =>
  value.length > MAX_CELL ? `${value.slice(0, MAX_CELL - 1)}…` : value

function flat(row: Row): Record<string, string> {
  return Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, text(cell)]))
}

function text(cell: Cell): string {
  if (cell === null) return ''
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell)
}
