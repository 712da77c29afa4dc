// The reading side of the warehouse: SQL in, checked rows out. Writing has a port of its own.

import type { BigQuery } from '@google-cloud/bigquery'
import { z } from 'zod'
import { warehouseFailure } from '../classify-error.ts'
import { toFault } from './google-error.ts'

export type WarehouseQuery = {
  /**
   * @param params by name, as `@name` in the SQL; a list must not be empty
   * @throws ApplicationFailure of the registry where BigQuery does not answer, or refuses the query
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

export function createWarehouseQuery(bigquery: BigQuery): WarehouseQuery {
  return {
    rows: async (query, params, row) => {
      const answer = await ask(bigquery, query, params)
      return answer.map((one) => row.parse(one))
    },
  }
}

async function ask(
  bigquery: BigQuery,
  query: string,
  params: Readonly<Record<string, unknown>>,
): Promise<unknown[]> {
  try {
    const [rows]: [unknown[], ...unknown[]] = await bigquery.query({ query, params: { ...params } })
    return rows
  } catch (error) {
    throw warehouseFailure('query', toFault(error))
  }
}
