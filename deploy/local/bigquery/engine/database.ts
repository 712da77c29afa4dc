// Opens the one DuckDB file: a single serialised writer, and a fresh connection for each reader.

import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import pLimit from 'p-limit'
import { METADATA_SCHEMA, quoteLiteral, quoteName } from '../values/names.ts'
import { registerScalarFunctions } from './scalar-functions.ts'

export type Work<T> = (connection: DuckDBConnection) => Promise<T>

export type Database = {
  /**
   * Runs `work` in one transaction on the only writing connection, after every earlier write.
   * `committed` is called with its result before the next write begins.
   */
  write<T>(work: Work<T>, committed?: (result: T) => void): Promise<T>
  /** Runs `work` on a connection of its own, which neither waits for writes nor holds them up. */
  read<T>(work: Work<T>): Promise<T>
  /** Waits for writes, interrupts reads, checkpoints the file and lets go of it. */
  close(): Promise<void>
}

/** Another process has the file open. */
export class FileLockedError extends Error {
  override readonly name = 'FileLockedError'
  /** The process that has it open, where DuckDB can tell. */
  readonly pid: number | undefined

  constructor(file: string, pid: number | undefined, cause: unknown) {
    super(
      `The file ${file} is held by ${pid === undefined ? 'another process' : `process ${pid}`}.`,
      {
        cause,
      },
    )
    this.pid = pid
  }
}

// Each running statement holds one of libuv's four threads: two stay free for the writer and the rest.
const CONCURRENT_READS = 2

const settings = (project: string, file: string) => [
  // A checkpoint rewrites a table's last, unfilled row group: small ones and a long log keep that cheap.
  `ATTACH ${quoteLiteral(file)} AS ${quoteName(project)} (ROW_GROUP_SIZE 16384)`,
  `SET GLOBAL checkpoint_threshold = '64MB'`,
  `USE ${quoteName(project)}`,
  // GoogleSQL's session time zone is UTC, and it orders NULLs first in ASC and last in DESC.
  `SET GLOBAL TimeZone = 'UTC'`,
  `SET GLOBAL default_null_order = 'nulls_first_on_asc_last_on_desc'`,
  // DuckDB 1.5.6 takes another row than the first for `ROW_NUMBER() OVER (ORDER BY x DESC NULLS LAST) = 1` with this rule.
  `SET GLOBAL disabled_optimizers = 'top_n_window_elimination'`,
  // Query results live in the in-memory catalog; beyond this they spill beside the file.
  `SET GLOBAL memory_limit = '1GB'`,
  `SET GLOBAL temp_directory = ${quoteLiteral(`${file}.tmp`)}`,
  `CREATE SCHEMA IF NOT EXISTS ${METADATA_SCHEMA}`,
  `CREATE TABLE IF NOT EXISTS ${METADATA_SCHEMA}.datasets (dataset_id VARCHAR PRIMARY KEY, resource JSON)`,
  `CREATE TABLE IF NOT EXISTS ${METADATA_SCHEMA}.tables
     (dataset_id VARCHAR, table_id VARCHAR, resource JSON, columns JSON, PRIMARY KEY (dataset_id, table_id))`,
]

/**
 * Opens or creates `file` as the DuckDB catalog named after the project, so that
 * `project.dataset.table` means the same in both.
 * @throws FileLockedError while another process has the file open
 */
export async function openDatabase(file: string, project: string): Promise<Database> {
  const instance = await DuckDBInstance.create(':memory:')
  const writer = await instance.connect()
  try {
    for (const statement of settings(project, file)) await writer.run(statement)
    registerScalarFunctions(writer)
    await writer.run(await readFile(new URL('../translate/macros.sql', import.meta.url), 'utf8'))
  } catch (error) {
    writer.closeSync()
    instance.closeSync()
    throw asLocked(file, error)
  }

  const writes = pLimit(1)
  const reads = pLimit(CONCURRENT_READS)
  const readers = new Set<DuckDBConnection>()
  const read = async <T>(work: Work<T>) => {
    const connection = await instance.connect()
    readers.add(connection)
    try {
      await connection.run(`USE ${quoteName(project)}`)
      return await work(connection)
    } finally {
      readers.delete(connection)
      connection.closeSync()
    }
  }
  const close = async () => {
    reads.clearQueue()
    for (const reader of readers) reader.interrupt()
    // Runs when no reader is left: as many places as there are.
    await Promise.all(Array.from({ length: CONCURRENT_READS }, () => reads(() => delay(0))))
    await writer.run('USE memory')
    // Detaching checkpoints the write-ahead log.
    await writer.run(`DETACH ${quoteName(project)}`)
    writer.closeSync()
    instance.closeSync()
  }
  return {
    write: (work, committed) =>
      writes(async () => {
        const result = await inTransaction(writer, work)
        committed?.(result)
        return result
      }),
    read: (work) => reads(() => read(work)),
    close: () => writes(close),
  }
}

/** DuckDB tells a locked file by its message alone. */
function asLocked(file: string, error: unknown): unknown {
  const message = error instanceof Error ? error.message : ''
  if (!message.includes('Could not set lock on file')) return error
  const pid = /\(PID (\d+)\)/.exec(message)?.[1]
  return new FileLockedError(file, pid === undefined ? undefined : Number(pid), error)
}

async function inTransaction<T>(connection: DuckDBConnection, work: Work<T>) {
  await connection.run('BEGIN')
  try {
    const result = await work(connection)
    await connection.run('COMMIT')
    return result
  } catch (error) {
    // A failed COMMIT has already ended the transaction: the first error is the one worth telling.
    await connection.run('ROLLBACK').catch(() => {})
    throw error
  }
}
