// An independent count of what was published: a second subscription nobody but the demo reads.

import { createSubscriber, type PubSubAddress, subscriptionPath } from '#runtime/pubsub'

export const WITNESS_SUBSCRIPTION = 'car-events-witness'

const MAX_MESSAGES = 1_000
const QUIET_PULLS = 2

/** The ids of all messages the topic ever took, straight from Pub/Sub. */
export async function readWitness(address: PubSubAddress): Promise<ReadonlySet<string>> {
  const subscriber = createSubscriber(address)
  const subscription = subscriptionPath(address.GOOGLE_CLOUD_PROJECT, WITNESS_SUBSCRIPTION)
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
