// Where the commands find the pipeline: the environment first, else the stack that runs on this machine.

import { type CliConfig, cliConfig, readConfig } from '#runtime/config'
import { readRunningStack } from '../deploy/local/running-stack.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** The variables of this process, with those of a running local stack where they are unset. */
export async function findEnvironment(): Promise<Environment> {
  const running = await readRunningStack()
  return { ...running?.env, ...process.env }
}

/** Makes the addresses of a running local stack known to libraries that read the environment themselves. */
export async function loadEnvironment(): Promise<CliConfig> {
  const environment = await findEnvironment()
  Object.assign(process.env, environment)
  return readConfig(cliConfig, environment)
}

/** The command was used wrongly, or lacks something a person must provide. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly exitCode = 2
}
