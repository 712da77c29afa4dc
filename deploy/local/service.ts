// What every service of the stack needs to start and gives back when it runs.

import { withoutSecrets } from '#runtime/secrets'
import { addressVariables, type ReplaceableService } from './environment.ts'
import { acceptsConnections } from './probes.ts'
import type { Tools } from './tools.ts'

/** Where a service keeps its data and log, and what it runs. */
export type ServiceContext = {
  readonly dataDir: string
  readonly logDir: string
  readonly tools: Tools
  /** The port of Temporal's UI, and the one to take where another server has taken that in the meantime. */
  readonly uiPorts: readonly [first: number, spare: number]
  /** Where Temporal's UI decodes payloads, once that is known; it answers undefined where nothing does. */
  readonly codecUrl: Promise<string | undefined>
}

/** A service that runs: how to reach it, the variables that tell others so, and how to stop it. */
export type RunningService<Details> = {
  readonly details: Details
  readonly env: Readonly<Record<string, string>>
  /** Does nothing for a service that somebody else runs. */
  readonly stop: () => Promise<void>
}

/** @throws when nothing accepts connections at the address the environment gives for the service. */
export async function checkGivenAddress(
  service: ReplaceableService,
  address: string,
): Promise<void> {
  if (await acceptsConnections(address).catch(() => false)) return
  const variable = addressVariables[service]
  throw new Error(
    `nothing answers at ${variable}=${withoutSecrets(address)}: start it there, or unset ${variable} to have one started`,
  )
}
