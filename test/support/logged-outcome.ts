// A row of the activation log as a look-up would read it, so that the columns that are written are what plans need.

import type { LoggedOutcome } from '#activation/order/facts'
import { runOf } from '#contracts'
import { toUtcMicros } from '#contracts/event/timestamp'
import type { Row } from '#warehouse/warehouse'

/** @param place of the row in the order of writing, which stands for the time at which BigQuery took it */
export function toLogged(columns: Row['columns'], place: number): LoggedOutcome {
  const text = (name: string) => (typeof columns[name] === 'string' ? columns[name] : null)
  return {
    type: columns['type'] === 'purchase' ? 'purchase' : 'cancellation',
    eventId: text('event_id') ?? '',
    contentHash: text('content_hash') ?? '',
    customerId: text('customer_id'),
    amount: text('amount'),
    currency: text('currency'),
    publishTime: toUtcMicros(text('publish_time') ?? '') ?? '',
    messageId: text('message_id') ?? '',
    runId: runOf(text('batch_id') ?? ''),
    outcome: OUTCOMES.find((outcome) => outcome === columns['outcome']) ?? 'failed',
    reason: text('reason'),
    call: CALLS.find((call) => call === columns['call']) ?? null,
    value: text('value'),
    toldAt: text('told_at'),
    googleAds: text('google_ads'),
    clickId: CLICK_IDS.find((name) => name === columns['click_id']) ?? null,
    recordedAt: String(place).padStart(9, '0'),
  }
}

const OUTCOMES = ['accepted', 'not_activated', 'failed', 'waiting', 'sending', 'unsent'] as const
const CALLS = ['Order Completed', 'Order Updated', 'Order Cancelled', 'Order Refunded'] as const
const CLICK_IDS = ['gclid', 'gbraid', 'wbraid'] as const
