// Second look-up of a trace: every row the tables have of one order, by its partner, order and day.

import type { Reader } from '#warehouse/read'
import { type HandledRow, orderActions } from '#warehouse/sql/order-actions'
import {
  type ActivationRow,
  type AuditRow,
  type DeadRow,
  type OrderTable,
  orderRows,
  type StagedRow,
} from '#warehouse/sql/order-rows'
import { type Answer, ask, type Missing } from './ask.ts'
import type { Subject } from './find.ts'

/** What the tables say of a subject. */
export type Rows = {
  readonly audited: readonly AuditRow[]
  readonly staged: readonly StagedRow[]
  readonly activated: readonly ActivationRow[]
  readonly dead: readonly DeadRow[]
  readonly handled: readonly HandledRow[]
  readonly missing: readonly Missing[]
}

/** Never throws for a table that cannot be read: those are `missing`. */
export async function readRows(read: Reader, subject: Subject): Promise<Rows> {
  const rowsOf = <Table extends OrderTable>(table: Table) =>
    ask(read, table, orderRows(table, subject))
  const [audit, purchases, cancellations, activations, dead] = await Promise.all([
    rowsOf('audit_log'),
    rowsOf('staging_purchase'),
    rowsOf('staging_cancellation'),
    rowsOf('activation_log'),
    rowsOf('dead_letter'),
  ])
  const letters = [...new Set(dead.rows.map((row) => row.dead_letter_id))]
  const log = await readActions(read, letters, subject)
  const answers = [audit, purchases, cancellations, activations, dead, log]
  return {
    audited: audit.rows,
    staged: [...purchases.rows, ...cancellations.rows],
    activated: activations.rows,
    dead: dead.rows,
    handled: log.rows,
    missing: answers.flatMap(({ missing }) => missing),
  }
}

async function readActions(
  read: Reader,
  letters: readonly string[],
  { from }: Subject,
): Promise<Answer<HandledRow>> {
  if (letters.length === 0) return { rows: [], missing: [] }
  return ask(read, 'dead_letter_log', orderActions({ letters, oldest: from }))
}
