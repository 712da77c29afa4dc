// Reaches the BigQuery of a running demo, else the one GOOGLE_CLOUD_PROJECT names, else what the last demo left.

import { existsSync } from 'node:fs'
import type { BigQuery } from '@google-cloud/bigquery'
import { createBigQuery } from '#runtime/bigquery'
import { cliConfig, readConfig } from '#runtime/config'
import { type Environment, findEnvironment, isSomewhere, nowhere } from './environment.ts'
import { explainBigQuery } from './google.ts'
import { importLocalBigQuery, importWhyBusy, LAST_DEMO_FILE } from './local.ts'
import { type Busy, waitForTurn } from './wait-for-turn.ts'

/** A BigQuery that can be asked now. */
type Place = {
  readonly bigquery: BigQuery
  /** What a person is told where it fails. */
  readonly explain: (error: unknown) => unknown
  readonly close: () => Promise<void>
}

/**
 * Makes the addresses of a running local stack known to libraries that read the environment themselves, and hands
 * the client to `use`. While a demo starts or stops, or another process has the tables of the last demo open, it waits
 * for at most 30 s and says so on stderr.
 * @throws UsageError where there is no BigQuery to ask, or a person must sign in first
 * @throws MissingKitError where only the development kit could answer, and it is not installed
 * @throws StillBusyError where the wait was in vain
 * @throws BigQueryError where it does not answer, or has no such table
 * @throws whatever else `use` throws
 */
export async function withBigQuery<Result>(
  use: (bigquery: BigQuery) => Promise<Result>,
): Promise<Result> {
  const place = await waitForTurn(findPlace, (sentence) => process.stderr.write(`${sentence}\n`))
  try {
    return await use(place.bigquery)
  } catch (error) {
    throw place.explain(error)
  } finally {
    await place.close()
  }
}

async function findPlace(): Promise<Place | Busy> {
  const environment = await findEnvironment(['BIGQUERY_EMULATOR_HOST'])
  const busy = await whyLocalStackIsBusy(environment)
  if (busy) return { busy }
  if (!isSomewhere(environment, 'BIGQUERY_EMULATOR_HOST')) return openLastDemo()
  Object.assign(process.env, environment)
  const config = readConfig(cliConfig, environment)
  return {
    bigquery: createBigQuery(config),
    explain: (error) => explainBigQuery(error, config),
    close: async () => {},
  }
}

/** @returns why the local stack cannot be asked yet, or undefined where it can, or where Google's BigQuery is asked */
async function whyLocalStackIsBusy(environment: Environment): Promise<string | undefined> {
  const address = environment['BIGQUERY_EMULATOR_HOST']
  if (address === undefined && isSomewhere(environment, 'BIGQUERY_EMULATOR_HOST')) return undefined
  return (await importWhyBusy())?.whyBusy(address)
}

async function openLastDemo(): Promise<Place | Busy> {
  if (!existsSync(LAST_DEMO_FILE)) throw nowhere('BIGQUERY_EMULATOR_HOST')
  const { FileLockedError, startLocalBigQuery } = await importLocalBigQuery()
  try {
    const server = await startLocalBigQuery({ file: LAST_DEMO_FILE })
    const address = { GOOGLE_CLOUD_PROJECT: 'local', BIGQUERY_EMULATOR_HOST: server.url }
    return {
      bigquery: createBigQuery(address),
      explain: (error) => error,
      close: () => server.close(),
    }
  } catch (error) {
    if (error instanceof FileLockedError) return { busy: error.message }
    throw error
  }
}
