// The warehouse port: rows in, and by index the rows BigQuery can never take.

import type { SinkReason, TableName } from '#contracts'

/** STRING, NUMERIC as decimal text, TIMESTAMP as RFC 3339 in UTC with microseconds, JSON as JSON text; INTEGER; BOOLEAN; BYTES; REPEATED STRING. */
export type Value = string | number | boolean | Uint8Array | readonly string[] | null

export type Row = {
  /** The words that make this the same row on every attempt. */
  readonly key: readonly string[]
  /** Values under their column names; absent and null are the same, and give way to the column's default. */
  readonly columns: Readonly<Record<string, Value>>
}

export type Appended = {
  readonly written: number
  readonly failed: readonly { readonly index: number; readonly reason: SinkReason }[]
}

export type Warehouse = {
  /**
   * Appends rows at least once. A row BigQuery can never take does not stop the others.
   * @throws ApplicationFailure of the registry where the world is at fault; some rows may be written then,
   * and a repeat of the call is safe
   */
  append(table: TableName, rows: readonly Row[]): Promise<Appended>
}

/** A warehouse that holds connections of this process. */
export type OpenWarehouse = Warehouse & {
  /** Ends the connections; call it once nothing is being appended. */
  readonly close: () => Promise<void>
}
