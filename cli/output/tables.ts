// Prints rows as a table that aligns, as JSON lines' array, or as CSV.

import { drawBox } from './box.ts'
import { cellText } from './cell-text.ts'

export type Cell = string | number | boolean | null | readonly unknown[] | object
export type Row = Readonly<Record<string, Cell>>

export function render(rows: readonly Row[], format: 'table' | 'json'): string {
  if (format === 'json') return JSON.stringify(rows, null, 2)
  return rows.length === 0 ? '(no rows)' : table(rows)
}

function table(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {})
  const isNumber = (column: string) => rows.every((row) => typeof row[column] === 'number')
  return drawBox(
    columns.map(cellText),
    rows.map((row) => columns.map((column) => cellText(textOf(row[column] ?? null)))),
    columns.map((column) => (isNumber(column) ? 'right' : 'left')),
  )
}

/** The text of one cell, whole. Pure. */
export function textOf(cell: Cell): string {
  if (cell === null) return ''
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell)
}
