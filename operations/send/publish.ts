// Publishes messages to a topic, in requests Pub/Sub takes, as fast as asked.

import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicMs } from '#runtime/clock'
import { UsageError } from '#runtime/errors'
import type { Publishable } from '#runtime/pubsub'
import { confirmedIds, createPublisher, type PubSubAddress, topicPath } from '#runtime/pubsub'
import { codeOf, GRPC } from '#runtime/status-codes'
import { withPubSub } from '../reach-pubsub.ts'

export type Publishing = {
  readonly topic: string
  /** Messages a second; undefined for as fast as Pub/Sub takes them. */
  readonly rate?: number | undefined
  readonly onPublished?: (count: number) => void
}

/** Pub/Sub takes 1,000 messages and 10 MB a request. */
const MAX_REQUEST_MESSAGES = 500
const MAX_REQUEST_BYTES = 9_000_000

/** How often a paced publisher sends. */
const TICK_MS = 50

/**
 * @returns how many messages Pub/Sub took
 * @throws UsageError where Pub/Sub cannot be reached or used, or has no such topic
 * @throws GoogleError of Google's client, or UnconfirmedPublishError where Pub/Sub does not confirm each message with an id of its
 * own; what was published before stays published
 */
export async function publish(
  address: PubSubAddress,
  messages: Iterable<Publishable> | AsyncIterable<Publishable>,
  { topic, rate, onPublished = () => {} }: Publishing,
): Promise<number> {
  const path = topicPath(address.GOOGLE_CLOUD_PROJECT, topic)
  const most = rate ? Math.max(1, Math.floor((rate * TICK_MS) / 1000)) : MAX_REQUEST_MESSAGES
  let published = 0
  return withPubSub(address, createPublisher(address), async (publisher) => {
    const began = monotonicMs()
    for await (const some of requests(messages, Math.min(most, MAX_REQUEST_MESSAGES))) {
      if (rate) await sleep(Math.max(0, began + (published / rate) * 1000 - monotonicMs()))
      const request = { topic: path, messages: some.map((one) => ({ ...one })) }
      const [answer] = await publisher
        .publish(request, { isBundling: false })
        .catch((error: unknown) => {
          throw isNotFound(error) ? noTopic(topic) : error
        })
      confirmedIds(answer, some)
      published += some.length
      onPublished(published)
    }
    return published
  })
}

const isNotFound = (error: unknown) => codeOf(error) === GRPC.NOT_FOUND

const noTopic = (topic: string) =>
  new UsageError(
    `Topic ${topic} does not exist: run \`npm run setup\`, or name another by --topic, or by PUBSUB_RETRY_TOPIC for what is published again.`,
  )

/** In their order, in requests that Pub/Sub takes; a larger message has a request of its own. @param most messages a request */
export async function* requests(
  messages: Iterable<Publishable> | AsyncIterable<Publishable>,
  most: number,
): AsyncGenerator<Publishable[]> {
  let some: Publishable[] = []
  let bytes = 0
  for await (const message of messages) {
    if (some.length >= most || bytes + message.data.length > MAX_REQUEST_BYTES) {
      if (some.length > 0) yield some
      some = []
      bytes = 0
    }
    some.push(message)
    bytes += message.data.length
  }
  if (some.length > 0) yield some
}
