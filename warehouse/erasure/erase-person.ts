// Erases a person's rows in all tables, as far as BigQuery changes them already.

import {
  ERASED_TABLES,
  type ErasedRows,
  type ErasedTable,
  NO_ROWS,
  type Person,
  type PersonTraces,
  type RowCounts,
} from '#contracts'
import type { Changer } from '../change.ts'
import type { Reader } from '../read.ts'
import { eraseRows } from '../sql/erase-rows.ts'
import { rewriteAction } from '../sql/person-actions.ts'
import { personRows, type RowTable } from '../sql/person-rows.ts'
import { actionsOf } from './find-person.ts'

/**
 * The staging tables come last: by their rows everything else of the person is found, should this be interrupted.
 * A table with rows that BigQuery does not change yet is left as it is.
 */
const ORDER = [
  'dead_letter_log',
  'dead_letter',
  'activation_log',
  'audit_log',
  'staging_purchase',
  'staging_cancellation',
] as const satisfies readonly ErasedTable[]

type Rows = { readonly person: Person; readonly traces: PersonTraces; readonly salt: string }

/** Idempotent. @throws what the reader and the changer throw */
export async function erasePerson(
  { read, change }: { readonly read: Reader; readonly change: Changer },
  of: Rows,
): Promise<ErasedRows> {
  const rows: Record<ErasedTable, number> = { ...NO_ROWS }
  const buffered: ErasedTable[] = []
  for (const table of ORDER) {
    const isLast = table.startsWith('staging_')
    if (isLast && buffered.some((one) => !one.startsWith('staging_'))) continue
    const erased =
      table === 'dead_letter_log'
        ? await eraseActions({ read, change }, of)
        : await eraseTable({ read, change }, table, of)
    if (erased === null) buffered.push(table)
    else rows[table] = erased
  }
  return { rows, buffered: ERASED_TABLES.filter((table) => buffered.includes(table)) }
}

type Access = { readonly read: Reader; readonly change: Changer }

/** @returns the rows that were changed; null where BigQuery does not change them yet */
async function eraseTable(
  { read, change }: Access,
  table: RowTable,
  { person, traces, salt }: Rows,
): Promise<number | null> {
  const messages = { ...person, ...traces }
  const places = await read(personRows(table, messages))
  const count = places.reduce((sum, { events }) => sum + events, 0)
  if (count === 0) return 0
  return (await change(eraseRows(table, messages, salt))) ? count : null
}

async function eraseActions(
  { read, change }: Access,
  { person, traces }: Rows,
): Promise<number | null> {
  const actions = await actionsOf(read, person, traces)
  for (const action of actions) if (!(await change(rewriteAction(action)))) return null
  return actions.length
}

/** True where nothing of the person was found. */
export const isNothing = (rows: RowCounts) => ERASED_TABLES.every((table) => rows[table] === 0)
