// A topic with one subscription for a test, and what is left in it.

import { randomUUID } from 'node:crypto'
import { createPublisher, createSubscriber, subscriptionPath, topicPath } from '#runtime/pubsub'

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

  /** Ends the ack deadline of these deliveries now: what nobody acknowledged comes again at once. */
  const release = async (ackIds: readonly string[]): Promise<void> => {
    if (ackIds.length === 0) return
    const request = { subscription, ackIds: [...ackIds], ackDeadlineSeconds: 0 }
    await subscriber.modifyAckDeadline(request)
  }

  /** Ids of the messages that the next pull would be answered with, sorted; leaves them there. */
  const waiting = async (): Promise<string[]> => {
    const request = { subscription, maxMessages: 1_000, returnImmediately: true }
    const [{ receivedMessages }] = await subscriber.pull(request)
    const received = receivedMessages ?? []
    await release(received.map(({ ackId }) => ackId ?? ''))
    return received.map(({ message }) => message?.messageId ?? '').toSorted()
  }

  const settings = { ...address, PUBSUB_TOPIC: name, PUBSUB_SUBSCRIPTION: name }
  const close = async () => {
    await Promise.all([publisher.close(), subscriber.close()])
  }
  return { name, settings, create, publish, release, waiting, close }
}

export type Topic = ReturnType<typeof createTopic>
