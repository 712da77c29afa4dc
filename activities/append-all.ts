// Appends rows that the pipeline itself makes: a row that BigQuery refuses is a defect, and no fault of an event.

import type { TableName } from '#contracts'
import type { ActivityMetrics } from '#runtime/metrics/groups'
import { failure } from '#runtime/service-error'
import type { Row, Warehouse } from '#warehouse/warehouse'

/** @throws ApplicationFailure of the registry; `warehouse_request` where BigQuery refuses a row */
export async function appendAll(
  { warehouse, metrics }: { readonly warehouse: Warehouse; readonly metrics: ActivityMetrics },
  table: TableName,
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return
  const { written, failed } = await warehouse.append(table, rows)
  metrics.rowsWritten.add(written, { table })
  const [first] = failed
  if (!first) return
  throw failure(
    'warehouse_request',
    `BigQuery refused ${failed.length} rows of ${table}, the first at index ${first.index}: ${first.reason}`,
  )
}
