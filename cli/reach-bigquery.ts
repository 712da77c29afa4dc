// Reaches the BigQuery of a running demo, else the one GOOGLE_CLOUD_PROJECT names, else what the last demo left.

import { existsSync } from 'node:fs'
import { cliConfig, readConfig } from '#runtime/config'
import { BigQueryError, isConnectionLost } from '#warehouse/bigquery-error'
import { createBigQuery } from '#warehouse/client'
import { createReader, type ReadableBigQuery, type Reader } from '#warehouse/read'
import { type Environment, isSomewhere, mergeEnvironments, nowhere } from './environment.ts'
import {
  importLocalBigQuery,
  importRunningStack,
  importStartingStack,
  LAST_DEMO_FILE,
} from './local.ts'
import { tell } from './output/print.ts'
import { type Busy, waitForTurn } from './wait-for-turn.ts'

/** A BigQuery that can be asked now. */
type Place = {
  readonly bigquery: ReadableBigQuery
  /** What is thrown where it fails. */
  readonly explain: (error: unknown) => unknown
  readonly close: () => Promise<void>
  /** The process of the demo it belongs to. */
  readonly demo?: number | undefined
}

type Use<Result> = (read: Reader, bigquery: ReadableBigQuery) => Promise<Result>

/**
 * Makes the addresses of a running local stack known to libraries that read the environment themselves, and hands
 * a reader and the client to `use`. While a demo starts or stops, or another process has the tables of the last demo open, it waits
 * for at most 30 s and says so on stderr.
 * @param isRepeatable `use` only reads: it may run again where a demo stops in the middle of it
 * @throws UsageError where there is no BigQuery to ask, or a person must sign in first
 * @throws MissingKitError where only the development kit could answer, and it is not installed
 * @throws StillBusyError where the wait was in vain
 * @throws BigQueryError where it does not answer, or has no such table
 * @throws whatever else `use` throws
 */
export async function withBigQuery<Result>(
  use: Use<Result>,
  isRepeatable = false,
): Promise<Result> {
  const shell = { ...process.env }
  const look = async () => {
    restoreEnvironment(shell)
    const place = await findPlace(shell)
    return 'busy' in place ? place : ask(place, use, isRepeatable)
  }
  return (await waitForTurn(look, tell)).result
}

/** Google's client takes the address in the environment, if one is set, before the one it is given. */
function restoreEnvironment(shell: Environment): void {
  for (const name of Object.keys(process.env)) if (!(name in shell)) delete process.env[name]
  Object.assign(process.env, shell)
}

async function ask<Result>(
  place: Place,
  use: Use<Result>,
  isRepeatable: boolean,
): Promise<{ readonly result: Result } | Busy> {
  try {
    return { result: await use(createReader(place.bigquery), place.bigquery) }
  } catch (error) {
    if (isRepeatable && place.demo !== undefined && isConnectionLost(error))
      return silent(place.demo)
    throw place.explain(error)
  } finally {
    await place.close()
  }
}

const silent = (demo: number): Busy => ({
  busy: `The local BigQuery of process ${demo} does not answer: the demo is stopping, or has failed.`,
})

async function findPlace(shell: Environment): Promise<Place | Busy> {
  const running = await (await importRunningStack())?.readRunningStack()
  const environment = mergeEnvironments(shell, running, ['BIGQUERY_EMULATOR_HOST'])
  const isKnown = isSomewhere(environment, 'BIGQUERY_EMULATOR_HOST')
  const address = environment['BIGQUERY_EMULATOR_HOST']
  const isDemo = address !== undefined && address === running?.env['BIGQUERY_EMULATOR_HOST']
  const starting = isKnown && !isDemo ? undefined : await readStartingStack()
  if (starting !== undefined) return { busy: `A demo is starting in process ${starting}.` }
  return isKnown ? reach(environment, isDemo ? running.pid : undefined) : openLastDemo()
}

async function readStartingStack(): Promise<number | undefined> {
  return (await importStartingStack())?.readStartingStack()
}

function reach(environment: Environment, demo: number | undefined): Place {
  Object.assign(process.env, environment)
  const config = readConfig(cliConfig, environment)
  return {
    bigquery: createBigQuery(config),
    explain: (error) => error,
    close: async () => {},
    demo,
  }
}

async function openLastDemo(): Promise<Place | Busy> {
  if (!existsSync(LAST_DEMO_FILE)) throw nowhere('BIGQUERY_EMULATOR_HOST')
  const { FileLockedError, startLocalBigQuery } = await importLocalBigQuery()
  try {
    const server = await startLocalBigQuery({ file: LAST_DEMO_FILE })
    const address = { GOOGLE_CLOUD_PROJECT: 'local', BIGQUERY_EMULATOR_HOST: server.url }
    return {
      bigquery: createBigQuery(address),
      explain: inItsOwnWords,
      close: () => server.close(),
    }
  } catch (error) {
    if (error instanceof FileLockedError) return { busy: error.message }
    throw error
  }
}

/** What the last demo left cannot be set up or signed in to, so BigQuery's own words say all there is. */
const inItsOwnWords = (error: unknown) =>
  error instanceof BigQueryError ? new Error(error.message, { cause: error.cause }) : error
