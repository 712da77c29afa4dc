// Talks to the stack's parts as a test does: orders faults, asks for counts, reads tables.

import type { BigQuery } from '@google-cloud/bigquery'
import { z } from 'zod'
import { createBigQuery } from '#warehouse/client'

/** A client of the local BigQuery at `url`. */
export const bigqueryAt = (url: string): BigQuery =>
  createBigQuery({ GOOGLE_CLOUD_PROJECT: 'local', BIGQUERY_EMULATOR_HOST: url })

/** Rows as the official client reads them. */
export async function rowsOf(
  bigquery: BigQuery,
  query: string,
  params: Record<string, unknown> = {},
): Promise<Record<string, unknown>[]> {
  const [rows] = await bigquery.query({ query, params })
  return rows
}

/** The insertAll requests this client makes from now on: rows and bytes of each. */
export function recordInserts(bigquery: BigQuery) {
  const requests: { readonly rows: number; readonly bytes: number }[] = []
  bigquery.interceptors.push({
    request: (given) => {
      const options = { uri: '', ...given }
      const body = insertBody.safeParse(options.json)
      if (body.success)
        requests.push({
          rows: body.data.rows.length,
          bytes: Buffer.byteLength(JSON.stringify(options.json)),
        })
      return options
    },
  })
  return requests
}

const insertBody = z.object({ rows: z.array(z.unknown()) })

/** Makes the next insertAll calls fail; see deploy/local/bigquery/api/fault-injection.ts. */
export async function failInserts(url: string, fault: Readonly<Record<string, unknown>>) {
  await control(url, 'POST', '/_faults', fault)
}

/** Lets DML change rows of the local BigQuery that were streamed lately. */
export async function flushStreamingBuffer(url: string) {
  await control(url, 'DELETE', '/_streaming-buffer')
}

/** Lets the local BigQuery take rows once more that it was sent lately. */
export async function forgetInsertIds(url: string) {
  await control(url, 'DELETE', '/_insert-ids')
}

/** The regulations that the Segment stand-in was asked for. */
export async function regulationsAt(url: string) {
  return regulations.parse(await control(url, 'GET', '/_regulations'))
}

const regulations = z.array(
  z.object({ id: z.string(), regulationType: z.string(), subjectIds: z.array(z.string()) }),
)

/** Makes the next requests to the Segment stand-in fail; see deploy/local/segment/fault-injection.ts. */
export async function failCalls(url: string, fault: Readonly<Record<string, unknown>>) {
  await control(url, 'POST', '/_faults', fault)
}

/** What the Segment stand-in has counted since it started. */
export async function callsAt(url: string) {
  return stats.parse(await control(url, 'GET', '/_stats'))
}

const stats = z.object({ requests: z.number(), accepted: z.number(), duplicates: z.number() })

export async function clearFaults(url: string) {
  await control(url, 'DELETE', '/_faults')
}

async function control(url: string, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(new URL(path, url), {
    method,
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
  return JSON.parse(text)
}
