// The insertAll adapter of the warehouse port: a request of JSON rows, each with an id by which BigQuery drops repeats.

import { setTimeout as sleep } from 'node:timers/promises'
import type { BigQuery } from '@google-cloud/bigquery'
import { z } from 'zod'
import { DATASET, digest, type TableName } from '#contracts'
import { chunksOf } from '#runtime/chunks'
import { type CallFault, failure, isRefusal, warehouseFailure } from '../classify-error.ts'
import { toFault } from './google-error.ts'
import type { Appended, Row, Value, Warehouse } from './warehouse.ts'

/** A row as insertAll takes it; BigQuery drops a repeated insert id within about a minute. */
type RawRow = {
  readonly insertId: string
  readonly json: Readonly<Record<string, unknown>>
}

/**
 * BigQuery takes 10 MB a request; what the client adds around each row fits in the difference.
 * It takes 50,000 rows a request and recommends far fewer.
 */
const REQUEST = { maxItems: 5_000, maxBytes: 8_000_000 }

/** BigQuery answers an insert within seconds; one that hangs is repeated, and its rows have insert ids. */
const REQUEST_TIMEOUT_MS = 60_000

type Adapter = { readonly bigquery: BigQuery; readonly timeoutMs: number }

export function createInsertAllWarehouse(
  bigquery: BigQuery,
  timeoutMs = REQUEST_TIMEOUT_MS,
): Warehouse {
  const adapter = { bigquery, timeoutMs }
  return {
    append: async (table, rows) => {
      const failed: Appended['failed'][number][] = []
      let first = 0
      for (const chunk of chunksOf(rows.map(toRawRow), jsonBytes, REQUEST)) {
        const refused = await insert(adapter, table, chunk)
        failed.push(...shifted(refused, first))
        first += chunk.length
      }
      return { written: rows.length - failed.length, failed }
    },
  }
}

function toRawRow({ key, columns }: Row): RawRow {
  const values = Object.entries(columns)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name, toJson(value)])
  return { insertId: digest(key), json: Object.fromEntries(values) }
}

const toJson = (value: Value) =>
  value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value

const jsonBytes = (row: RawRow) => Buffer.byteLength(JSON.stringify(row))

/** One request. Where BigQuery refuses all of it for one row's sake, halves it until that row stands alone. */
async function insert(
  adapter: Adapter,
  table: TableName,
  rows: readonly RawRow[],
): Promise<Appended['failed']> {
  try {
    const options = { raw: true, skipInvalidRows: true, partialRetries: 0 }
    const handle = adapter.bigquery.dataset(DATASET).table(table)
    await answered(handle.insert([...rows], options), adapter.timeoutMs)
    return []
  } catch (error) {
    const rowErrors = readRowErrors(error)
    if (rowErrors) return permanent(table, rowErrors)
    const fault = toFault(error)
    if (!isRefusal(fault)) throw warehouseFailure(table, fault)
    if (rows.length === 1) return [{ index: 0, reason: refusalReason(fault) }]
    return insertHalves(adapter, table, rows)
  }
}

/** Google's client takes a time-out and does not keep it (node-fetch 3 has no such option). */
async function answered<T>(request: Promise<T>, limitMs: number): Promise<T> {
  const waiting = new AbortController()
  const tooLate = sleep(limitMs, undefined, { signal: waiting.signal }).then(() => {
    throw new Error(`not within ${limitMs / 1000} s`)
  })
  try {
    return await Promise.race([request, tooLate])
  } finally {
    waiting.abort()
  }
}

async function insertHalves(
  adapter: Adapter,
  table: TableName,
  rows: readonly RawRow[],
): Promise<Appended['failed']> {
  const middle = Math.ceil(rows.length / 2)
  const left = await insert(adapter, table, rows.slice(0, middle))
  const right = await insert(adapter, table, rows.slice(middle))
  return [...left, ...shifted(right, middle)]
}

function shifted(failed: Appended['failed'], by: number): Appended['failed'] {
  return failed.map(({ index, reason }) => ({ index: index + by, reason }))
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

/** BigQuery's words for a column the table lacks. All columns are ours, so it is the table that is old. */
const LACKS_COLUMN = /^no such field/i

/**
 * `invalid` is for ever, unless it is the table that is at fault. Any other word on a row (`stopped`,
 * `timeout`, `backendError`) is a fault of the moment. In both cases the whole call is made again, and the
 * rows already in are dropped by their insert ids.
 */
function permanent(table: TableName, errors: readonly RowError[]): Appended['failed'] {
  const faults = errors.flatMap((row) => row.errors)
  const lacking = faults.find(({ message }) => LACKS_COLUMN.test(message))
  if (lacking) throw failure('warehouse_setup', `BigQuery ${table}: ${lacking.message}`)
  const passing = faults.find(({ reason }) => reason !== 'invalid')
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
