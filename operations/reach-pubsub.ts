// Reaches Pub/Sub for an operation.

import { promisify } from 'node:util'
import type { v1 } from '@google-cloud/pubsub'
import { grpc } from 'google-gax'
import { deadlineIn } from '#runtime/clock'
import type { PubSubAddress } from '#runtime/pubsub'
import { PubSubError, toPubSubError } from './pubsub-error.ts'

type PubSubClient = v1.PublisherClient | v1.SubscriberClient

/** Long enough for a far network; Google's client itself would try for ten minutes. */
const CONNECT_WITHIN_MS = 5_000

/**
 * Connects the client, hands it to `use` and closes it.
 * @throws PubSubError where there are no credentials, they do not suffice, or nothing answers
 * @throws whatever else `use` throws
 */
export async function withPubSub<Client extends PubSubClient, Result>(
  address: PubSubAddress,
  client: Client,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  // A client without credentials has nothing to close; each of its calls would reject twice, once unheard.
  const stub = await client.initialize().catch((error: unknown) => {
    throw new PubSubError('no_credentials', address, error)
  })
  try {
    if (stub instanceof grpc.Client) await connect(stub, address)
    return await use(client)
  } catch (error) {
    throw error instanceof PubSubError ? error : toPubSubError(error, address)
  } finally {
    await client.close()
  }
}

async function connect(stub: grpc.Client, address: PubSubAddress): Promise<void> {
  try {
    await promisify(stub.waitForReady.bind(stub))(deadlineIn(CONNECT_WITHIN_MS))
  } catch (error) {
    throw new PubSubError('unreachable', address, error)
  }
}
