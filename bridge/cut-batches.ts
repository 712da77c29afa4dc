// Cuts deliveries into what one workflow may carry; a message too large for any is cut into parts.

import { MAX_MESSAGE_BYTES, type Message } from '#contracts'
import { chunksOf } from '#runtime/chunks'
import type { Delivery } from './source.ts'

/** Deliveries that are acknowledged together, once every one of their batches has started. */
export type Shipment = {
  readonly batches: readonly (readonly Message[])[]
  readonly ackIds: readonly string[]
}

export type Caps = { readonly maxEvents: number; readonly maxBytes: number }

/** Pure; keeps the order, and every delivery is in exactly one shipment. */
export function cutBatches(
  deliveries: readonly Delivery[],
  { maxEvents, maxBytes }: Caps,
): Shipment[] {
  const sized = deliveries.map((delivery) => ({ delivery, bytes: messageBytes(delivery.message) }))
  const fitting = sized.filter(({ bytes }) => bytes <= MAX_MESSAGE_BYTES)
  const oversized = sized.filter(({ bytes }) => bytes > MAX_MESSAGE_BYTES)
  const limits = { maxItems: maxEvents, maxBytes }
  return [
    ...chunksOf(fitting, ({ bytes }) => bytes, limits).map(toShipment),
    ...oversized.map(({ delivery }) => toParts(delivery)),
  ]
}

/** Bytes of data and attributes, as Pub/Sub counts them. */
export function messageBytes({ data, attributes }: Message): number {
  let total = data.length
  for (const [name, value] of Object.entries(attributes)) {
    total += Buffer.byteLength(name) + Buffer.byteLength(value)
  }
  return total
}

function toShipment(group: readonly { readonly delivery: Delivery }[]): Shipment {
  return {
    batches: [group.map(({ delivery }) => delivery.message)],
    ackIds: group.map(({ delivery }) => delivery.ackId),
  }
}

/** Every part is a batch of its own: the audit log gets all bytes, the dead letter says too_large. */
function toParts({ message, ackId }: Delivery): Shipment {
  const pieces = Math.ceil(message.data.length / MAX_MESSAGE_BYTES)
  const of = Math.max(1, pieces)
  const batches = Array.from({ length: of }, (_, index) => [
    {
      ...message,
      data: message.data.subarray(index * MAX_MESSAGE_BYTES, (index + 1) * MAX_MESSAGE_BYTES),
      part: { index, of },
    },
  ])
  return { batches, ackIds: [ackId] }
}
