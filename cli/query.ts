// `npm run query`: runs SQL on BigQuery, or on the local one, running or as the last demo left it.

import type { QueryRowsResponse } from '@google-cloud/bigquery'
import { numberColumns, plainRow } from '#warehouse/plain'
import type { Row } from './output/tables.ts'
import { withBigQuery } from './reach-bigquery.ts'

export type Answer = {
  readonly rows: readonly Row[]
  /** The names of the columns, also where there are no rows; absent where the statement has no result. */
  readonly columns?: readonly string[]
  /** The columns of numbers. */
  readonly numbers: ReadonlySet<string>
}

/**
 * @throws UsageError where there is no BigQuery to ask, or a person must sign in first
 * @throws ApiError with BigQuery's own words where it refuses the query
 */
export async function query(sql: string): Promise<Answer> {
  return withBigQuery(async (bigquery) => {
    const [rows, , response]: QueryRowsResponse = await bigquery.query(sql, {
      wrapIntegers: { integerTypeCastFunction: exactInteger },
    })
    const columns = response?.schema?.fields?.map(({ name }) => name ?? '')
    return { rows: rows.map(plainRow), numbers: numberColumns(rows), ...(columns && { columns }) }
  }, isReading(sql))
}

/** A number, or a bigint where a number would lose digits. */
function exactInteger(digits: string): number | bigint {
  const number = Number(digits)
  return Number.isSafeInteger(number) ? number : BigInt(digits)
}

/** In GoogleSQL a statement that begins so changes nothing. */
const isReading = (sql: string) => /^[\s(]*(SELECT|WITH)\b/i.test(sql)
