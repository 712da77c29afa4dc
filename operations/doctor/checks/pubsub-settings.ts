// Checks that topics and subscriptions exist, and that no setting of theirs loses, delays or changes messages.

import type { protos, v1 } from '@google-cloud/pubsub'
import { createPublisher, createSubscriber, subscriptionPath, topicPath } from '#runtime/pubsub'
import { codeOf, GRPC } from '#runtime/status-codes'
import { withPubSub } from '../../reach-pubsub.ts'
import type { TopicSetup } from '../../setup/pubsub.ts'
import { topicsOf } from '../../setup/topics.ts'
import { error, type Finding, type Report } from '../finding.ts'
import { judgeSubscription } from '../judge-subscription.ts'
import { judgeTopic } from '../judge-topic.ts'
import type { Site } from '../site.ts'

export async function checkPubSubSettings({ config }: Site): Promise<Report> {
  const topics = topicsOf(config)
  const project = config.GOOGLE_CLOUD_PROJECT
  const findings = await withPubSub(config, createPublisher(config), (publisher) =>
    withPubSub(config, createSubscriber(config), (subscriber) =>
      Promise.all(topics.map((topic) => checkTopic({ publisher, subscriber, project }, topic))),
    ),
  )
  const subscriptions = topics.flatMap((topic) => topic.subscriptions).length
  return {
    seen: `${topics.length} topics and ${subscriptions} subscriptions`,
    findings: findings.flat(),
  }
}

type Reached = {
  readonly publisher: v1.PublisherClient
  readonly subscriber: v1.SubscriberClient
  readonly project: string
}

async function checkTopic(reached: Reached, setup: TopicSetup): Promise<Finding[]> {
  const { publisher, project } = reached
  const path = topicPath(project, setup.topic)
  const topic = await unlessMissing(publisher.getTopic({ topic: path }))
  const ofSubscriptions = await Promise.all(
    setup.subscriptions.map((name) => checkSubscription(reached, path, name)),
  )
  const ofTopic = topic ? judgeTopic(setup, topic) : [missing(`topic ${setup.topic}`)]
  return [...ofTopic, ...ofSubscriptions.flat()]
}

async function checkSubscription(
  { subscriber, project }: Reached,
  topic: string,
  name: string,
): Promise<Finding[]> {
  const request = subscriber.getSubscription({ subscription: subscriptionPath(project, name) })
  const subscription: protos.google.pubsub.v1.ISubscription | null = await unlessMissing(request)
  return subscription
    ? judgeSubscription(name, topic, subscription)
    : [missing(`subscription ${name}`)]
}

const missing = (where: string) => error(where, 'It does not exist.', 'Run `npm run setup`.')

async function unlessMissing<Resource>(
  request: Promise<[Resource, ...unknown[]]>,
): Promise<Resource | null> {
  try {
    const [resource] = await request
    return resource
  } catch (failure) {
    if (codeOf(failure) === GRPC.NOT_FOUND) return null
    throw failure
  }
}
