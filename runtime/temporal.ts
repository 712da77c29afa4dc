// Connects every process to Temporal, by TEMPORAL_* variables or temporal.toml, which Temporal's own loader reads, and with the
// keys of PAYLOAD_KEYS, so that every client and worker encrypts.

import { Client, Connection } from '@temporalio/client'
import type { DataConverter, Duration } from '@temporalio/common'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import type { NativeConnection } from '@temporalio/worker'
import { encryptionConfig, readConfig } from './config.ts'
import { createPayloadCodec } from './payload-codec.ts'
import { withoutSecrets } from './secrets.ts'

const DEFAULT_NAMESPACE = 'default'

/**
 * Connects a client. Fails within seconds, with a message that names the address, where Temporal is unavailable.
 * The caller closes `client.connection`.
 * @param within how long to wait for it, where the SDK's ten seconds are too long
 * @throws ConfigError where PAYLOAD_KEYS cannot be used
 */
export async function connectClient(within?: Duration): Promise<Client> {
  const dataConverter = encryptingConverter()
  const { connectionOptions, namespace } = loadClientConnectConfig()
  const connection = await Connection.connect({
    ...connectionOptions,
    ...(within !== undefined && { connectTimeout: within }),
  }).catch(unreachable)
  return new Client({ connection, namespace: namespace ?? DEFAULT_NAMESPACE, dataConverter })
}

/**
 * The worker's connection, which the caller closes, and the converter its `Worker.create` must be given.
 * @throws ConfigError where PAYLOAD_KEYS cannot be used
 */
export async function connectWorker(): Promise<{
  connection: NativeConnection
  namespace: string
  dataConverter: DataConverter
}> {
  const dataConverter = encryptingConverter()
  const { connectionOptions, namespace } = loadClientConnectConfig()
  // Imported here, because it loads native code and bundlers for half a second, which commands do not need.
  const { NativeConnection } = await import('@temporalio/worker')
  const connection = await NativeConnection.connect(connectionOptions).catch(unreachable)
  return { connection, namespace: namespace ?? DEFAULT_NAMESPACE, dataConverter }
}

/** Failure messages are not encrypted: people read them in lists, and they have no personal data (docs/adr/0014). */
function encryptingConverter(): DataConverter {
  const { PAYLOAD_KEYS = [] } = readConfig(encryptionConfig, process.env)
  return { payloadCodecs: [createPayloadCodec(PAYLOAD_KEYS)] }
}

/** The address of Temporal, as the loader of the SDK reads it. */
export const temporalAddress = (): string =>
  loadClientConnectConfig().connectionOptions.address ?? 'localhost:7233'

function unreachable(cause: unknown): never {
  throw new Error(
    `Temporal does not answer at ${withoutSecrets(temporalAddress())}. Start it, or set TEMPORAL_ADDRESS.`,
    { cause },
  )
}
