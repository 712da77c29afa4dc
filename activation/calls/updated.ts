// The call of a correction or of a partial cancellation: `Order Updated`, which Google Ads takes as a restatement. Pure.

import { digest } from '#contracts/digest'
import type { CarEvent } from '#contracts/event/parse'
import { adjustmentOf } from './adjustment.ts'
import type { CallDecision, CallRules, ToldOrder } from './call.ts'

type Identified = Pick<CarEvent, 'partner_id' | 'order_id' | 'event_id' | 'content_hash'>

/**
 * At most 100 characters: the same on every attempt, and another one where a partner sends a former version of an event again, after
 * Segment was told of a later one.
 * @param toldAt the timestamp of the call about the order before this one
 */
export const updatedMessageId = (
  { partner_id, order_id, event_id, content_hash }: Identified,
  toldAt: string,
  namespace: string,
) => `${namespace}:${digest([partner_id, order_id, event_id, content_hash, toldAt])}:updated`

/**
 * @param cause the purchase that corrects another one, or the cancellation of a part of the order
 * @param remaining the total of the order from now on, as exact decimal text. Where nothing remains, the order is cancelled:
 *   use `cancelledCall`
 * @param publishTime of the cause: a correction keeps the timestamp of the purchase, so that only this says when it was made
 */
// oxlint-disable-next-line max-params -- an order and its new value, each as it is known, and when it was known
export function updatedCall(
  cause: CarEvent,
  order: ToldOrder,
  remaining: string,
  publishTime: string,
  rules: CallRules,
): CallDecision {
  const isCorrection = cause.type === 'purchase'
  const { envelope, ...decided } = adjustmentOf(
    {
      cause,
      order,
      total: remaining,
      changedAt: isCorrection ? publishTime : cause.timestamp,
      currency: (isCorrection ? cause.currency : null) ?? order.currency,
    },
    rules,
  )
  const messageId = updatedMessageId(cause, order.toldAt, rules.namespace)
  return { ...decided, call: { ...envelope, messageId, event: 'Order Updated' }, value: remaining }
}
