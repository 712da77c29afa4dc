// Knows which tables were streamed into lately: BigQuery lets no DML touch such rows.

import { monotonicMs } from '#runtime/clock'
import { invalidQuery } from '../values/errors.ts'
import type { TableReference } from '../values/resources.ts'

// "Rows that were recently written using the tabledata.insertall streaming method can't be modified
// with … UPDATE, DELETE, MERGE, or TRUNCATE statements. The recent writes are those that occur
// within the last 30 minutes."
const BUFFER_MS = 30 * 60_000

export type StreamingBuffer = {
  /** Marks `dataset.table` as streamed into now. */
  add(table: string): void
  /** Forgets a table that was deleted or emptied. */
  forget(table: string): void
  /** Empties the buffers of all tables, as half an hour without new rows does. */
  flush(): void
  /**
   * Throws 400 `invalidQuery` for DML on a table streamed into within 30 minutes. Stricter than
   * BigQuery, which lets statements pass that touch older rows only.
   */
  refuse(table: TableReference): void
}

/** Starts with every table's buffer empty. */
export function createStreamingBuffer(now: () => number = monotonicMs): StreamingBuffer {
  const streamedAt = new Map<string, number>()
  return {
    add: (table) => void streamedAt.set(table, now()),
    forget: (table) => void streamedAt.delete(table),
    flush: () => streamedAt.clear(),
    refuse: ({ datasetId, tableId }) => {
      const table = `${datasetId}.${tableId}`
      if (now() - (streamedAt.get(table) ?? Number.NEGATIVE_INFINITY) < BUFFER_MS)
        throw invalidQuery(
          `UPDATE or DELETE statement over table ${table} would affect rows in the streaming buffer, which is not supported`,
        )
    },
  }
}
