// The calls in zod: the one source of their types, of the tracking plan and of the check before a call is sent.

import { z } from 'zod'

/** Segment takes message ids of at most 100 characters. */
const messageId = (pattern: RegExp) => z.string().regex(pattern)

const id = z.string().min(1)
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const clickId = z.string().regex(/^[\w.~-]+={0,2}$/)
const consentState = z.enum(['GRANTED', 'DENIED'])
const amount = z.number().nonnegative()

const product = z.strictObject({
  product_id: id,
  name: id,
  brand: id.optional(),
  variant: id.optional(),
  price: amount.optional(),
  quantity: z.int().positive(),
})

const ofOrder = {
  order_id: id,
  partner_id: id,
  partner_order_id: id,
  partner_customer_id: id,
  total: amount,
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
  ad_user_data_consent_state: consentState,
  ad_personalization_consent_state: consentState,
}

const ofCompleted = z
  .strictObject({
    ...ofOrder,
    products: z.array(product).min(1),
    gclid: clickId.optional(),
    gbraid: clickId.optional(),
    wbraid: clickId.optional(),
    email: sha256.optional(),
    phone: sha256.optional(),
  })
  .refine(hasOneClickId)

type ClickIds = Partial<Record<'gclid' | 'gbraid' | 'wbraid', string | undefined>>

/** Google Ads refuses a conversion with two. JSON Schema is not told: a partner's mistake must not be lost at Segment. */
function hasOneClickId({ gclid, gbraid, wbraid }: ClickIds): boolean {
  return [gclid, gbraid, wbraid].filter((one) => one !== undefined).length <= 1
}

/** Of a call that adjusts a conversion: none of the fields by which a person is identified. */
const ofAdjustment = z.strictObject({ ...ofOrder, products: z.array(product).min(1).optional() })

const consent = z.strictObject({
  categoryPreferences: z
    .record(z.string(), z.boolean())
    .refine((categories) => Object.keys(categories).length > 0)
    .meta({ minProperties: 1 }),
})

const traits = z.strictObject({ email: sha256.optional(), phone: sha256.optional() })

const contextOf = {
  completed: { consent, traits: traits.optional() },
  adjustment: { consent },
}

const envelope = {
  userId: id,
  /** UTC with Z: Segment's Google Ads destination fails on any other offset. */
  timestamp: z.iso.datetime({ precision: 3 }),
  integrations: z.strictObject({ 'Google Ads Conversions': z.boolean() }),
}

const completed = z.strictObject({
  ...envelope,
  event: z.literal('Order Completed'),
  messageId: messageId(/^[a-z0-9.-]{1,32}:[0-9a-f]{32}:completed$/),
  properties: ofCompleted,
  context: z.strictObject(contextOf.completed),
})

const updated = z.strictObject({
  ...envelope,
  event: z.literal('Order Updated'),
  messageId: messageId(/^[a-z0-9.-]{1,32}:[0-9a-f]{32}:updated$/),
  properties: ofAdjustment,
  context: z.strictObject(contextOf.adjustment),
})

const cancelled = z.strictObject({
  ...envelope,
  event: z.enum(['Order Cancelled', 'Order Refunded']),
  messageId: messageId(/^[a-z0-9.-]{1,32}:[0-9a-f]{32}:cancelled$/),
  properties: ofAdjustment,
  context: z.strictObject(contextOf.adjustment),
})

/** A track call by Segment's e-commerce specification. Any field that is not named here breaks the plan. */
export const callSchema = z.discriminatedUnion('event', [completed, updated, cancelled])

/** What the tracking plan says of the calls with one name. Segment adds fields to a call and to its context by itself. */
const planned = (properties: z.ZodType, context: z.ZodRawShape) =>
  z.object({ userId: id, context: z.object(context), properties })

export const PLANNED_CALLS = {
  'Order Completed': planned(ofCompleted, contextOf.completed),
  'Order Updated': planned(ofAdjustment, contextOf.adjustment),
  'Order Cancelled': planned(ofAdjustment, contextOf.adjustment),
  'Order Refunded': planned(ofAdjustment, contextOf.adjustment),
} as const satisfies Readonly<Record<z.output<typeof callSchema>['event'], z.ZodType>>
