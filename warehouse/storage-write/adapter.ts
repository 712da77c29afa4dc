// The Storage Write API adapter of the warehouse port: binary rows over the default stream of each table.

import type { v1 } from '@google-cloud/bigquery-storage'
import {
  DATASET,
  invalidValueReason,
  type SinkReason,
  TABLES,
  type Table,
  type TableName,
} from '#contracts'
import { chunksOf, halvesOf } from '#runtime/chunks'
import { noRemoteLog, type RemoteLog } from '#runtime/remote-log'
import { failure, isRefusal, type ServiceError, warehouseFailure } from '#runtime/service-error'
import type { Appended, OpenWarehouse, Row } from '../warehouse.ts'
import type { RowError } from './answer.ts'
import { Clients } from './clients.ts'
import { toDescriptor } from './descriptor.ts'
import {
  createRowEncoder,
  type EncodeRow,
  UnencodableValueError,
  UnknownColumnError,
} from './row-encoder.ts'
import { columnIn, schemaMessage } from './schema-message.ts'
import { TableStream } from './table-stream.ts'

type Failed = Appended['failed'][number]
type EncodedRow = { readonly index: number; readonly bytes: Uint8Array }
type TableWriter = {
  readonly table: Table
  readonly encode: EncodeRow
  readonly stream: TableStream
  readonly remoteLog: RemoteLog
}

export type StorageWriteOptions = {
  readonly createClient: () => v1.BigQueryWriteClient
  readonly project: string
  /** How long one append may wait for its answer. @default a minute */
  readonly timeoutMs?: number
  readonly remoteLog?: RemoteLog
}

/** BigQuery takes 10 MB a request; the schema and what stands around the rows fit in the difference. */
const REQUEST = { maxItems: 50_000, maxBytes: 9_000_000 }

/** The tag and the length of a row inside a request. */
const ROW_OVERHEAD_BYTES = 5

/** BigQuery answers an append within a second; one that hangs is made again, on another connection. */
const APPEND_TIMEOUT_MS = 60_000

/** At least once: nothing tells BigQuery that a row was sent before, so a repeat writes it again. */
export function createStorageWriteWarehouse(options: StorageWriteOptions): OpenWarehouse {
  const clients = new Clients(options.createClient)
  const writers = new Map(
    TABLES.map((table) => [table.name, createTableWriter(table, clients, options)]),
  )
  return {
    append: async (name, rows) => {
      const writer = writers.get(name)
      if (!writer) throw failure('warehouse_request', `no table is called ${name}`)
      return appendAll(writer, rows)
    },
    close: async () => {
      await Promise.all([...writers.values()].map(({ stream }) => stream.close()))
      await clients.close()
    },
  }
}

function createTableWriter(
  table: Table,
  clients: Clients,
  options: StorageWriteOptions,
): TableWriter {
  const { project, timeoutMs = APPEND_TIMEOUT_MS, remoteLog = noRemoteLog } = options
  const target = {
    writeStream: `projects/${project}/datasets/${DATASET}/tables/${table.name}/streams/_default`,
    descriptor: toDescriptor(table),
  }
  const stream = new TableStream(clients, target, timeoutMs)
  return { table, encode: createRowEncoder(table), stream, remoteLog }
}

async function appendAll(writer: TableWriter, rows: readonly Row[]): Promise<Appended> {
  const { encoded, failed } = encodeAll(writer, rows)
  for (const chunk of chunksOf(encoded, requestBytes, REQUEST))
    failed.push(...(await appendRows(writer, chunk)))
  failed.sort((a, b) => a.index - b.index)
  return { written: rows.length - failed.length, failed }
}

const requestBytes = ({ bytes }: EncodedRow) => bytes.length + ROW_OVERHEAD_BYTES

/** Rows that BigQuery would refuse anyway are not sent, since one bad row keeps a whole request out. */
function encodeAll({ table, encode }: TableWriter, rows: readonly Row[]) {
  const encoded: EncodedRow[] = []
  const failed: Failed[] = []
  for (const [index, { columns }] of rows.entries()) {
    const bytes = encodeOrRefuse(table.name, encode, columns)
    if (typeof bytes === 'string') failed.push({ index, reason: bytes })
    else if (bytes.length > REQUEST.maxBytes) failed.push({ index, reason: TOO_LARGE })
    else encoded.push({ index, bytes })
  }
  return { encoded, failed }
}

const TOO_LARGE = 'warehouse_row_too_large' satisfies SinkReason

/** @returns the row's bytes, or the reason it has none */
function encodeOrRefuse(table: TableName, encode: EncodeRow, columns: Row['columns']) {
  try {
    return encode(columns)
  } catch (error) {
    if (error instanceof UnencodableValueError) return invalidValueReason(error.column)
    if (!(error instanceof UnknownColumnError)) throw error
    throw failure('warehouse_request', `BigQuery ${table}: ${error.message}`)
  }
}

/** One request, and again without the rows BigQuery names as bad: it writes all of a request or nothing. */
async function appendRows(writer: TableWriter, rows: readonly EncodedRow[]): Promise<Failed[]> {
  if (rows.length === 0) return []
  const answer = await writer.stream.append(rows.map(({ bytes }) => bytes))
  if (answer.kind === 'written') return []
  if (answer.kind === 'bad_rows') return appendWithout(writer, rows, answer.errors)
  hear(writer, answer.fault)
  if (isRefusal(answer.fault)) return appendHalves(writer, rows, answer.fault)
  const message = answer.fault.message ?? schemaMessage(answer.fault, writer.table)
  throw warehouseFailure(writer.table.name, { ...answer.fault, message })
}

const hear = ({ remoteLog, table }: TableWriter, fault: ServiceError) =>
  remoteLog(`BigQuery ${table.name}`, fault)

async function appendWithout(
  writer: TableWriter,
  rows: readonly EncodedRow[],
  errors: readonly RowError[],
): Promise<Failed[]> {
  hear(writer, { said: errors[0]?.message })
  const reasons = new Map(errors.map(({ index, message }) => [index, message]))
  const failed = rows.flatMap(({ index }, position) => {
    const message = reasons.get(position)
    return message === undefined
      ? []
      : [{ index, reason: invalidValueReason(columnIn(message, writer.table)) }]
  })
  const rest = rows.filter((_, position) => !reasons.has(position))
  return [...failed, ...(await appendRows(writer, rest))]
}

/** Where BigQuery refuses the whole, halves it until the row at fault stands alone. */
async function appendHalves(
  writer: TableWriter,
  rows: readonly EncodedRow[],
  fault: ServiceError,
): Promise<Failed[]> {
  const [only, ...others] = rows
  if (!only) return []
  if (others.length === 0)
    return [{ index: only.index, reason: fault.isTooLarge ? TOO_LARGE : 'warehouse_refused' }]
  const [first, second] = halvesOf(rows)
  const failed = await appendRows(writer, first)
  return [...failed, ...(await appendRows(writer, second))]
}
