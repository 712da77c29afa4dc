// Creates topics and their subscriptions in Pub/Sub.

import type { v1 } from '@google-cloud/pubsub'
import {
  createPublisher,
  createSubscriber,
  type PubSubAddress,
  subscriptionPath,
  topicPath,
} from '#runtime/pubsub'
import { codeOf, GRPC } from '#runtime/status-codes'
import { withPubSub } from '../reach-pubsub.ts'
import type { Change } from './change.ts'

export type TopicSetup = {
  readonly topic: string
  readonly subscriptions: readonly string[]
  /** Days the topic itself keeps what was published, whatever became of it in subscriptions; @default none */
  readonly keepsDays?: number
}

/**
 * Longer than a message may wait in the bridge: for the start before it (20 s), a pause after a failure (2 s)
 * and its own start (20 s), so that it comes again only when it must.
 */
const ACK_DEADLINE_SECONDS = 45

const DAY_SECONDS = 24 * 60 * 60

/** What waits for a bridge that is down, or for a person, is kept this long; the longest a local Pub/Sub takes. */
const RETENTION_SECONDS = 7 * DAY_SECONDS

/**
 * Idempotent; changes nothing that exists.
 * @throws PubSubError where Pub/Sub cannot be reached or used
 * @throws GoogleError of Google's client
 */
export async function setUpPubSub(
  address: PubSubAddress,
  topics: readonly TopicSetup[],
): Promise<Change[]> {
  return withPubSub(address, createPublisher(address), (publisher) =>
    withPubSub(address, createSubscriber(address), async (subscriber) => {
      const changes: Change[] = []
      for (const topic of topics) {
        changes.push(await createTopic(publisher, address, topic))
        changes.push(...(await createSubscriptions(subscriber, address, topic)))
      }
      return changes
    }),
  )
}

async function createTopic(
  publisher: v1.PublisherClient,
  { GOOGLE_CLOUD_PROJECT: project }: PubSubAddress,
  { topic, keepsDays }: TopicSetup,
): Promise<Change> {
  const request = {
    name: topicPath(project, topic),
    ...(keepsDays && { messageRetentionDuration: { seconds: keepsDays * DAY_SECONDS } }),
  }
  return create({ kind: 'topic', name: topic }, () => publisher.createTopic(request))
}

async function createSubscriptions(
  subscriber: v1.SubscriberClient,
  { GOOGLE_CLOUD_PROJECT: project }: PubSubAddress,
  { topic, subscriptions }: TopicSetup,
): Promise<Change[]> {
  const changes: Change[] = []
  for (const subscription of subscriptions) {
    const request = {
      name: subscriptionPath(project, subscription),
      topic: topicPath(project, topic),
      ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
      messageRetentionDuration: { seconds: RETENTION_SECONDS },
      // Without one, Pub/Sub deletes a subscription nobody pulled for 31 days.
      expirationPolicy: {},
    }
    changes.push(
      await create({ kind: 'subscription', name: subscription }, () =>
        subscriber.createSubscription(request),
      ),
    )
  }
  return changes
}

async function create(
  what: Pick<Change, 'kind' | 'name'>,
  request: () => Promise<unknown>,
): Promise<Change> {
  try {
    await request()
    return { ...what, did: 'created' }
  } catch (error) {
    if (codeOf(error) !== GRPC.ALREADY_EXISTS) throw error
    return { ...what, did: 'unchanged' }
  }
}
