// The call of the cancellation of a whole order: `Order Cancelled`, or `Order Refunded` where money came back. Google Ads takes
// both as a retraction. Pure.

import { digest } from '#contracts/digest'
import type { CarEvent } from '#contracts/event/parse'
import { maskContacts } from '#contracts/mask-contacts'
import { cleanText } from '../rules/clean-text.ts'
import { adjustmentOf } from './adjustment.ts'
import type { CallDecision, CallRules, ToldOrder } from './call.ts'

/** At most 100 characters, and one for an order, however often it is cancelled. */
export const cancelledMessageId = (
  { partner_id, order_id }: Pick<CarEvent, 'partner_id' | 'order_id'>,
  namespace: string,
) => `${namespace}:${digest([partner_id, order_id])}:cancelled`

/** The total of the call is the one that is taken back: what Segment was told last. */
export function cancelledCall(
  cancellation: CarEvent,
  order: ToldOrder,
  rules: CallRules,
): CallDecision {
  const { refundReasons } = rules.partner.activation
  const { envelope, ...decided } = adjustmentOf(
    {
      cause: cancellation,
      order,
      changedAt: cancellation.timestamp,
      total: order.value,
      currency: order.currency,
    },
    rules,
  )
  return {
    ...decided,
    call: {
      ...envelope,
      messageId: cancelledMessageId(cancellation, rules.namespace),
      event: isRefund(cancellation.reason, refundReasons) ? 'Order Refunded' : 'Order Cancelled',
      properties: { ...envelope.properties, ...productsOf(cancellation) },
    },
    value: '0',
  }
}

/** Whatever the case of the reason, and whatever stands between its words. */
function isRefund(reason: string | null, refundReasons: readonly string[]): boolean {
  if (reason === null) return false
  const plain = plainReason(reason)
  return refundReasons.some((refund) => plainReason(refund) === plain)
}

const plainReason = (reason: string) =>
  cleanText(reason)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

/** The model only: a vehicle identification number leads to its owner, and so may a free text. */
function productsOf({ car_model }: CarEvent) {
  if (maskContacts(car_model) !== car_model) return {}
  return { products: [{ product_id: car_model, name: car_model, quantity: 1 }] }
}
