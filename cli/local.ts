// The commands' only way to the development kit, deploy/local. Production does not install it, so it is imported when it is needed.

import { fileURLToPath } from 'node:url'

export type { Ledger, Moved, Pipeline } from '../deploy/local/demo/index.ts'
export type { StackNote } from '../deploy/local/running-stack.ts'
export type { Restart } from '../deploy/local/supervise.ts'

/** The tables of the last demo, where the development kit keeps them. */
export const LAST_DEMO_FILE = fileURLToPath(new URL('../.stack/bigquery.duckdb', import.meta.url))

/** The command needs the development kit, which is not installed. */
export class MissingKitError extends Error {
  override readonly name = 'MissingKitError'
  readonly exitCode = 2

  constructor(what: string, instead: string, error: Error) {
    super(
      `${what} needs the development kit, which is not installed here (${error.message}): run \`npm ci\` in a clone of the repository, or use the image's target \`local\`${instead}.`,
    )
  }
}

/** Undefined where the development kit is not installed: no local stack runs there. */
export const importRunningStack = () => import('../deploy/local/running-stack.ts').catch(ifMissing)

/** Undefined where the development kit is not installed: no demo starts there. */
export const importStartingStack = () =>
  import('../deploy/local/starting-stack.ts').catch(ifMissing)

/** @throws MissingKitError where the development kit is not installed */
export const importDemo = () => import('../deploy/local/demo/index.ts').catch(refuse('The demo'))

/** @throws MissingKitError where the development kit is not installed */
export const importEventGenerator = () =>
  import('../deploy/local/events/messages.ts').catch(
    refuse('Making test events', ', or name a file of events with --events'),
  )

/** @throws MissingKitError where the development kit is not installed */
export const importLocalBigQuery = () =>
  import('../deploy/local/bigquery/api/server.ts').catch(
    refuse(
      'Reading the tables of the last demo',
      ', or ask BigQuery itself: set GOOGLE_CLOUD_PROJECT',
    ),
  )

const refuse =
  (what: string, instead = '') =>
  (error: unknown): never => {
    throw isMissing(error) ? new MissingKitError(what, instead, error) : error
  }

function ifMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error
}

function isMissing(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
}
