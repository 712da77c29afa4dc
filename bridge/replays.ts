// Restores the id and the publish time of messages that a replay published again, so that everything after the bridge takes them
// for another delivery of the same message.

import type { Message } from '#contracts'
import { toUtcMicros } from '#contracts/event/timestamp'
import type { Source } from './source.ts'

/**
 * The source of a subscription to which only operators may publish: the publisher says there which message a replay is of.
 */
export const withReplays = (source: Source): Source => ({
  ...source,
  pull: async (max, signal) => {
    const deliveries = await source.pull(max, signal)
    return deliveries.map(({ ackId, message }) => ({ ackId, message: asFirstDelivered(message) }))
  },
})

/**
 * The message with the id and publish time that its lineage attributes name, and the time of the replay as `redrivenAt`. A
 * message without them, or whose attributes name no time before its own, is a message like any other. Pure.
 */
export function asFirstDelivered(message: Message): Message {
  const { replay_of: messageId, replay_publish_time: text = '' } = message.attributes
  const publishTime = toUtcMicros(text)
  if (!messageId || publishTime === null || publishTime >= message.publishTime) return message
  return { ...message, messageId, publishTime, redrivenAt: message.publishTime }
}
