// A local BigQuery on a file of its own, with Google's client pointed at it.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { BigQuery, type Query } from '@google-cloud/bigquery'
import { PassThroughClient } from 'google-auth-library'
import { startLocalBigQuery } from '../../deploy/local/bigquery/api/server.ts'

const testFolder = new URL('../../.stack/test/', import.meta.url).pathname

/** A new empty folder under .stack/test, and how to take it away. */
export const makeFolder = () => {
  mkdirSync(testFolder, { recursive: true })
  const folder = mkdtempSync(join(testFolder, 'bigquery-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Google's client for a server at `url`; it does not retry. */
export const clientOf = (url: string, projectId = 'local') =>
  new BigQuery({
    projectId,
    apiEndpoint: url,
    authClient: new PassThroughClient(),
    retryOptions: { autoRetry: false },
  })

type RowError = { readonly reason: string; readonly location: string; readonly message: string }

/** What the tests look at in an answer of the REST API; which of it is there depends on the call. */
export type Answer = {
  readonly error: { readonly message: string; readonly errors: readonly RowError[] }
  readonly insertErrors: readonly { readonly index: number; readonly errors: readonly RowError[] }[]
  readonly rows: readonly { readonly f: readonly { readonly v: unknown }[] }[]
  readonly jobReference: { readonly jobId: string }
  readonly jobComplete: boolean
  readonly status: object
}

const send = async (method: string, url: string, body?: unknown) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(url, { method, ...(text && { body: text }) })
  const answered = await response.text()
  const answer: Answer = JSON.parse(answered || '{}')
  return { code: response.status, answer }
}

export type Started = Awaited<ReturnType<typeof start>>

/** Starts the server; `call` sends a request below /bigquery/v2/projects/local. */
export const start = async () => {
  const { folder, remove } = makeFolder()
  const server = await startLocalBigQuery({ file: join(folder, 'bigquery.duckdb') })
  return {
    url: server.url,
    client: clientOf(server.url),
    call: (method: string, path: string, body?: unknown) =>
      send(method, `${server.url}/bigquery/v2/projects/local${path}`, body),
    faults: (method: 'POST' | 'DELETE', body?: unknown) =>
      send(method, `${server.url}/_faults`, body),
    stop: async () => {
      await server.close()
      remove()
    },
  }
}

/** insertAll of these rows, as the REST API answers it. */
export const insertAll = ({ call }: Started, table: string, body: object) =>
  call('POST', `/datasets/d/tables/${table}/insertAll`, body)

/** Creates dataset `d` with one table of these fields. */
export const createTable = async (
  { client }: Started,
  name: string,
  fields: readonly object[],
  rest: object = {},
) => {
  const dataset = client.dataset('d')
  const [exists] = await dataset.exists()
  if (!exists) await dataset.create()
  await dataset.createTable(name, { schema: { fields: [...fields] }, ...rest })
  return dataset.table(name)
}

/** A query's rows, with the client's dates and numbers made plain. */
export const rowsOf = async ({ client }: Started, query: string | Query) => {
  const [rows] = await client.query(typeof query === 'string' ? { query } : query)
  const plain: Record<string, unknown>[] = JSON.parse(JSON.stringify(rows))
  return plain
}

/** The error a promise rejects with. */
export const errorOf = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('expected an error')
}
