// An independent count of what was published: second subscriptions of both topics, which nobody but the demo reads.

import { createSubscriber, type PubSubAddress, subscriptionPath } from '#runtime/pubsub'

const WITNESS = { events: 'car-events-witness', retries: 'car-events-retry-witness' } as const

/** To be set up before anything is published. */
export const WITNESS_SUBSCRIPTIONS = { events: [WITNESS.events], retries: [WITNESS.retries] }

const MAX_MESSAGES = 1_000
const QUIET_PULLS = 2

/** How many messages the topic of events and the retry topic ever took, straight from Pub/Sub. It tells once. */
export async function countPublished(address: PubSubAddress): Promise<number> {
  const sets = await Promise.all(Object.values(WITNESS).map((name) => drain(address, name)))
  return sets.reduce((total, { size }) => total + size, 0)
}

/** The ids of its messages: one that is delivered twice counts once. */
async function drain(address: PubSubAddress, name: string): Promise<ReadonlySet<string>> {
  const subscriber = createSubscriber(address)
  const subscription = subscriptionPath(address.GOOGLE_CLOUD_PROJECT, name)
  const ids = new Set<string>()
  try {
    for (let quiet = 0; quiet < QUIET_PULLS; ) {
      const [response] = await subscriber.pull({
        subscription,
        maxMessages: MAX_MESSAGES,
        returnImmediately: true,
      })
      const received = response.receivedMessages ?? []
      for (const { message } of received) ids.add(message?.messageId ?? '')
      const ackIds = received.map(({ ackId }) => ackId ?? '')
      if (ackIds.length > 0) await subscriber.acknowledge({ subscription, ackIds })
      quiet = received.length === 0 ? quiet + 1 : 0
    }
    return ids
  } finally {
    await subscriber.close()
  }
}
