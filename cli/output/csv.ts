// Writes rows as CSV that a spreadsheet opens without running any of it.

import { stringify } from 'csv-stringify/sync'
import { visible } from '#contracts/visible'
import { type Row, textOf } from './tables.ts'

/** Also as wide, small or raised characters: a spreadsheet takes some of them for the plain ones. */
const FORMULA_SIGNS = new Set(['=', '+', '-', '@'])

export type CsvColumns = {
  /** In their order. @default those of the first row */
  readonly columns?: readonly string[]
  /** Columns of numbers that are held as text, for their digits. */
  readonly numbers?: ReadonlySet<string>
}

/** What `--help` says of it. */
export const CSV_HELP = `In CSV a text that a spreadsheet would take for a formula (=, +, - or @ at its beginning) gets an apostrophe before it;
columns of numbers have none. Control characters and invisible ones are written as \\u001b. --json has every value exactly.`

/** A line for each row, below the names of the columns. Pure. */
export function csvOf(rows: readonly Row[], { columns, numbers }: CsvColumns = {}): string {
  const names = columns ?? Object.keys(rows[0] ?? {})
  const cellOf = (row: Row, name: string) => {
    const cell = row[name] ?? null
    const text = textOf(cell)
    return typeof cell === 'number' || numbers?.has(name) ? text : guarded(text)
  }
  const lines = rows.map((row) => names.map((name) => cellOf(row, name)))
  // A line with one empty cell would be an empty line, which readers skip.
  const options = { quoted_empty: names.length === 1 }
  return stringify([names.map(guarded), ...lines], options).slice(0, -1)
}

function guarded(text: string): string {
  const shown = visible(text)
  return isFormula(shown) ? `'${shown}` : shown
}

/** White space before a sign does not stop every spreadsheet; a tab may end the cell before. */
function isFormula(text: string): boolean {
  const first = text.trimStart().slice(0, 1).normalize('NFKC')
  return FORMULA_SIGNS.has(first) || text.startsWith('\t')
}
