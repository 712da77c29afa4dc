// The one way to read BigQuery: a statement goes in, and checked rows come out. Writing has a port of its own.

import type { BigQuery, QueryOptions } from '@google-cloud/bigquery'
import { z } from 'zod'
import { BigQueryError, type BigQueryPlace, toBigQueryError } from './bigquery-error.ts'
import { type PlainRow, plainRow } from './values.ts'

/** By name, as `@name` in the SQL. A Date is a TIMESTAMP; BigQuery does not take an empty list. */
export type Params = Readonly<Record<string, string | number | Date | readonly string[]>>

/** SQL, the values of its parameters, and the form of each row; see warehouse/sql/. */
export type Statement<Row extends z.ZodType = z.ZodType> = {
  readonly sql: string
  readonly params: Params
  /** Reads a row whose values are as in values.ts. */
  readonly row: Row
}

/**
 * Runs a statement and returns all of its rows.
 * @throws BigQueryError where BigQuery does not answer, refuses the statement, answers with other than all of its
 * rows, or a row is not as the statement says
 */
export type Reader = <Row extends z.ZodType>(statement: Statement<Row>) => Promise<z.output<Row>[]>

/** A client of `createBigQuery`, which holds every answer to its documented shape. */
export type ReadableBigQuery = Pick<BigQuery, 'query'> & BigQueryPlace

/** Requests are not repeated: the caller decides by the code of the error. */
export function createReader(bigquery: ReadableBigQuery): Reader {
  return async (statement) => {
    const { rows } = await ask(bigquery, statement.sql, statement.params)
    return rows.map((row) => checkedRow(bigquery, statement.row, row))
  }
}

export type SqlResult = {
  readonly rows: readonly PlainRow[]
  /** The names of all columns, also where there is no row. */
  readonly columns: readonly string[]
  /** The columns of numbers, some of which are held as text for their digits. */
  readonly numberColumns: ReadonlySet<string>
}

/** Runs SQL that a person wrote. @throws BigQueryError */
export async function runSql(bigquery: ReadableBigQuery, sql: string): Promise<SqlResult> {
  const { rows, response } = await ask(bigquery, sql, {}, EXACT_INTEGERS)
  const { fields } = response.schema
  const numbers = fields.filter(({ type, mode }) => NUMBER_TYPES.has(type) && mode !== 'REPEATED')
  return {
    rows,
    columns: fields.map(({ name }) => name),
    numberColumns: new Set(numbers.map(({ name }) => name)),
  }
}

const NUMBER_TYPES: ReadonlySet<string> = new Set([
  'INTEGER',
  'INT64',
  'FLOAT',
  'FLOAT64',
  'NUMERIC',
  'BIGNUMERIC',
])

/** A whole number is a bigint where a number would lose digits. */
const EXACT_INTEGERS: QueryOptions = {
  wrapIntegers: {
    integerTypeCastFunction: (digits: string) => {
      const number = Number(digits)
      return Number.isSafeInteger(number) ? number : BigInt(digits)
    },
  },
}

async function ask(
  bigquery: ReadableBigQuery,
  sql: string,
  params: Params,
  options: QueryOptions = {},
) {
  try {
    const asked = { query: sql, params: { ...params } }
    const [rows, , answer]: [Record<string, unknown>[], ...unknown[]] = await bigquery.query(
      asked,
      options,
    )
    const { data: response } = queryResponse.safeParse(answer)
    if (response && isComplete(response, rows.length)) return { rows: rows.map(plainRow), response }
  } catch (error) {
    throw toBigQueryError(error, bigquery)
  }
  throw incomplete(bigquery)
}

const queryResponse = z.object({
  totalRows: z.coerce.number().optional(),
  schema: z
    .object({
      fields: z
        .array(z.object({ name: z.string(), type: z.string(), mode: z.string().optional() }))
        .default([]),
    })
    .default({ fields: [] }),
})

/**
 * A missing page, or a missing count, must not be taken for a table that has no such rows. Only a statement without
 * columns, such as one that changes a table, has no count.
 */
function isComplete({ totalRows, schema }: z.output<typeof queryResponse>, rows: number): boolean {
  return totalRows === undefined ? schema.fields.length === 0 && rows === 0 : totalRows === rows
}

function incomplete(place: BigQueryPlace): BigQueryError {
  const message = 'other rows came than it counted'
  const fault = { status: 200, message }
  return new BigQueryError(message, { code: 'not_an_answer', place, fault })
}

export function checkedRow<Row extends z.ZodType>(
  place: BigQueryPlace,
  shape: Row,
  row: PlainRow,
): z.output<Row> {
  const { success, data, error } = shape.safeParse(row)
  if (success) return data
  const columns = [...new Set(error.issues.map(({ path }) => String(path[0])))].join(', ')
  throw new BigQueryError(`a row has another form than expected in: ${columns}`, {
    code: 'unexpected_row',
    place,
    fault: {},
    cause: error,
  })
}
