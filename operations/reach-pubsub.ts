// Reaches Pub/Sub for a command.

import { promisify } from 'node:util'
import type { v1 } from '@google-cloud/pubsub'
import { grpc } from 'google-gax'
import { deadlineIn } from '#runtime/clock'
import { UsageError } from '#runtime/errors'
import type { PubSubAddress } from '#runtime/pubsub'
import { withoutSecrets } from '#runtime/secrets'
import { explain, noCredentials } from './google.ts'

type PubSubClient = v1.PublisherClient | v1.SubscriberClient

/** Long enough for a far network; Google's client itself would try for ten minutes. */
const CONNECT_WITHIN_MS = 5_000

/**
 * Connects the client, hands it to `use` and closes it.
 * @throws UsageError where there are no credentials, they do not suffice, or nothing answers
 * @throws whatever else `use` throws
 */
export async function withPubSub<Client extends PubSubClient, Result>(
  address: PubSubAddress,
  client: Client,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  // A client without credentials has nothing to close; each of its calls would reject twice, once unheard.
  const stub = await client.initialize().catch((error: unknown) => {
    throw noCredentials(error, address.GOOGLE_CLOUD_PROJECT)
  })
  try {
    if (stub instanceof grpc.Client) await connect(stub, address)
    return await use(client)
  } catch (error) {
    throw explain(error, address.GOOGLE_CLOUD_PROJECT)
  } finally {
    await client.close()
  }
}

async function connect(stub: grpc.Client, address: PubSubAddress): Promise<void> {
  try {
    await promisify(stub.waitForReady.bind(stub))(deadlineIn(CONNECT_WITHIN_MS))
  } catch {
    const host = address.PUBSUB_EMULATOR_HOST
    throw new UsageError(
      host === undefined
        ? 'Pub/Sub does not answer: is there a way to the internet? For a local one, run `npm run demo`.'
        : `Pub/Sub does not answer at ${withoutSecrets(host)}: start it there, or correct PUBSUB_EMULATOR_HOST.`,
    )
  }
}
