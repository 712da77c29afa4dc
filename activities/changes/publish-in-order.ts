// Publishes messages so that those with the same ordering key keep their order.

import type { v1 } from '@google-cloud/pubsub'
import pLimit from 'p-limit'
import { messageBytes } from '#contracts/message-bytes'
import { chunksOf } from '#runtime/chunks'
import { groupBy } from '#runtime/group-by'
import {
  ONE_ATTEMPT,
  type Publishable,
  publishAtOnce,
  UnconfirmedPublishError,
} from '#runtime/pubsub'
import type { RemoteLog } from '#runtime/remote-log'
import { pubsubFailure } from '#runtime/service-error'
import { toFault } from '#warehouse/google-error'

/**
 * Resolves when Pub/Sub has stored all messages.
 * @throws ApplicationFailure `pubsub_unavailable` or `pubsub_setup`; some messages may be stored then
 */
export type PublishInOrder = (messages: readonly Ordered[]) => Promise<void>

export type Ordered = Publishable & { readonly orderingKey: string }

/** Pub/Sub takes one ordering key a request, so that a batch has as many requests as orders. A connection has 100 streams. */
const MAX_REQUESTS = 100

/** Pub/Sub takes 1,000 messages and 10 MB a request; every message has a few bytes in addition to what is counted. */
const REQUEST = { maxItems: 1_000, maxBytes: 9_000_000 }

/** @param topic the full name of the topic */
export function createPublishInOrder(
  publisher: v1.PublisherClient,
  topic: string,
  remoteLog: RemoteLog,
): PublishInOrder {
  const publishOne = async (messages: readonly Ordered[]) => {
    for (const some of chunksOf(messages, messageBytes, REQUEST))
      await publishAtOnce(publisher, topic, some, ONE_ATTEMPT)
  }
  return async (messages) => {
    const limit = pLimit(MAX_REQUESTS)
    const requests = [...groupBy(messages, ({ orderingKey }) => orderingKey).values()]
    try {
      await Promise.all(requests.map((same) => limit(publishOne, same)))
    } catch (error) {
      limit.clearQueue()
      throw failureOf(error, remoteLog)
    }
  }
}

/** What Pub/Sub said of the request goes to the log alone. */
function failureOf(error: unknown, remoteLog: RemoteLog) {
  if (error instanceof UnconfirmedPublishError)
    return pubsubFailure({
      message: 'an id is missing for a message, so that none counts as published',
    })
  const fault = toFault(error)
  remoteLog('Pub/Sub publish', fault)
  return pubsubFailure(fault)
}
