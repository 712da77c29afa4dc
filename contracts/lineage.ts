// The attributes of a message that is published again: they say where it came from.

import type { Message } from './index.ts'
import { messageBytes } from './message-bytes.ts'

/** How often an event may be published to the retry topic. After that no outage is the cause: something must be fixed first. */
export const MAX_REDRIVE_ATTEMPTS = 5

export type LineageAttribute =
  /** The dead letter the event was taken from. */
  | 'redrive_of'
  /** How often the event has been published again, counted from 1. */
  | 'redrive_attempt'
  /** Why the bridge could not start a workflow with it. */
  | 'dead_letter_reason'
  | 'original_message_id'
  | 'original_publish_time'
  | 'original_subscription'
  /** The message of the audit log that is delivered again by a replay, by its id and publish time (ADR 36). */
  | 'replay_of'
  | 'replay_publish_time'

/** The attribute of a message that was published again from the audit log, although it was processed before. */
export const REPLAY_OF = 'replay_of'

export type Lineage = Readonly<Partial<Record<LineageAttribute, string>>>

export type WithLineage = {
  readonly attributes: Readonly<Record<string, string>>
  /** The lineage attributes for which the message has no room left. */
  readonly leftOut: readonly string[]
}

/** Pub/Sub's limits for one message. The name of an attribute may have 256 bytes, and its value 1,024. */
const MAX_ATTRIBUTES = 100
const MAX_PUBSUB_MESSAGE_BYTES = 10_000_000

/** What a request that publishes one message adds to it: the topic, and a tag and a length for every part. */
const REQUEST_BYTES = 2_000

/** Attributes that Pub/Sub adds to a message it delivers; a publisher may not use such names. */
const RESERVED = /^goog/i

/**
 * Adds lineage to the attributes of `message`, in the order of `lineage`, as far as Pub/Sub takes them. All attributes of the
 * message are kept, except those that lineage replaces and those that Pub/Sub added. Pure.
 */
export function withLineage(
  message: Pick<Message, 'data' | 'attributes'>,
  lineage: Lineage,
): WithLineage {
  const own = Object.entries(message.attributes).filter(([name]) => !RESERVED.test(name))
  let attributes = Object.fromEntries(own)
  const leftOut: string[] = []
  for (const [name, value] of Object.entries(lineage)) {
    const more = { ...attributes, [name]: value }
    if (fits(message.data, more)) attributes = more
    else leftOut.push(name)
  }
  return { attributes, leftOut }
}

/** The attributes of a message that is published as a new one: it is no replay, even where the message was one. Pure. */
export function withoutReplay({ attributes }: Pick<Message, 'attributes'>): Message['attributes'] {
  const { replay_of: _, replay_publish_time: __, ...others } = attributes
  return others
}

function fits(data: Uint8Array, attributes: Readonly<Record<string, string>>): boolean {
  return (
    Object.keys(attributes).length <= MAX_ATTRIBUTES &&
    messageBytes({ data, attributes }) <= MAX_PUBSUB_MESSAGE_BYTES - REQUEST_BYTES
  )
}

/** How often this event has been published again already; 0 where the attribute is no such number. */
export function redriveAttemptOf({ attributes }: Pick<Message, 'attributes'>): number {
  const text = attributes['redrive_attempt'] ?? ''
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0
}
