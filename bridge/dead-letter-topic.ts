// Publishes messages that Temporal can never take to the dead-letter topic, byte for byte.

import type { v1 } from '@google-cloud/pubsub'
import type { Message } from '#contracts'
import { withLineage } from '#contracts/lineage'
import { messageBytes } from '#contracts/message-bytes'
import { publisherSpan } from '#contracts/trace'
import type { Logger } from '#runtime/log'
import type { BridgeMetrics } from '#runtime/metrics/groups'
import { publishAtOnce } from '#runtime/pubsub'

export type DeadLetterTopic = {
  /** Full names: `projects/…/topics/…` and `projects/…/subscriptions/…`. */
  readonly topic: string
  readonly subscription: string
}

/** The only reason for which Temporal refuses a message permanently, see `startBatch`. */
const REASON = 'too_large_for_temporal'

/**
 * @returns a function that resolves once Pub/Sub has stored the message, with its own attributes and its lineage
 * @throws GoogleError where Pub/Sub does not take it
 */
export function createDeadLetterTopic(
  publisher: v1.PublisherClient,
  { topic, subscription }: DeadLetterTopic,
  log: Logger,
  metrics: BridgeMetrics,
): (message: Message) => Promise<void> {
  return async (message) => {
    const { messageId, publishTime, data } = message
    const { attributes, leftOut } = withLineage(message, {
      dead_letter_reason: REASON,
      original_message_id: messageId,
      original_publish_time: publishTime,
      original_subscription: subscription,
    })
    const [deadLetterMessageId] = await publishAtOnce(publisher, topic, [{ data, attributes }])
    metrics.messagesDeadLettered.add(1)
    log.error(
      {
        messageId,
        publishTime,
        traceId: publisherSpan(message)?.traceId,
        bytes: messageBytes(message),
        topic,
        deadLetterMessageId,
        ...(leftOut.length > 0 && { leftOut }),
      },
      'too large for Temporal: it is in the dead-letter topic now. Raise limit.blobSize.error to 2 MB, or have it sent smaller, then publish it again',
    )
  }
}
