// Starts the local BigQuery, or reaches the one BIGQUERY_EMULATOR_HOST names.

import { join } from 'node:path'
import { listeningLine } from '../probes.ts'
import { nodeCommand, startProcess } from '../process.ts'
import { checkGivenAddress, type RunningService, type ServiceContext } from '../service.ts'

export type BigqueryDetails = {
  /** The base URL with `/bigquery/v2`, as BIGQUERY_EMULATOR_HOST takes it. */
  readonly url: string
}

/** Starts a local BigQuery that keeps its tables in `<dataDir>/bigquery.duckdb`. */
export async function startBigquery(
  context: ServiceContext,
): Promise<RunningService<BigqueryDetails>> {
  const file = join(context.dataDir, 'bigquery.duckdb')
  const process = await startProcess({
    name: 'bigquery',
    command: nodeCommand('deploy/local/bigquery/main.ts', '--port', '0', '--file', file),
    logDir: context.logDir,
    ready: listeningLine,
  })
  return { ...asService(`${process.address}/bigquery/v2`), stop: process.stop }
}

/** Describes the server the environment names, after checking that it is there. */
export async function reachBigquery(url: string): Promise<RunningService<BigqueryDetails>> {
  await checkGivenAddress('bigquery', url)
  return asService(url)
}

const asService = (url: string): RunningService<BigqueryDetails> => ({
  details: { url },
  // Its queries have no price, so that no look-up waits for others.
  env: { BIGQUERY_EMULATOR_HOST: url, ACTIVATION_LOOKUP_SECONDS: '0' },
  stop: async () => {},
})
