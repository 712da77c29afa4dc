// Where the commands find the pipeline: the environment first, else the stack that runs on this machine.

import { type CliConfig, cliConfig, readConfig } from '#runtime/config'
import { UsageError } from '#runtime/errors'
import { importRunningStack, type StackNote } from './local.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** A part of Google's that may also be a local one, by the variable that says where. */
export type GooglePart = keyof typeof PARTS

const PARTS = { PUBSUB_EMULATOR_HOST: 'Pub/Sub', BIGQUERY_EMULATOR_HOST: 'BigQuery' } as const

/** The variables of this process, with those of a running local stack where they are unset. */
export async function findEnvironment(parts: readonly GooglePart[]): Promise<Environment> {
  const stack = await importRunningStack()
  return mergeEnvironments(process.env, await stack?.readRunningStack(), parts)
}

/**
 * What is set in the shell goes first, but for the project: where every one of `parts` is the local stack's, so
 * is the project. The keys of payloads go with the Temporal that holds them. A variable set to the empty string
 * counts as unset. Pure.
 */
export function mergeEnvironments(
  shell: Environment,
  running: Pick<StackNote, 'env'> | undefined,
  parts: readonly GooglePart[],
): Environment {
  const set = Object.fromEntries(Object.entries(shell).filter(([, value]) => value !== ''))
  if (!running) return set
  const merged: Environment = { ...running.env, ...set, ...payloadKeys(set, running.env) }
  const { GOOGLE_CLOUD_PROJECT: project } = running.env
  const isLocal = parts.every((part) => part in running.env && merged[part] === running.env[part])
  return isLocal && project ? { ...merged, GOOGLE_CLOUD_PROJECT: project } : merged
}

/** Payloads encrypted with the keys of another Temporal could not be read by its workers. */
function payloadKeys(shell: Environment, running: Environment): Environment {
  const address = shell['TEMPORAL_ADDRESS']
  const isRunning = address === undefined || address === running['TEMPORAL_ADDRESS']
  const keys = (isRunning ? running : shell)['PAYLOAD_KEYS']
  const others = (isRunning ? shell : running)['PAYLOAD_KEYS']
  // Empty, not absent: it must take the place of what this process inherited.
  return keys || others ? { PAYLOAD_KEYS: keys ?? '' } : {}
}

/**
 * Makes the addresses of a running local stack known to libraries that read the environment themselves.
 * @throws UsageError where one of `parts` is nowhere to be found
 */
export async function loadEnvironment(parts: readonly GooglePart[]): Promise<CliConfig> {
  const environment = await findEnvironment(parts)
  const missing = parts.find((part) => !isSomewhere(environment, part))
  if (missing) throw nowhere(missing)
  Object.assign(process.env, environment)
  return readConfig(cliConfig, environment)
}

/** True where a local one is named, or a project of Google's. */
export function isSomewhere(environment: Environment, part: GooglePart): boolean {
  return Boolean(environment[part] ?? environment['GOOGLE_CLOUD_PROJECT'])
}

export function nowhere(part: GooglePart): UsageError {
  return new UsageError(
    `There is no ${PARTS[part]} to reach: run \`npm run demo\`, or set ${part}, or set GOOGLE_CLOUD_PROJECT and sign in (gcloud auth application-default login).`,
  )
}
