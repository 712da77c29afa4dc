// Asks the local BigQuery over HTTP, and fills it with the tables of the oracle.

import { z } from 'zod'
import type { FieldSchema } from '../../../deploy/local/bigquery/values/resources.ts'
import type { Answer } from './answer.ts'
import type { ReferenceTable } from './reference.ts'

/** Sends a request of the REST API below the project's path, and gives the answer's body. */
export type Send = (method: string, path: string, body?: unknown) => Promise<unknown>

/** @param url the base URL with `/bigquery/v2` */
export const sendTo =
  (url: string): Send =>
  async (method, path, body) => {
    const request = { method, ...(body !== undefined && { body: JSON.stringify(body) }) }
    const response = await fetch(`${url}/projects/local${path}`, request)
    return response.json()
  }

const failed = z.object({
  error: z.object({ message: z.string(), errors: z.array(z.object({ reason: z.string() })) }),
})

const field: z.ZodType<FieldSchema> = z.object({
  name: z.string(),
  type: z.string(),
  mode: z.string().optional(),
  get fields() {
    return z.array(field).optional()
  },
})

const answered = z.object({
  jobComplete: z.literal(true),
  schema: z.object({ fields: z.array(field).default([]) }).default({ fields: [] }),
  rows: z.array(z.object({ f: z.array(z.object({ v: z.unknown() })) })).default([]),
  pageToken: z.undefined().optional(),
})

/** What jobs.query is asked, apart from the form of the answer. */
export type Asked = {
  readonly query: string
  readonly defaultDataset?: { readonly datasetId: string }
  readonly queryParameters?: readonly object[]
}

/** The answer of jobs.query, all rows in one page. */
export async function askLocal(send: Send, asked: Asked): Promise<Answer> {
  const answer = await send('POST', '/queries', {
    ...asked,
    useLegacySql: false,
    formatOptions: { useInt64Timestamp: true },
    timeoutMs: 60_000,
  })
  const error = failed.safeParse(answer).data?.error
  if (error) return { error: error.message, reason: error.errors[0]?.reason ?? '' }
  const { schema, rows } = answered.parse(answer)
  return { fields: schema.fields, rows }
}

/** Makes the tables in a new dataset and streams their rows. */
export async function fillLocal(send: Send, dataset: string, tables: readonly ReferenceTable[]) {
  const calls: readonly [string, object][] = [
    ['/datasets', { datasetReference: { datasetId: dataset } }],
    ...tables.flatMap(({ name, fields, rows }): [string, object][] => [
      [`/datasets/${dataset}/tables`, { tableReference: { tableId: name }, schema: { fields } }],
      [`/datasets/${dataset}/tables/${name}/insertAll`, { rows: rows.map((json) => ({ json })) }],
    ]),
  ]
  for (const [path, body] of calls) {
    const answer = await send('POST', path, body)
    const refused = z.object({
      error: z.unknown().optional(),
      insertErrors: z.unknown().optional(),
    })
    const { error, insertErrors } = refused.parse(answer)
    if (error ?? insertErrors) throw new Error(`${path}: ${JSON.stringify(answer)}`)
  }
}
