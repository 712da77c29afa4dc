// A topic of change events on a real Pub/Sub, and a consumer that takes them in order.

import { type OrderChange, orderChangeSchema } from '#contracts/order-change/schema'
import { createPublisher, createSubscriber, subscriptionPath, topicPath } from '#runtime/pubsub'

/** A change event, as its message has it. */
export type Received = {
  readonly change: OrderChange
  readonly orderingKey: string
  readonly attributes: Readonly<Record<string, string>>
}

export function changeEventsTopic(host: string, name: string) {
  const address = { GOOGLE_CLOUD_PROJECT: 'local', PUBSUB_EMULATOR_HOST: host }
  const subscriber = createSubscriber(address)
  const publisher = createPublisher(address)
  const topic = topicPath('local', name)
  const subscription = subscriptionPath('local', `${name}-consumer`)
  return {
    topic,
    publisher,
    /** The topic must be there. What is published before is not received. */
    subscribe: async () => {
      await subscriber.createSubscription({
        name: subscription,
        topic,
        enableMessageOrdering: true,
      })
    },
    /** Everything that was published, each ordering key in its order; acknowledges it. */
    receive: async (): Promise<Received[]> => {
      const received: Received[] = []
      for (;;) {
        const request = { subscription, maxMessages: 1_000, returnImmediately: true }
        const [{ receivedMessages }] = await subscriber.pull(request)
        const deliveries = receivedMessages ?? []
        if (deliveries.length === 0) return received
        const ackIds = deliveries.map(({ ackId }) => ackId ?? '')
        await subscriber.acknowledge({ subscription, ackIds })
        for (const { message } of deliveries)
          received.push({
            change: orderChangeSchema.parse(
              JSON.parse(Buffer.from(message?.data ?? '').toString()),
            ),
            orderingKey: message?.orderingKey ?? '',
            attributes: message?.attributes ?? {},
          })
      }
    },
    close: async () => {
      await Promise.all([publisher.close(), subscriber.close()])
    },
  }
}
