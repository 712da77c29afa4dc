// Reaches Pub/Sub for a command, and says in one line why Google's services cannot be used.

import { promisify } from 'node:util'
import type { v1 } from '@google-cloud/pubsub'
import { grpc } from 'google-gax'
import type { PubSubAddress } from '#runtime/pubsub'
import { UsageError } from './environment.ts'

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
    await promisify(stub.waitForReady.bind(stub))(Date.now() + CONNECT_WITHIN_MS)
  } catch {
    const host = address.PUBSUB_EMULATOR_HOST
    throw new UsageError(
      host === undefined
        ? 'Pub/Sub does not answer: is there a way to the internet? For a local one, run `npm run demo`.'
        : `Pub/Sub does not answer at ${host}: start it there, or correct PUBSUB_EMULATOR_HOST.`,
    )
  }
}

const NO_CREDENTIALS = /could not load the default credentials/i
const REFUSED: ReadonlySet<unknown> = new Set([grpc.status.PERMISSION_DENIED, 403])
const UNAUTHENTICATED: ReadonlySet<unknown> = new Set([grpc.status.UNAUTHENTICATED, 401])

/** @returns a UsageError where a person must sign in or be given a role, else the error itself */
export function explain(error: unknown, project: string): unknown {
  if (UNAUTHENTICATED.has(codeOf(error)) || NO_CREDENTIALS.test(oneLine(error))) {
    return noCredentials(error, project)
  }
  if (!REFUSED.has(codeOf(error))) return error
  return new UsageError(
    `Google refuses this in project ${project}; another account, role or project may do (GOOGLE_CLOUD_PROJECT): ${oneLine(error)}`,
  )
}

function noCredentials(error: unknown, project: string): UsageError {
  return new UsageError(
    `There are no credentials for the Google Cloud project ${project}: sign in (gcloud auth application-default login), or run \`npm run demo\` for a local one: ${oneLine(error)}`,
  )
}

/** The code of gRPC, or of HTTP, or of Node. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

/** An error's message and its causes', without line breaks. */
export function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const text = message.replace(/\s+/g, ' ').trim()
  const cause = error instanceof Error ? error.cause : undefined
  return cause === undefined ? text : `${text} Because: ${oneLine(cause)}`
}
