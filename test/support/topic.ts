// A topic with one subscription for a test, and what is left in it.

import { randomUUID } from 'node:crypto'
import {
  createPublisher,
  createSubscriber,
  type PubSubAddress,
  subscriptionPath,
  topicPath,
} from '#runtime/pubsub'

export type Outgoing = {
  readonly data?: Uint8Array | string
  readonly attributes?: Readonly<Record<string, string>>
}

/** The shortest that Pub/Sub takes. */
const ACK_DEADLINE_SECONDS = 10

/** Names of its own, so that tests share a server; `create` again after the server forgot them. */
export function createTopic(host: string) {
  const name = `test-${randomUUID().slice(0, 8)}`
  const address = { GOOGLE_CLOUD_PROJECT: 'local', PUBSUB_EMULATOR_HOST: host }
  const topic = topicPath(address.GOOGLE_CLOUD_PROJECT, name)
  const subscription = subscriptionPath(address.GOOGLE_CLOUD_PROJECT, name)
  const publisher = createPublisher(address)
  const subscriber = createSubscriber(address)

  const create = async () => {
    await publisher.createTopic({ name: topic })
    const ackDeadlineSeconds = ACK_DEADLINE_SECONDS
    await subscriber.createSubscription({ name: subscription, topic, ackDeadlineSeconds })
  }

  /** Answers the message ids, in order. */
  const publish = async (...outgoing: readonly Outgoing[]): Promise<string[]> => {
    const messages = outgoing.map(({ data = '', attributes = {} }) => ({
      data: Buffer.from(data),
      attributes: { ...attributes },
    }))
    // The client holds single publishes back to bundle them.
    const [response] = await publisher.publish({ topic, messages }, { isBundling: false })
    return response.messageIds ?? []
  }

  /** Ids of the messages that a pull would answer now. */
  const pullNow = async (): Promise<string[]> => {
    const [response] = await subscriber.pull({
      subscription,
      maxMessages: 1_000,
      returnImmediately: true,
    })
    return (response.receivedMessages ?? []).map(({ message }) => message?.messageId ?? '')
  }

  /** Ends the ack deadline of these deliveries now, and answers the ids of the messages nobody acknowledged. */
  const leftOf = async (ackIds: readonly string[]): Promise<string[]> => {
    if (ackIds.length > 0) {
      const request = { subscription, ackIds: [...ackIds], ackDeadlineSeconds: 0 }
      await subscriber.modifyAckDeadline(request)
    }
    return pullNow()
  }

  const settings: PubSubAddress & Readonly<Record<string, string>> = {
    ...address,
    PUBSUB_TOPIC: name,
    PUBSUB_SUBSCRIPTION: name,
  }
  const close = async () => {
    await Promise.all([publisher.close(), subscriber.close()])
  }
  return { name, settings, create, publish, pullNow, leftOf, close }
}

export type Topic = ReturnType<typeof createTopic>
