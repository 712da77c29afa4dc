// `npm run query`: runs SQL on BigQuery, or on the local one, running or as the last demo left it.

import { isUtf8 } from 'node:buffer'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { BigQuery } from '@google-cloud/bigquery'
import { createBigQuery } from '#runtime/bigquery'
import { cliConfig, readConfig } from '#runtime/config'
import { startLocalBigQuery } from '../deploy/local/bigquery/server.ts'
import { stackDir } from '../deploy/local/paths.ts'
import { findEnvironment, isSomewhere, nowhere } from './environment.ts'
import { explain } from './google.ts'
import type { Cell, Row } from './output/tables.ts'

/**
 * @throws UsageError where there is no BigQuery to ask, or a person must sign in first
 * @throws ApiError with BigQuery's own words where it refuses the query
 */
export async function query(sql: string): Promise<Row[]> {
  const environment = await findEnvironment(['BIGQUERY_EMULATOR_HOST'])
  if (!isSomewhere(environment, 'BIGQUERY_EMULATOR_HOST')) return queryLastDemo(sql)
  const config = readConfig(cliConfig, environment)
  try {
    return await rowsOf(createBigQuery(config), sql)
  } catch (error) {
    throw explain(error, config.GOOGLE_CLOUD_PROJECT)
  }
}

/** A value of Google's client in a form that prints. */
export function plain(value: unknown): Cell {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') return value.toString()
  if (Buffer.isBuffer(value))
    return isUtf8(value) ? value.toString('utf8') : value.toString('base64')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object') return plainObject(value)
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : null
}

function plainObject(value: object): Cell {
  // A timestamp or date of the client holds its text; a NUMERIC is a Big, which writes all its digits.
  if ('value' in value && typeof value.value === 'string') return value.value
  if ('toFixed' in value && typeof value.toFixed === 'function') return String(value.toFixed())
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]))
}

async function rowsOf(bigquery: BigQuery, sql: string): Promise<Row[]> {
  const [rows]: [Record<string, unknown>[], ...unknown[]] = await bigquery.query({ query: sql })
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])),
  )
}

async function queryLastDemo(sql: string): Promise<Row[]> {
  const file = join(stackDir, 'bigquery.duckdb')
  if (!existsSync(file)) throw nowhere('BIGQUERY_EMULATOR_HOST')
  const server = await startLocalBigQuery({ file })
  try {
    const address = { GOOGLE_CLOUD_PROJECT: 'local', BIGQUERY_EMULATOR_HOST: server.url }
    return await rowsOf(createBigQuery(address), sql)
  } finally {
    await server.close()
  }
}
