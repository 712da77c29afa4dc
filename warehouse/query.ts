// The reading side of the warehouse: SQL in, checked rows out. Writing has a port of its own.

import type { BigQuery } from '@google-cloud/bigquery'
import { z } from 'zod'
import { noRemoteLog, type RemoteLog } from '#runtime/remote-log'
import { warehouseFailure } from '#runtime/service-error'
import { toFault } from './google-error.ts'

export type WarehouseQuery = {
  /**
   * @param params by name, as `@name` in the SQL; a list must not be empty
   * @throws ApplicationFailure of the registry where BigQuery does not answer, refuses the query, or answers with other
   * than all of its rows
   * @throws ZodError where a row is not as `row` says, which is a defect
   */
  rows<T extends z.ZodType>(
    sql: string,
    params: Readonly<Record<string, unknown>>,
    row: T,
  ): Promise<z.output<T>[]>
}

/** Google's client has a class for it. */
export const timestamp = z.object({ value: z.string() }).transform(({ value }) => value)

/** @param bigquery of `createBigQuery`, which holds every answer to its documented shape */
export function createWarehouseQuery(
  bigquery: BigQuery,
  remoteLog: RemoteLog = noRemoteLog,
): WarehouseQuery {
  return {
    rows: async (query, params, row) => {
      const answer = await ask(bigquery, remoteLog, { query, params: { ...params } })
      return answer.map((one) => row.parse(one))
    },
  }
}

async function ask(
  bigquery: BigQuery,
  remoteLog: RemoteLog,
  asked: { readonly query: string; readonly params: Record<string, unknown> },
): Promise<unknown[]> {
  try {
    const [rows, , response]: [unknown[], ...unknown[]] = await bigquery.query(asked)
    if (isComplete(response, rows.length)) return rows
  } catch (error) {
    const fault = toFault(error)
    remoteLog('BigQuery query', fault)
    throw warehouseFailure('query', fault)
  }
  throw warehouseFailure('query', INCOMPLETE)
}

const counted = z.object({ totalRows: z.coerce.number() })

/** A missing page, or a missing count, must not be taken for a table that has no such rows. */
function isComplete(response: unknown, rows: number): boolean {
  const parsed = counted.safeParse(response)
  return parsed.success && parsed.data.totalRows === rows
}

const INCOMPLETE = { status: 200, message: 'other rows came than it counted' }
