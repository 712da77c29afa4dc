// Checks the partitioning column of a streamed row against the range of days BigQuery takes by streaming.

import { DuckDBDateValue, DuckDBTimestampTZValue, DuckDBTimestampValue } from '@duckdb/node-api'
import type { Table } from './resources.ts'

// "You can stream data into a table partitioned on a DATE, DATETIME, or TIMESTAMP column that is
// between 10 years in the past and 1 year in the future. Data outside this range is rejected."
// The error counts it in days. It used to be 5 years (1825 days), which old messages still quote.
const PAST_DAYS = 3650
const FUTURE_DAYS = 366
const DAY_MICROS = 86_400_000_000n

/** Gives the check: what is wrong with the row's partitioning column, if anything. */
export function createPartitionCheck(
  { tableReference, timePartitioning, schema }: Table,
  now: Date,
) {
  const column = timePartitioning?.field?.toLowerCase()
  const position = schema.fields.findIndex(({ name }) => name.toLowerCase() === column)
  const { projectId, datasetId, tableId } = tableReference
  const today = BigInt(Math.floor(now.getTime() / 86_400_000)) * DAY_MICROS
  const first = today - BigInt(PAST_DAYS) * DAY_MICROS
  const end = today + BigInt(FUTURE_DAYS + 1) * DAY_MICROS

  return (cells: readonly unknown[]) => {
    const micros = microsOf(cells[position])
    if (micros === undefined || (micros >= first && micros < end)) return undefined
    const message = `Value ${micros} for field ${column} of the destination table ${projectId}:${datasetId}.${tableId} is outside the allowed bounds. You can only stream to date range within ${PAST_DAYS} days in the past and ${FUTURE_DAYS} days in the future relative to the current date.`
    return { column: column ?? '', message }
  }
}

function microsOf(cell: unknown) {
  if (cell instanceof DuckDBTimestampTZValue || cell instanceof DuckDBTimestampValue)
    return cell.micros
  return cell instanceof DuckDBDateValue ? BigInt(cell.days) * DAY_MICROS : undefined
}
