// The warehouse port and its insertAll adapter: rows in, and by index the rows BigQuery can never take.

import type { BigQuery } from '@google-cloud/bigquery'
import { z } from 'zod'
import { DATASET, type TableName } from '#contracts'
import { type CallFault, isRefusal, warehouseFailure } from '../classify-error.ts'

/** A row under its column names: BYTES as base64, JSON as JSON text, NUMERIC as decimal text. */
export type Row = {
  /** The same on every attempt; BigQuery drops a repeat within about a minute. At most 128 characters. */
  readonly insertId: string
  readonly json: Readonly<Record<string, unknown>>
}

export type Appended = {
  readonly written: number
  readonly failed: readonly { readonly index: number; readonly reason: string }[]
}

export type Warehouse = {
  /**
   * Appends rows at least once. A row BigQuery can never take does not stop the others.
   * @throws ApplicationFailure of the registry where the world is at fault; some rows may be written then,
   * and a repeat of the call is safe
   */
  append(table: TableName, rows: readonly Row[]): Promise<Appended>
}

/** BigQuery takes 10 MB a request; what the client adds around each row fits in the difference. */
const MAX_REQUEST_BYTES = 8_000_000

/** BigQuery takes 50,000 rows a request and recommends far fewer. */
const MAX_REQUEST_ROWS = 5_000

export function createInsertAllWarehouse(bigquery: BigQuery): Warehouse {
  return {
    append: async (table, rows) => {
      const failed: Appended['failed'][number][] = []
      for (const [first, chunk] of chunks(rows)) {
        const refused = await insert(bigquery, table, chunk)
        failed.push(...refused.map(({ index, reason }) => ({ index: first + index, reason })))
      }
      return { written: rows.length - failed.length, failed }
    },
  }
}

/** Cuts rows into requests: yields the index of the first row with each. */
function* chunks(rows: readonly Row[]): Generator<[number, readonly Row[]]> {
  let first = 0
  let bytes = 0
  for (const [index, row] of rows.entries()) {
    const size = Buffer.byteLength(JSON.stringify(row))
    if (index > first && (bytes + size > MAX_REQUEST_BYTES || index - first >= MAX_REQUEST_ROWS)) {
      yield [first, rows.slice(first, index)]
      first = index
      bytes = 0
    }
    bytes += size
  }
  if (first < rows.length) yield [first, rows.slice(first)]
}

/** One request. Where BigQuery refuses all of it for one row's sake, halves it until that row stands alone. */
async function insert(
  bigquery: BigQuery,
  table: TableName,
  rows: readonly Row[],
): Promise<Appended['failed']> {
  try {
    await bigquery
      .dataset(DATASET)
      .table(table)
      .insert([...rows], {
        raw: true,
        skipInvalidRows: true,
        partialRetries: 0,
      })
    return []
  } catch (error) {
    const rowErrors = readRowErrors(error)
    if (rowErrors) return permanent(table, rowErrors)
    const fault = toFault(error)
    if (!isRefusal(fault)) throw warehouseFailure(table, fault)
    if (rows.length === 1) return [{ index: 0, reason: refusalReason(fault) }]
    return insertHalves(bigquery, table, rows)
  }
}

async function insertHalves(
  bigquery: BigQuery,
  table: TableName,
  rows: readonly Row[],
): Promise<Appended['failed']> {
  const middle = Math.ceil(rows.length / 2)
  const left = await insert(bigquery, table, rows.slice(0, middle))
  const right = await insert(bigquery, table, rows.slice(middle))
  return [...left, ...right.map(({ index, reason }) => ({ index: index + middle, reason }))]
}

const rowErrors = z.object({
  response: z.object({
    insertErrors: z.array(
      z.object({
        index: z.coerce.number().int(),
        errors: z.array(
          z.object({
            reason: z.string().default('unknown'),
            location: z.string().default(''),
            message: z.string().default(''),
          }),
        ),
      }),
    ),
  }),
})

type RowError = z.output<typeof rowErrors>['response']['insertErrors'][number]

/** The row errors of the client's PartialFailureError: only its `response` has the indexes. */
function readRowErrors(error: unknown): readonly RowError[] | null {
  const parsed = rowErrors.safeParse(error)
  return parsed.success ? parsed.data.response.insertErrors : null
}

/**
 * `invalid` is for ever. Any other word on a row (`stopped`, `timeout`, `backendError`) is a fault of the
 * moment: the whole call is made again, and the rows already in are dropped by their insert ids.
 */
function permanent(table: TableName, errors: readonly RowError[]): Appended['failed'] {
  const passing = errors.flatMap((row) => row.errors).find(({ reason }) => reason !== 'invalid')
  if (passing) throw warehouseFailure(table, { status: 503, ...passing })
  return errors.map((row) => ({ index: row.index, reason: rowReason(row) }))
}

function rowReason(row: RowError): string {
  const [first] = row.errors
  const column = first?.location ? `_${first.location}` : ''
  return `warehouse_invalid${column.replace(/\W+/g, '_')}`
}

function refusalReason(fault: CallFault): string {
  return fault.status === 413 ? 'warehouse_row_too_large' : 'warehouse_refused'
}

const apiError = z.object({
  code: z.union([z.number(), z.string()]).optional(),
  message: z.string().default('unknown error'),
  errors: z.array(z.object({ reason: z.string().optional() })).optional(),
})

function toFault(error: unknown): CallFault {
  const parsed = apiError.safeParse(error)
  const { code, message, errors }: z.output<typeof apiError> = parsed.success
    ? parsed.data
    : { message: String(error) }
  return {
    status: typeof code === 'number' ? code : undefined,
    reason: errors?.[0]?.reason ?? (typeof code === 'string' ? code : undefined),
    message: message.split('\n', 1)[0] ?? message,
  }
}
