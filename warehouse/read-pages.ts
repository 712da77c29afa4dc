// Reads the rows of one statement page by page, for results that do not fit into the memory.

import type { BigQuery } from '@google-cloud/bigquery'
import type { z } from 'zod'
import { BigQueryError, type BigQueryPlace, toBigQueryError } from './bigquery-error.ts'
import { checkedRow, type Statement } from './read.ts'
import { plainRow } from './values.ts'

/** BigQuery ends a page at 10 MB, however few rows it has by then. */
const PAGE_ROWS = 5_000

/**
 * The statement runs once, and its result stays as it was while the pages are read.
 * @throws BigQueryError as a `Reader` does; pages before it are read by then
 */
export async function* readPages<Row extends z.ZodType>(
  bigquery: BigQuery & BigQueryPlace,
  { sql, params, row: shape }: Statement<Row>,
): AsyncGenerator<z.output<Row>[]> {
  const [job] = await bigquery
    .createQueryJob({ query: sql, params: { ...params } })
    .catch(toError(bigquery))
  let token: string | undefined
  let seen = 0
  do {
    const [rows, next, answer] = await job
      .getQueryResults({
        autoPaginate: false,
        maxResults: PAGE_ROWS,
        ...(token && { pageToken: token }),
      })
      .catch(toError(bigquery))
    seen += rows.length
    token = next?.pageToken ?? undefined
    if (!token && seen !== Number(answer?.totalRows ?? 0)) throw incomplete(bigquery)
    yield rows.map((row) => checkedRow(bigquery, shape, plainRow(row)))
  } while (token)
}

const toError = (place: BigQueryPlace) => (error: unknown) => {
  throw toBigQueryError(error, place)
}

function incomplete(place: BigQueryPlace): BigQueryError {
  const message = 'other rows came than it counted'
  return new BigQueryError(message, {
    code: 'not_an_answer',
    place,
    fault: { status: 200, message },
  })
}
