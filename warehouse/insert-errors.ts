// The insertErrors of insertAll: which rows BigQuery did not take, and whether it ever will.

import { z } from 'zod'
import { invalidValueReason, type SinkReason, TABLES, type TableName } from '#contracts'
import { failure, warehouseFailure } from '#runtime/service-error'
import { knownReason } from '#runtime/service-reasons'
import { HTTP } from '#runtime/status-codes'
import type { Appended } from './warehouse.ts'

/** The reasons of a row. Each member is text that may quote the row. */
export type RowError = z.output<typeof rowError>

/** A number, or its digits as text. Anything else would be taken for row 0. */
const rowIndex = z.union([
  z.number(),
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
])

const rowError = z.object({
  index: rowIndex.pipe(z.number().int().nonnegative()),
  errors: z
    .array(
      z.object({
        reason: z.string().default('unknown'),
        location: z.string().default(''),
        message: z.string().default(''),
      }),
    )
    .min(1),
})

const partialFailureError = z.object({
  name: z.literal('PartialFailureError'),
  response: z.unknown(),
})

/** The answer inside the client's PartialFailureError: only it has the indexes. Null for any other error. */
export function partialFailure(error: unknown): { readonly response: unknown } | null {
  const parsed = partialFailureError.safeParse(error)
  return parsed.success ? { response: parsed.data.response } : null
}

/**
 * @param rows how many were sent
 * @returns null where they are not as documented: rows that were not sent, or one row twice
 */
export function readInsertErrors(
  { response }: { readonly response: unknown },
  rows: number,
): readonly RowError[] | null {
  const parsed = z.object({ insertErrors: z.array(rowError) }).safeParse(response)
  if (!parsed.success) return null
  const { insertErrors } = parsed.data
  const indexes = new Set(insertErrors.map(({ index }) => index))
  const areRowsOfOurs = insertErrors.every(({ index }) => index < rows)
  return areRowsOfOurs && indexes.size === insertErrors.length ? insertErrors : null
}

const MAX_MESSAGES = 3

/** The first of what BigQuery said of the rows. */
export function messagesOf(errors: readonly RowError[]): string {
  const messages = errors.slice(0, MAX_MESSAGES).flatMap((row) => row.errors)
  return messages.map(({ message }) => message).join('; ')
}

/** BigQuery's words for a column the table lacks. All columns are ours, so it is the table that is old. */
const LACKS_COLUMN = /^no such field:? ?(\w{0,64})/i

/**
 * `invalid` is permanent, unless it is the table that is at fault. Any other word on a row (`stopped`,
 * `timeout`, `backendError`) is a fault of the moment. In both cases the whole call is made again, and the
 * rows already in are dropped by their insert ids.
 */
export function failedRows(table: TableName, errors: readonly RowError[]): Appended['failed'] {
  const faults = errors.flatMap((row) => row.errors)
  const lacking = faults.find(({ message }) => LACKS_COLUMN.test(message))
  if (lacking) throw lacksColumn(table, lacking.message)
  const passing = faults.find(({ reason }) => reason !== 'invalid')
  if (passing)
    throw warehouseFailure(table, {
      status: HTTP.SERVICE_UNAVAILABLE,
      reason: knownReason(passing.reason),
    })
  return errors.map(({ index, errors: [first] }) => ({
    index,
    reason: rowReason(table, first?.location),
  }))
}

function lacksColumn(table: TableName, message: string) {
  const column = columnOf(table, LACKS_COLUMN.exec(message)?.[1])
  return failure('warehouse_setup', `BigQuery ${table}: the table lacks ${column ?? 'a column'}`)
}

/** A reason is a search attribute of a dead letter: it names a column of ours, or none. */
const rowReason = (table: TableName, location: string | undefined): SinkReason =>
  invalidValueReason(columnOf(table, location))

function columnOf(name: TableName, column: string | undefined): string | undefined {
  const table = TABLES.find((one) => one.name === name)
  return table?.columns.find((one) => one.name === column)?.name
}
