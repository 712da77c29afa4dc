// Creates the topic and its subscriptions in Pub/Sub.

import {
  createPublisher,
  createSubscriber,
  type PubSubAddress,
  subscriptionPath,
  topicPath,
} from '#runtime/pubsub'
import type { Change } from './tables.ts'

export type TopicSetup = {
  readonly topic: string
  readonly subscriptions: readonly string[]
}

/** Longer than the bridge tries to start a workflow, so that a message comes again only when it must. */
const ACK_DEADLINE_SECONDS = 30

/** Pub/Sub's longest for a subscription: what waits for a bridge that is down is kept this long. */
const RETENTION_SECONDS = 7 * 24 * 60 * 60

const GRPC_ALREADY_EXISTS = 6

/** Idempotent; changes nothing that exists. */
export async function setUpPubSub(
  address: PubSubAddress,
  { topic, subscriptions }: TopicSetup,
): Promise<Change[]> {
  const publisher = createPublisher(address)
  const subscriber = createSubscriber(address)
  const name = topicPath(address.GOOGLE_CLOUD_PROJECT, topic)
  try {
    const changes = [await create(`topic ${topic}`, () => publisher.createTopic({ name }))]
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
  } finally {
    await Promise.all([publisher.close(), subscriber.close()])
  }
}

async function create(what: string, request: () => Promise<unknown>): Promise<Change> {
  try {
    await request()
    return { what, did: 'created' }
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === GRPC_ALREADY_EXISTS
    if (!exists) throw error
    return { what, did: 'unchanged' }
  }
}
