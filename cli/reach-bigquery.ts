// Reaches the BigQuery of a running demo, else the one GOOGLE_CLOUD_PROJECT names, else what the last demo left.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { BigQuery } from '@google-cloud/bigquery'
import { createBigQuery } from '#runtime/bigquery'
import { cliConfig, readConfig } from '#runtime/config'
import { stackDir } from '../deploy/local/paths.ts'
import { findEnvironment, isSomewhere, nowhere } from './environment.ts'
import { explainBigQuery } from './google.ts'

/**
 * Makes the addresses of a running local stack known to libraries that read the environment themselves, and hands
 * the client to `use`.
 * @throws UsageError where there is no BigQuery to ask, or a person must sign in first
 * @throws BigQueryError where it does not answer, or has no such table
 * @throws whatever else `use` throws
 */
export async function withBigQuery<Result>(
  use: (bigquery: BigQuery) => Promise<Result>,
): Promise<Result> {
  const environment = await findEnvironment(['BIGQUERY_EMULATOR_HOST'])
  Object.assign(process.env, environment)
  if (!isSomewhere(environment, 'BIGQUERY_EMULATOR_HOST')) return withLastDemo(use)
  const config = readConfig(cliConfig, environment)
  try {
    return await use(createBigQuery(config))
  } catch (error) {
    throw explainBigQuery(error, config)
  }
}

async function withLastDemo<Result>(use: (bigquery: BigQuery) => Promise<Result>): Promise<Result> {
  const file = join(stackDir, 'bigquery.duckdb')
  if (!existsSync(file)) throw nowhere('BIGQUERY_EMULATOR_HOST')
  const { startLocalBigQuery } = await import('../deploy/local/bigquery/server.ts')
  const server = await startLocalBigQuery({ file })
  try {
    return await use(
      createBigQuery({ GOOGLE_CLOUD_PROJECT: 'local', BIGQUERY_EMULATOR_HOST: server.url }),
    )
  } finally {
    await server.close()
  }
}
