// The insertAll adapter of the warehouse port: a request of JSON rows, each with an id by which BigQuery drops repeats.

import { setTimeout as sleep } from 'node:timers/promises'
import type { BigQuery } from '@google-cloud/bigquery'
import { DATASET, digest, type SinkReason, type TableName } from '#contracts'
import { chunksOf, halvesOf } from '#runtime/chunks'
import { noRemoteLog, type RemoteLog } from '#runtime/remote-log'
import { isRefusal, type ServiceError, warehouseFailure } from '#runtime/service-error'
import { HTTP } from '#runtime/status-codes'
import { toFault } from './google-error.ts'
import {
  failedRows,
  messagesOf,
  partialFailure,
  type RowError,
  readInsertErrors,
} from './insert-errors.ts'
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

export type InsertAllOptions = {
  readonly remoteLog?: RemoteLog
  /** How long one request may wait for its answer. @default a minute */
  readonly timeoutMs?: number
}

type Adapter = Required<InsertAllOptions> & { readonly bigquery: BigQuery }

/** @param bigquery of `createBigQuery`, which holds every answer to its documented shape */
export function createInsertAllWarehouse(
  bigquery: BigQuery,
  { remoteLog = noRemoteLog, timeoutMs = REQUEST_TIMEOUT_MS }: InsertAllOptions = {},
): Warehouse {
  const adapter = { bigquery, remoteLog, timeoutMs }
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
  const outcome = await request(adapter, table, rows)
  if (outcome.kind === 'written') return []
  adapter.remoteLog(`BigQuery ${table}`, outcome.fault)
  if (outcome.kind === 'bad_rows') return failedRows(table, outcome.errors)
  if (!isRefusal(outcome.fault)) throw warehouseFailure(table, outcome.fault)
  if (rows.length === 1) return [{ index: 0, reason: refusalReason(outcome.fault) }]
  return insertHalves(adapter, table, rows)
}

type Outcome =
  | { readonly kind: 'written' }
  /** All others are written. */
  | {
      readonly kind: 'bad_rows'
      readonly errors: readonly RowError[]
      readonly fault: ServiceError
    }
  | { readonly kind: 'fault'; readonly fault: ServiceError }

async function request(
  { bigquery, timeoutMs }: Adapter,
  table: TableName,
  rows: readonly RawRow[],
): Promise<Outcome> {
  const handle = bigquery.dataset(DATASET).table(table)
  const options = { raw: true, skipInvalidRows: true, partialRetries: 0 }
  const waiting = new AbortController()
  try {
    const sent = handle.insert([...rows], options)
    await Promise.race([sent, rejectAfter(timeoutMs, waiting.signal)])
    return { kind: 'written' }
  } catch (error) {
    return toOutcome(error, rows.length)
  } finally {
    waiting.abort()
  }
}

class TooLateError extends Error {
  override readonly name = 'TooLateError'
}

/** Google's client takes a time-out and does not keep it (node-fetch 3 has no such option). */
async function rejectAfter(limitMs: number, signal: AbortSignal): Promise<never> {
  await sleep(limitMs, undefined, { signal })
  throw new TooLateError(`not within ${limitMs / 1000} s`)
}

function toOutcome(error: unknown, rows: number): Outcome {
  if (error instanceof TooLateError) return { kind: 'fault', fault: { message: error.message } }
  const response = partialFailure(error)
  if (response === null) return { kind: 'fault', fault: toFault(error) }
  const errors = readInsertErrors(response, rows)
  if (errors === null) return { kind: 'fault', fault: UNDOCUMENTED }
  return { kind: 'bad_rows', errors, fault: { said: messagesOf(errors) } }
}

const UNDOCUMENTED: ServiceError = {
  status: HTTP.OK,
  message: 'its insertErrors are not as documented, so that no row counts as written',
}

async function insertHalves(
  adapter: Adapter,
  table: TableName,
  rows: readonly RawRow[],
): Promise<Appended['failed']> {
  const [first, second] = halvesOf(rows)
  const failed = await insert(adapter, table, first)
  return [...failed, ...shifted(await insert(adapter, table, second), first.length)]
}

function shifted(failed: Appended['failed'], by: number): Appended['failed'] {
  return failed.map(({ index, reason }) => ({ index: index + by, reason }))
}

function refusalReason(fault: ServiceError): SinkReason {
  return fault.isTooLarge ? 'warehouse_row_too_large' : 'warehouse_refused'
}
