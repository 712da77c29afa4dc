// Publishes events of a dead letter to the retry topic, with the attributes that say where they came from.

import type { Message } from '#contracts'
import {
  MAX_REDRIVE_ATTEMPTS,
  redriveAttemptOf,
  withLineage,
  withoutReplay,
} from '#contracts/lineage'
import { messageBytes } from '#contracts/message-bytes'
import { chunksOf } from '#runtime/chunks'
import type { CliConfig } from '#runtime/config'
import { createPublisher, type Publishable, publishAtOnce, topicPath } from '#runtime/pubsub'
import { codeOf, GRPC } from '#runtime/status-codes'
import { LetterRefusedError, OperationError } from '../errors.ts'
import { withPubSub } from '../reach-pubsub.ts'

export type RetryAddress = Pick<
  CliConfig,
  'GOOGLE_CLOUD_PROJECT' | 'PUBSUB_EMULATOR_HOST' | 'PUBSUB_RETRY_TOPIC'
>

/** Pub/Sub takes 1,000 messages and 10 MB a request; every message has a few bytes in addition to what is counted. */
const REQUEST = { maxItems: 500, maxBytes: 9_000_000 }

/**
 * All are looked at before the first is published, so that a refusal changes nothing. A publish that fails
 * partway may be repeated: an event that comes twice is staged twice and counted once.
 *
 * @param messages the events of one dead letter, which is to say of at most one batch
 * @returns the ids of the new messages, in order
 * @throws UsageError where Pub/Sub cannot be reached
 * @throws OperationError `retry_topic_missing`
 * @throws LetterRefusedError `returned_too_often` or `no_room_for_lineage`
 * @throws GoogleError of Google's client; what was published before stays published
 */
export async function republish(
  address: RetryAddress,
  messages: readonly Message[],
  { deadLetterId }: { readonly deadLetterId: string },
): Promise<string[]> {
  const name = address.PUBSUB_RETRY_TOPIC
  const topic = topicPath(address.GOOGLE_CLOUD_PROJECT, name)
  const outgoing = messages.map((message) => toOutgoing(message, deadLetterId))
  return withPubSub(address, createPublisher(address), async (publisher) => {
    const ids: string[] = []
    for (const some of chunksOf(outgoing, messageBytes, REQUEST)) {
      const taken = await publishAtOnce(publisher, topic, some).catch((error: unknown) => {
        throw codeOf(error) === GRPC.NOT_FOUND
          ? new OperationError('retry_topic_missing', { topic: name })
          : error
      })
      ids.push(...taken)
    }
    return ids
  })
}

/**
 * The message as it is to be published. Pure.
 * @throws LetterRefusedError `returned_too_often` or `no_room_for_lineage`
 */
export function toOutgoing(message: Message, deadLetterId: string): Publishable {
  const attempt = redriveAttemptOf(message) + 1
  if (attempt > MAX_REDRIVE_ATTEMPTS) throw tooOften(message, deadLetterId)
  const own = { data: message.data, attributes: withoutReplay(message) }
  const { attributes, leftOut } = withLineage(own, {
    redrive_of: deadLetterId,
    redrive_attempt: String(attempt),
    original_message_id: message.messageId,
    original_publish_time: message.publishTime,
  })
  if (leftOut.length > 0) throw noRoom(message, deadLetterId, leftOut)
  return { data: message.data, attributes }
}

const tooOften = ({ messageId }: Message, letter: string) =>
  new LetterRefusedError('returned_too_often', { letter, messageId, times: MAX_REDRIVE_ATTEMPTS })

const noRoom = ({ messageId }: Message, letter: string, attributes: readonly string[]) =>
  new LetterRefusedError('no_room_for_lineage', { letter, messageId, attributes })
