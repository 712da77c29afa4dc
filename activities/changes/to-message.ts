// A change event as a message for Pub/Sub.

import { digest } from '#contracts'
import { ORDER_CHANGE_SCHEMA, type OrderChange } from '#contracts/order-change/schema'
import type { Publishable } from '#runtime/pubsub'

/** Pub/Sub's limit. */
const MAX_ORDERING_KEY_BYTES = 1024

/**
 * The message has the change as JSON, and as attributes what a subscription may filter by. Its ordering key is `partner/order`, the
 * same for all changes of an order; a digest of it where it is too long for Pub/Sub. Pure.
 */
export function toMessage(change: OrderChange): Publishable & { readonly orderingKey: string } {
  const { partner_id, order_id, kind, change_id } = change
  return {
    data: Buffer.from(JSON.stringify(change)),
    attributes: { schema: ORDER_CHANGE_SCHEMA, kind, change_id, partner_id },
    orderingKey: orderingKeyOf(partner_id, order_id),
  }
}

/** A slash or a percent sign of the partner is encoded, so that no two orders have the same key. */
function orderingKeyOf(partnerId: string, orderId: string): string {
  const partner = partnerId.replaceAll('%', '%25').replaceAll('/', '%2F')
  const key = `${partner}/${orderId}`
  return Buffer.byteLength(key) <= MAX_ORDERING_KEY_BYTES ? key : digest([partnerId, orderId])
}
