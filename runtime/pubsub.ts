// The generated Pub/Sub clients: the real service, or a local one where PUBSUB_EMULATOR_HOST names it.

// Only the clients are imported: the index of the package also loads 30 MB of message classes.
import { PublisherClient, SubscriberClient } from '@google-cloud/pubsub/build/src/v1/index.js'
import { googleAuthLibrary, grpc } from 'google-gax'
import type { Message } from '#contracts'

export type PubSubAddress = {
  readonly GOOGLE_CLOUD_PROJECT: string
  /** host:port without a scheme. */
  readonly PUBSUB_EMULATOR_HOST?: string | undefined
}

/**
 * A message to publish. Pub/Sub gives it its id and its publish time. Messages of one request must have the same ordering key, or
 * none.
 */
export type Publishable = Pick<Message, 'data' | 'attributes'> & { readonly orderingKey?: string }

/** A pull may answer with 1,000 messages, and one message may have 10 MB. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024

/** By default, gRPC pauses for up to two minutes between two attempts to connect: too long after an outage. */
const MAX_RECONNECT_MS = 10_000

export function createSubscriber(address: PubSubAddress): SubscriberClient {
  return new SubscriberClient(options(address))
}

export function createPublisher(address: PubSubAddress): PublisherClient {
  return new PublisherClient(options(address))
}

/** For callers that repeat a failed publish themselves: the client makes one attempt. */
export const ONE_ATTEMPT = { retry: { retryCodes: [] } }

/** A publish that takes longer fails. By default, the client would retry it for ten minutes. */
const PUBLISH_TIMEOUT_MS = 15_000

/**
 * Publishes all messages in one request at once, without the batching of the client.
 * @param topic the full name of the topic
 * @param attempts @default as many as the client makes within the time-out
 * @returns the new message ids, in order
 * @throws GoogleError within seconds where Pub/Sub does not take the messages
 * @throws UnconfirmedPublishError where the answer does not have one id for each message
 */
export async function publishAtOnce(
  publisher: PublisherClient,
  topic: string,
  messages: readonly Publishable[],
  attempts: Partial<typeof ONE_ATTEMPT> = {},
): Promise<readonly string[]> {
  const request = { topic, messages: messages.map((message) => ({ ...message })) }
  const [answer] = await publisher.publish(request, {
    isBundling: false,
    timeout: PUBLISH_TIMEOUT_MS,
    ...attempts,
  })
  return confirmedIds(answer, messages)
}

/**
 * The ids that the answer to a publish gives the messages, in order.
 * @throws UnconfirmedPublishError where the answer does not have one id for each message
 */
export function confirmedIds(
  { messageIds }: { readonly messageIds?: readonly string[] | null },
  messages: readonly Publishable[],
): readonly string[] {
  if (!areIdsOf(messageIds, messages)) throw new UnconfirmedPublishError(messages.length)
  return messageIds
}

/** Pub/Sub answered without an id for each message: the messages may be published or not. */
export class UnconfirmedPublishError extends Error {
  override readonly name = 'UnconfirmedPublishError'
  constructor(messages: number) {
    super(
      `Pub/Sub did not confirm ${messages} messages with an id each, so that none counts as published. Another service may answer in its place: check PUBSUB_EMULATOR_HOST and the proxies in between, then publish them again`,
    )
  }
}

function areIdsOf(
  ids: readonly string[] | null | undefined,
  { length }: readonly Publishable[],
): ids is readonly string[] {
  return ids?.length === length && ids.every((id) => id !== '') && new Set(ids).size === length
}

export const topicPath = (project: string, topic: string) => `projects/${project}/topics/${topic}`

export const subscriptionPath = (project: string, subscription: string) =>
  `projects/${project}/subscriptions/${subscription}`

function options({ GOOGLE_CLOUD_PROJECT, PUBSUB_EMULATOR_HOST }: PubSubAddress) {
  const channel = {
    'grpc.max_receive_message_length': MAX_ANSWER_BYTES,
    'grpc.max_send_message_length': MAX_ANSWER_BYTES,
    'grpc.max_reconnect_backoff_ms': MAX_RECONNECT_MS,
  }
  if (PUBSUB_EMULATOR_HOST === undefined) return { projectId: GOOGLE_CLOUD_PROJECT, ...channel }
  const [host = '', port = ''] = PUBSUB_EMULATOR_HOST.split(':')
  return {
    projectId: GOOGLE_CLOUD_PROJECT,
    servicePath: host,
    port: Number(port),
    sslCreds: grpc.credentials.createInsecure(),
    // Without credentials the client would search for Google's metadata server.
    authClient: new googleAuthLibrary.PassThroughClient(),
    ...channel,
  }
}
