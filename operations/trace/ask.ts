// Asks one table, and tells a table that cannot be read apart from one that has nothing.

import type { z } from 'zod'
import { DATASET, type TableName } from '#contracts'
import { BigQueryError, type BigQueryErrorCode } from '#warehouse/bigquery-error'
import type { Reader, Statement } from '#warehouse/read'
import { oneLine } from '../google.ts'

/** A part of the answer that is not there, and why. */
export type Missing =
  /** A table, such as `streaming.audit_log`, or Temporal; `said` is what the service, or its client, said. */
  | {
      readonly part: string
      readonly code: BigQueryErrorCode | 'temporal_unavailable'
      readonly said: string
    }
  /** Temporal has more runs of the order than are read at once. */
  | { readonly part: 'Temporal'; readonly code: 'runs_not_read'; readonly runs: number }

export type Answer<T> = { readonly rows: readonly T[]; readonly missing: readonly Missing[] }

/** Never throws for what BigQuery refuses or cannot do: the other tables still answer. */
export async function ask<Row extends z.ZodType>(
  read: Reader,
  table: TableName,
  statement: Statement<Row>,
): Promise<Answer<z.output<Row>>> {
  try {
    return { rows: await read(statement), missing: [] }
  } catch (error) {
    if (!(error instanceof BigQueryError)) throw error
    const { code } = error
    return { rows: [], missing: [{ part: partOf(table), code, said: oneLine(error) }] }
  }
}

/** As a person knows the table: `streaming.audit_log`. */
export const partOf = (table: TableName) => `${DATASET}.${table}`
