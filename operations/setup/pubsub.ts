// Creates topics and their subscriptions in Pub/Sub.

import type { v1 } from '@google-cloud/pubsub'
import { REDELIVERY, SUBSCRIPTION_SETTINGS } from '#contracts'
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
  /** Where Pub/Sub moves what its subscriptions delivered too often; @default nowhere: it is delivered without end */
  readonly deadLetterTopic?: string
}

export const ACK_DEADLINE_SECONDS = SUBSCRIPTION_SETTINGS.ackDeadlineSeconds

export const DAY_SECONDS = 24 * 60 * 60

export const RETENTION_SECONDS = SUBSCRIPTION_SETTINGS.retentionDays * DAY_SECONDS

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
      // A subscription names the dead-letter topic, which must exist before it.
      const changes: Change[] = []
      for (const topic of topics) changes.push(await createTopic(publisher, address, topic))
      for (const topic of topics)
        changes.push(...(await createSubscriptions(subscriber, address, topic)))
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
  { topic, subscriptions, deadLetterTopic }: TopicSetup,
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
      ...(deadLetterTopic !== undefined && redelivery(topicPath(project, deadLetterTopic))),
    }
    changes.push(
      await create({ kind: 'subscription', name: subscription }, () =>
        subscriber.createSubscription(request),
      ),
    )
  }
  return changes
}

const redelivery = (deadLetterTopic: string) => ({
  deadLetterPolicy: { deadLetterTopic, maxDeliveryAttempts: REDELIVERY.maxDeliveryAttempts },
  retryPolicy: {
    minimumBackoff: { seconds: REDELIVERY.minimumBackoffSeconds },
    maximumBackoff: { seconds: REDELIVERY.maximumBackoffSeconds },
  },
})

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
