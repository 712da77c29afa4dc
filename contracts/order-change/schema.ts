// The change event of version 1: what consumers of the topic of change events receive. It has no personal data.

import { z } from 'zod'

/** The version of the schema, as the attribute `schema` of every message has it. */
export const ORDER_CHANGE_SCHEMA = 'order-change.v1'

const money = z
  .string()
  .regex(/^\d+(\.\d{1,9})?$/)
  .describe('Exact decimal text of at most nine decimals.')

const instant = z.iso.datetime().describe('RFC 3339, UTC, microseconds.')

const orderState = z.object({
  status: z
    .enum(['purchased', 'partly_cancelled', 'cancelled'])
    .describe(
      'cancelled where a cancellation of the whole order has come, or partial ones of all its value.',
    ),
  purchases: z.int().nonnegative().describe('Purchases of the order, each in its newest version.'),
  cancellations: z
    .int()
    .nonnegative()
    .describe('Cancellations of the order, partial ones included.'),
  amount: money
    .nullable()
    .describe(
      'The value of the order: its purchases without what was cancelled; 0 for a cancelled order. Null where it is unknown: no purchase has come, the currencies differ, or a partial cancellation does not say its amount.',
    ),
  currency: z
    .string()
    .nullable()
    .describe('ISO 4217; null where none is given, or several differ.'),
  car_model: z.string().nullable().describe('Of the first purchase.'),
  purchased_at: instant.nullable().describe('When the first purchase happened, by the partner.'),
  cancelled_at: instant.nullable().describe('When the last cancellation happened, by the partner.'),
})

export type OrderState = z.infer<typeof orderState>

const changeKind = z.enum(['created', 'corrected', 'cancelled'])

export type ChangeKind = z.infer<typeof changeKind>

const event = z
  .object({
    type: z.enum(['purchase', 'cancellation']),
    amount: money.nullable(),
    partial: z
      .boolean()
      .nullable()
      .describe('True for the cancellation of a part of the order; null for a purchase.'),
    currency: z.string().nullable(),
    car_model: z.string(),
    vehicle_make: z.string().nullable(),
    vehicle_model: z.string().nullable(),
    vehicle_year: z.int().nullable(),
    timestamp: instant,
  })
  .describe('The event that changed the order, without its personal fields.')

const source = z
  .object({
    event_id: z.string().nullable().describe('As the partner gave it; null where it gave none.'),
    message_id: z.string().describe('The Pub/Sub message that brought the event.'),
    publish_time: instant.describe(
      'When the partner published the message: nothing of this change was known before.',
    ),
    batch_id: z.string().describe('The workflow that staged the event.'),
  })
  .describe('Where the event is found in the tables of the pipeline.')

export const orderChangeSchema = z.object({
  change_id: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .describe(
      'The same each time this change is published. It stands for the change and for all changes of the order before it.',
    ),
  previous_change_id: z
    .string()
    .nullable()
    .describe('The change of the order before this one; null for the first.'),
  kind: changeKind.describe(
    'created: the first purchase of the order. cancelled: a cancellation, also of a part of the order. corrected: a new version of an event, or another purchase of the order.',
  ),
  partner_id: z.string().describe('A partner id that is personal is replaced by a digest.'),
  order_id: z.string(),
  sequence: z
    .string()
    .describe(
      'Compare it as text: of the changes of an order, the one with the greatest sequence has the newest state.',
    ),
  before: orderState
    .nullable()
    .describe('The order before the change; null where it had no event.'),
  after: orderState.describe('The order after the change.'),
  event,
  source,
})

export type OrderChange = z.infer<typeof orderChangeSchema>
