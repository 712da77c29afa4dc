// Finds the BigQuery that dbt builds in, in the order in which `npm run query` looks for it.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '#runtime/errors'
import { startLocalBigQuery } from '../bigquery/api/server.ts'
import { givenAddress } from '../environment.ts'
import { stackDir } from '../paths.ts'
import { readRunningStack } from '../running-stack.ts'
import { readStartingStack } from '../starting-stack.ts'
import type { Place } from './run.ts'

export type OpenPlace = Place & {
  /** What it is, for a person. */
  readonly title: string
  readonly close: () => Promise<void>
}

const LOCAL = { target: 'local', project: 'local' } as const
const LAST_DEMO_FILE = join(stackDir, 'bigquery.duckdb')

/**
 * The BigQuery that BIGQUERY_EMULATOR_HOST names; else that of a running demo; else the project GOOGLE_CLOUD_PROJECT names;
 * else the tables of the last demo, in a local BigQuery that ends with `close`.
 * @throws UsageError where there is none, or a demo is starting
 * @throws FileLockedError where another process has the tables of the last demo open
 */
export async function findPlace(): Promise<OpenPlace> {
  const given = givenAddress('bigquery')
  if (given !== undefined) return reach(given, 'the BigQuery that BIGQUERY_EMULATOR_HOST names')
  const running = (await readRunningStack())?.env['BIGQUERY_EMULATOR_HOST']
  if (running !== undefined) return reach(running, 'the BigQuery of the running demo')
  const project = process.env['GOOGLE_CLOUD_PROJECT']
  if (project)
    return { target: 'cloud', project, title: `the project ${project}`, close: async () => {} }
  return openLastDemo()
}

const reach = (address: string, title: string): OpenPlace => ({
  ...LOCAL,
  url: address.replace(/\/bigquery\/v2\/?$/, ''),
  title,
  close: async () => {},
})

async function openLastDemo(): Promise<OpenPlace> {
  const starting = await readStartingStack()
  if (starting !== undefined)
    throw new UsageError(`A demo is starting in process ${starting}: try again when it is ready.`)
  if (!existsSync(LAST_DEMO_FILE)) throw new UsageError(NOWHERE)
  const server = await startLocalBigQuery({ file: LAST_DEMO_FILE, preload: true })
  return {
    ...LOCAL,
    url: server.url,
    title: 'the tables of the last demo',
    close: () => server.close(),
  }
}

const NOWHERE =
  'There are no tables to build from: run `npm run demo` first, or set GOOGLE_CLOUD_PROJECT and sign in (gcloud auth application-default login).'
