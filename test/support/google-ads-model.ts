// What Google Ads takes of the calls about orders, told in the plainest way: a conversion for each order number, then changes of
// it, each later than the one before, until it is retracted.

import type { ActivationCall } from '#activation/calls/call'

type Conversion = {
  value: number
  readonly completedAt: number
  lastAt: number
  isRetracted: boolean
}

const SECOND_MS = 1_000
const DAY_MS = 24 * 60 * 60 * 1_000
const MAX_ADJUSTMENT_AGE_MS = 54 * DAY_MS

/** Google takes identifiers in a conversion only. */
const IDENTIFIERS = ['email', 'phone', 'gclid', 'gbraid', 'wbraid'] as const

export type GoogleAds = {
  /** @returns Google's name of the error, or null where the call is taken */
  take(call: ActivationCall, nowMs: number): string | null
  conversions(): ReadonlyMap<string, Readonly<Conversion>>
}

export function createGoogleAds(): GoogleAds {
  const conversions = new Map<string, Conversion>()

  const complete = (order: string, value: number, at: number) => {
    if (conversions.has(order)) return 'ORDER_ID_ALREADY_IN_USE'
    conversions.set(order, { value, completedAt: at, lastAt: at, isRetracted: false })
    return null
  }

  const adjust = (conversion: Conversion, call: ActivationCall, at: number, nowMs: number) => {
    if (conversion.isRetracted) return 'CONVERSION_ALREADY_RETRACTED'
    if (at < conversion.lastAt + SECOND_MS) return 'MORE_RECENT_RESTATEMENT_FOUND'
    if (nowMs - conversion.completedAt > MAX_ADJUSTMENT_AGE_MS + DAY_MS) return 'EXPIRED_EVENT'
    if (IDENTIFIERS.some((name) => name in call.properties)) return 'USER_IDENTIFIER_NOT_ALLOWED'
    if (call.event === 'Order Updated') {
      if (!(call.properties.total > 0)) return 'INVALID_RESTATEMENT_VALUE'
      conversion.value = call.properties.total
    } else conversion.isRetracted = true
    conversion.lastAt = at
    return null
  }

  return {
    take: (call, nowMs) => {
      const { order_id: order, total } = call.properties
      const at = Date.parse(call.timestamp)
      if (call.event === 'Order Completed') return complete(order, total, at)
      const conversion = conversions.get(order)
      return conversion ? adjust(conversion, call, at, nowMs) : 'CONVERSION_NOT_FOUND'
    },
    conversions: () => conversions,
  }
}
