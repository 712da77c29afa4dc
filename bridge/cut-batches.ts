// Cuts deliveries into batches, each small enough for one workflow. A message too large for any batch is cut into parts.

import { MAX_MESSAGE_BYTES, type Message } from '#contracts'
import { messageBytes } from '#contracts/message-bytes'
import { chunksOf, halvesOf } from '#runtime/chunks'
import type { Delivery } from './source.ts'

/** Deliveries that are acknowledged together, once the workflows of all their batches have started. */
export type AckGroup = {
  /** One batch of whole messages, or the parts of a single message with a batch for each. */
  readonly batches: readonly (readonly Message[])[]
  readonly deliveries: readonly Delivery[]
}

export type Caps = { readonly maxEvents: number; readonly maxBytes: number }

/** Pure; keeps the order, and every delivery is in exactly one group. */
export function cutBatches(
  deliveries: readonly Delivery[],
  { maxEvents, maxBytes }: Caps,
): AckGroup[] {
  const sized = deliveries.map((delivery) => ({ delivery, bytes: messageBytes(delivery.message) }))
  const fitting = sized.filter(({ bytes }) => bytes <= MAX_MESSAGE_BYTES)
  const oversized = sized.filter(({ bytes }) => bytes > MAX_MESSAGE_BYTES)
  const limits = { maxItems: maxEvents, maxBytes }
  return [
    ...chunksOf(fitting, ({ bytes }) => bytes, limits).map((chunk) =>
      toAckGroup(chunk.map(({ delivery }) => delivery)),
    ),
    ...oversized.map(({ delivery }) => toParts(delivery)),
  ]
}

/** The same deliveries in two groups. @param group of two deliveries at least */
export function halveGroup({ deliveries }: AckGroup): AckGroup[] {
  return halvesOf(deliveries).map(toAckGroup)
}

function toAckGroup(deliveries: readonly Delivery[]): AckGroup {
  return { batches: [deliveries.map(({ message }) => message)], deliveries }
}

/** Every part is a batch of its own. The audit log gets all bytes, and the dead letter has the reason `too_large`. */
function toParts(delivery: Delivery): AckGroup {
  const { message } = delivery
  const pieces = Math.ceil(message.data.length / MAX_MESSAGE_BYTES)
  const of = Math.max(1, pieces)
  const batches = Array.from({ length: of }, (_, index) => [
    {
      ...message,
      data: message.data.subarray(index * MAX_MESSAGE_BYTES, (index + 1) * MAX_MESSAGE_BYTES),
      part: { index, of },
    },
  ])
  return { batches, deliveries: [delivery] }
}
