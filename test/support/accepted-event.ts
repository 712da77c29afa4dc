// Events of tests that the contract accepts, and what the tables have of them.

import type { StagedVersion } from '#activation/order/facts'
import type { Delivery } from '#activation/order/history'
import { type CarEvent, readEvent } from '#contracts'
import { message } from '../fixtures/messages.ts'

/** @throws Error with what the contract says against it */
export function acceptedEvent(data: object | string, overrides: object = {}): CarEvent {
  const reading = readEvent(message(data, overrides))
  if (!reading.accepted) throw new Error(JSON.stringify(reading.violations))
  return reading.event
}

export const stagedVersion = ({
  event,
  messageId,
  publishTime,
  runId,
}: Omit<Delivery, 'index'>): StagedVersion => ({
  messageId,
  publishTime,
  runId,
  type: event.type,
  eventId: event.event_id,
  contentHash: event.content_hash,
  customerId: event.customer_id,
  amount: event.amount,
  currency: event.currency,
  isPartial: event.partial === true,
})
