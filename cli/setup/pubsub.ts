// Creates the topic and its subscriptions in Pub/Sub.

import {
  createPublisher,
  createSubscriber,
  type PubSubAddress,
  subscriptionPath,
  topicPath,
} from '#runtime/pubsub'
import { codeOf, withPubSub } from '../google.ts'
import type { Change } from './tables.ts'

export type TopicSetup = {
  readonly topic: string
  readonly subscriptions: readonly string[]
}

/**
 * Longer than a message may wait in the bridge: for the start before it (20 s), a pause after a failure (2 s)
 * and its own start (20 s), so that it comes again only when it must.
 */
const ACK_DEADLINE_SECONDS = 45

/** Pub/Sub's longest for a subscription: what waits for a bridge that is down is kept this long. */
const RETENTION_SECONDS = 7 * 24 * 60 * 60

const GRPC_ALREADY_EXISTS = 6

/**
 * Idempotent; changes nothing that exists.
 * @throws UsageError where Pub/Sub cannot be reached or used
 * @throws GoogleError of Google's client
 */
export async function setUpPubSub(
  address: PubSubAddress,
  { topic, subscriptions }: TopicSetup,
): Promise<Change[]> {
  const name = topicPath(address.GOOGLE_CLOUD_PROJECT, topic)
  const made = await withPubSub(address, createPublisher(address), (publisher) =>
    create(`topic ${topic}`, () => publisher.createTopic({ name })),
  )
  return withPubSub(address, createSubscriber(address), async (subscriber) => {
    const changes = [made]
    for (const subscription of subscriptions) {
      const request = {
        name: subscriptionPath(address.GOOGLE_CLOUD_PROJECT, subscription),
        topic: name,
        ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
        messageRetentionDuration: { seconds: RETENTION_SECONDS },
      }
      changes.push(
        await create(`subscription ${subscription}`, () => subscriber.createSubscription(request)),
      )
    }
    return changes
  })
}

async function create(what: string, request: () => Promise<unknown>): Promise<Change> {
  try {
    await request()
    return { what, did: 'created' }
  } catch (error) {
    if (codeOf(error) !== GRPC_ALREADY_EXISTS) throw error
    return { what, did: 'unchanged' }
  }
}
