// The environment that the doctor checks: its configuration, and the connections that checks share.

import type { BigQuery } from '@google-cloud/bigquery'
import type { Client } from '@temporalio/client'
import type { CliConfig } from '#runtime/config'
import { connectClient } from '#runtime/temporal'
import type { BigQueryPlace } from '#warehouse/bigquery-error'

export type Environment = Readonly<Record<string, string | undefined>>

export type Site = {
  readonly config: CliConfig
  /** The variables of the environment, from which each process reads its own configuration. */
  readonly environment: Environment
  /** @throws UnreachableError */
  readonly temporal: () => Promise<Client>
  readonly bigquery: () => Promise<BigQuery & BigQueryPlace>
  /** Ends what was connected. */
  readonly close: () => Promise<void>
}

/** A service does not answer. One check reports it, and the others that need the service are skipped. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
}

/** Connects to each service with the first check that needs it. */
export function createSite(config: CliConfig, environment: Environment): Site {
  let temporal: Promise<Client> | undefined
  let bigquery: Promise<BigQuery & BigQueryPlace> | undefined
  return {
    config,
    environment,
    temporal: () => {
      temporal ??= connectClient(CONNECT_WITHIN).catch(unreachable)
      return temporal
    },
    bigquery: () => {
      bigquery ??= import('#warehouse/client').then(({ createBigQuery }) => createBigQuery(config))
      return bigquery
    },
    close: async () => {
      const client = await temporal?.catch(() => undefined)
      await client?.connection.close()
    },
  }
}

const CONNECT_WITHIN = '5 seconds'

function unreachable(cause: unknown): never {
  throw new UnreachableError(cause instanceof Error ? cause.message : String(cause), { cause })
}
