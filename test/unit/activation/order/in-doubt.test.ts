// Whether Segment may have an event from an earlier request: such an event is sent again, whatever has happened meanwhile.

import { expect, test } from '@jest/globals'
import type { LoggedOutcome } from '#activation/order/facts'
import type { Delivery } from '#activation/order/history'
import { planOrder } from '#activation/order/plan-order'
import { type CarEvent, readEvent } from '#contracts'
import { STANDARD_PARTNER } from '#runtime/partners/settings'
import { message } from '../../../fixtures/messages.ts'

const RUN = 'dead-letter/batch-1/dealer-7-0/activation'
const DELIVERED = message()

function eventOf(): CarEvent {
  const parsed = readEvent(DELIVERED)
  if (!parsed.accepted) throw new Error('the purchase of the fixtures is good')
  return parsed.event
}

const delivery: Delivery = {
  index: 0,
  messageId: DELIVERED.messageId,
  publishTime: DELIVERED.publishTime,
  runId: RUN,
  event: eventOf(),
}

const record = (outcome: LoggedOutcome['outcome'], second: number): LoggedOutcome => ({
  type: 'purchase',
  eventId: delivery.event.event_id,
  contentHash: delivery.event.content_hash,
  customerId: delivery.event.customer_id,
  amount: delivery.event.amount,
  currency: null,
  publishTime: delivery.publishTime,
  messageId: delivery.messageId,
  runId: RUN,
  outcome,
  reason: null,
  call: null,
  value: null,
  toldAt: null,
  googleAds: null,
  clickId: null,
  recordedAt: `2026-11-20T10:00:0${second}.000000Z`,
})

/** The plan for the event, whose partner was switched off after these records. */
const planAfter = (...outcomes: LoggedOutcome['outcome'][]) =>
  planOrder(
    [delivery],
    { staged: [], logged: outcomes.map(record) },
    {
      partner: {
        ...STANDARD_PARTNER,
        activation: { ...STANDARD_PARTNER.activation, enabled: false },
      },
      nowMs: Date.parse('2026-11-20T10:01:00Z'),
      takesCancellations: false,
      openRuns: new Set(),
    },
  )

test.each<LoggedOutcome['outcome'][][]>([
  [['sending']],
  [['sending', 'unsent', 'sending']],
  [['sending', 'failed', 'sending']],
])('an event that was being sent may be at Segment, and is sent again: %j', (outcomes) => {
  const plan = planAfter(...outcomes)
  expect(plan.call?.deliveries).toEqual([delivery])
  expect(plan.inDoubt).toEqual([delivery])
})

test.each<LoggedOutcome['outcome'][][]>([
  [[]],
  [['sending', 'unsent']],
  [['sending', 'failed']],
  [['sending', 'unsent', 'sending', 'failed']],
])(
  'an event that Segment certainly has not is held back where its partner is off: %j',
  (outcomes) => {
    expect(planAfter(...outcomes)).toMatchObject({
      call: null,
      inDoubt: [],
      held: [{ reason: 'partner_off' }],
    })
  },
)
