// What the parts of a translation need of each other: a scan holds expressions, and an expression subqueries.

import type { Column, Expression, Scan } from './tree.ts'

export type Translator = {
  /** The SQL of an expression, which may stand wherever an operand may. */
  expression(expression: Expression): string
  /** A SELECT whose columns are those of the scan, each named by `name`. */
  scan(scan: Scan): string
  /** The name of a column: its own in the whole statement. */
  name(column: Column): string
  /** The SQL that reads the table with this id of the analyzer's catalog. */
  table(id: string): string
  /** The SQL that stands for a query parameter, whose type the analyzer has told. */
  parameter(name: string, position: number): string
}
