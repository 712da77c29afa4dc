// The attributes by which a message that we publish again says where it came from.

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

export type Lineage = Readonly<Partial<Record<LineageAttribute, string>>>

export type WithLineage = {
  readonly attributes: Readonly<Record<string, string>>
  /** Lineage for which the message has no room left. */
  readonly leftOut: readonly string[]
}

/** Pub/Sub's limits; one of its names may have 256 bytes, one of its values 1,024. */
const MAX_ATTRIBUTES = 100
const MAX_MESSAGE_BYTES = 10_000_000

/** What a request that publishes one message adds to it: the topic, and a tag and a length for every part. */
const REQUEST_BYTES = 2_000

/** Pub/Sub's own attributes of a message it delivered; nobody else may publish such names. */
const RESERVED = /^goog/i

/**
 * The attributes of `message` with lineage, first named first, as far as Pub/Sub takes them. Its own are all kept,
 * but for those that lineage replaces and those that are Pub/Sub's. Pure.
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

function fits(data: Uint8Array, attributes: Readonly<Record<string, string>>): boolean {
  return (
    Object.keys(attributes).length <= MAX_ATTRIBUTES &&
    messageBytes({ data, attributes }) <= MAX_MESSAGE_BYTES - REQUEST_BYTES
  )
}

/** How often this event has been published again already; 0 where the attribute is no such number. */
export function redriveAttemptOf({ attributes }: Pick<Message, 'attributes'>): number {
  const text = attributes['redrive_attempt'] ?? ''
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0
}
