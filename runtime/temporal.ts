// How every process reaches Temporal: TEMPORAL_* variables or temporal.toml, read by Temporal's own loader.

import { Client, Connection } from '@temporalio/client'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import { NativeConnection } from '@temporalio/worker'

const DEFAULT_NAMESPACE = 'default'

/**
 * Connects a client and fails within seconds, by name, when Temporal is not there.
 * The caller closes `client.connection`.
 */
export async function connectClient(): Promise<Client> {
  const { connectionOptions, namespace } = loadClientConnectConfig()
  const connection = await Connection.connect(connectionOptions).catch(unreachable)
  return new Client({ connection, namespace: namespace ?? DEFAULT_NAMESPACE })
}

/** The worker's connection; the caller closes it. */
export async function connectWorker(): Promise<{
  connection: NativeConnection
  namespace: string
}> {
  const { connectionOptions, namespace } = loadClientConnectConfig()
  const connection = await NativeConnection.connect(connectionOptions).catch(unreachable)
  return { connection, namespace: namespace ?? DEFAULT_NAMESPACE }
}

function unreachable(cause: unknown): never {
  const address = loadClientConnectConfig().connectionOptions.address ?? 'localhost:7233'
  throw new Error(`Temporal does not answer at ${address}. Start it, or set TEMPORAL_ADDRESS.`, {
    cause,
  })
}
