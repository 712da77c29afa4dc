// The topics of a pipeline for a test, each with one subscription, and what is left in the one of events.

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
  const subscription = subscriptionPath(address.GOOGLE_CLOUD_PROJECT, name)
  const retry = `${name}-retry`
  const deadLetter = `${name}-dead-letter`
  const publisher = createPublisher(address)
  const subscriber = createSubscriber(address)

  const createOne = async (one: string) => {
    const made = { topic: topicPath('local', one), name: subscriptionPath('local', one) }
    await publisher.createTopic({ name: made.topic })
    await subscriber.createSubscription({ ...made, ackDeadlineSeconds: ACK_DEADLINE_SECONDS })
  }
  const create = async () => {
    for (const one of [name, retry, deadLetter]) await createOne(one)
  }
  const createDeadLetterTopic = () => createOne(deadLetter)
  const dropDeadLetterTopic = async () => {
    await publisher.deleteTopic({ topic: topicPath('local', deadLetter) })
    await subscriber.deleteSubscription({ subscription: subscriptionPath('local', deadLetter) })
  }

  /** Answers the message ids, in order. */
  const publishTo = async (one: string, outgoing: readonly Outgoing[]): Promise<string[]> => {
    const messages = outgoing.map(({ data = '', attributes = {} }) => ({
      data: Buffer.from(data),
      attributes: { ...attributes },
    }))
    // The client holds single publishes back to bundle them.
    const request = { topic: topicPath('local', one), messages }
    const [response] = await publisher.publish(request, { isBundling: false })
    return response.messageIds ?? []
  }
  const publish = (...outgoing: readonly Outgoing[]) => publishTo(name, outgoing)
  const publishRetries = (...outgoing: readonly Outgoing[]) => publishTo(retry, outgoing)

  /** Ends the ack deadline of these deliveries now: what nobody acknowledged comes again at once. */
  const release = async (ackIds: readonly string[], from = subscription): Promise<void> => {
    if (ackIds.length === 0) return
    const request = { subscription: from, ackIds: [...ackIds], ackDeadlineSeconds: 0 }
    await subscriber.modifyAckDeadline(request)
  }

  /** Ids of the messages that the next pull would be answered with, sorted; leaves them there. */
  const waiting = async (from = subscription): Promise<string[]> => {
    const request = { subscription: from, maxMessages: 1_000, returnImmediately: true }
    const [{ receivedMessages }] = await subscriber.pull(request)
    const received = receivedMessages ?? []
    await release(
      received.map(({ ackId }) => ackId ?? ''),
      from,
    )
    return received.map(({ message }) => message?.messageId ?? '').toSorted()
  }

  const waitingRetries = () => waiting(subscriptionPath('local', retry))

  /** What was set aside, oldest first; acknowledges it. */
  const deadLetters = async () => {
    const from = subscriptionPath('local', deadLetter)
    const request = { subscription: from, maxMessages: 1_000, returnImmediately: true }
    const [{ receivedMessages }] = await subscriber.pull(request)
    const received = receivedMessages ?? []
    const ackIds = received.map(({ ackId }) => ackId ?? '')
    if (ackIds.length > 0) await subscriber.acknowledge({ subscription: from, ackIds })
    return received.flatMap(({ message }) => (message ? [message] : []))
  }

  const settings = {
    ...address,
    PUBSUB_TOPIC: name,
    PUBSUB_SUBSCRIPTION: name,
    PUBSUB_RETRY_TOPIC: retry,
    PUBSUB_RETRY_SUBSCRIPTION: retry,
    PUBSUB_DEAD_LETTER_TOPIC: deadLetter,
  }
  const close = async () => {
    await Promise.all([publisher.close(), subscriber.close()])
  }
  return {
    name,
    settings,
    create,
    createDeadLetterTopic,
    dropDeadLetterTopic,
    publish,
    publishRetries,
    release,
    waiting,
    waitingRetries,
    deadLetters,
    close,
  }
}

export type Topic = ReturnType<typeof createTopic>
