// `npm run query`: runs SQL on BigQuery, or on the local one, running or as the last demo left it.

import { numberColumns, plainRow } from '#warehouse/plain'
import type { Row } from './output/tables.ts'
import { withBigQuery } from './reach-bigquery.ts'

export type Answer = {
  readonly rows: readonly Row[]
  /** The columns of numbers. */
  readonly numbers: ReadonlySet<string>
}

/**
 * @throws UsageError where there is no BigQuery to ask, or a person must sign in first
 * @throws ApiError with BigQuery's own words where it refuses the query
 */
export async function query(sql: string): Promise<Answer> {
  return withBigQuery(async (bigquery) => {
    const [rows]: [Record<string, unknown>[], ...unknown[]] = await bigquery.query({ query: sql })
    return { rows: rows.map(plainRow), numbers: numberColumns(rows) }
  }, isReading(sql))
}

/** In GoogleSQL a statement that begins so changes nothing. */
const isReading = (sql: string) => /^[\s(]*(SELECT|WITH)\b/i.test(sql)
