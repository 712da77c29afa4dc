// The run cost at list prices, by part: pure arithmetic.

import { largestBatch } from './batch.ts'
import { changeEventParts } from './change-events.ts'
import { bigqueryParts, computeParts, pubsubParts } from './google-cloud.ts'
import { type CostInputs, eventsPerMonth, type MonthlyPart } from './inputs.ts'
import type { Prices } from './prices.ts'
import { temporalParts } from './temporal.ts'

/** A part of the cost, by million events; `share` is of the total, 0 to 1. */
export type CostPart = {
  readonly name: string
  readonly quantity: number
  readonly unit: string
  readonly price: { readonly usd: number; readonly per: string }
  readonly usdPerMillion: number
  readonly usdPerMonth: number
  readonly share: number
  readonly note?: string
}

export type Cost = {
  readonly parts: readonly CostPart[]
  readonly usdPerMillion: number
  readonly usdPerMonth: number
}

/**
 * The cost of a month at a steady mean rate, in USD and without Segment; free and included volumes are taken off
 * where they apply, so the cost of a million events falls as the rate rises. Pure.
 */
export function costPerMillion(inputs: CostInputs, prices: Prices): Cost {
  const millions = eventsPerMonth(inputs.rate) / 1e6
  const monthly: readonly MonthlyPart[] = [
    ...temporalParts(inputs, prices),
    ...pubsubParts(inputs, prices),
    ...bigqueryParts(inputs, prices),
    ...changeEventParts(inputs, prices),
    ...computeParts(inputs, prices),
  ]
  const usdPerMonth = monthly.reduce((total, { usd }) => total + usd, 0)
  const parts = monthly.map(({ usd, quantity, ...part }) => ({
    ...part,
    quantity: quantity / millions,
    usdPerMillion: usd / millions,
    usdPerMonth: usd,
    share: usd / usdPerMonth,
  }))
  return { parts, usdPerMillion: usdPerMonth / millions, usdPerMonth }
}

/** The smallest batch whose cost is below `target`, or undefined where none is. Cost falls as batches grow. Pure. */
export function smallestBatchBelow(
  target: number,
  inputs: CostInputs,
  prices: Prices,
): number | undefined {
  const meets = (eventsPerBatch: number) =>
    costPerMillion({ ...inputs, eventsPerBatch }, prices).usdPerMillion < target
  let least = 1
  let most = largestBatch(inputs.measured)
  if (!meets(most)) return undefined
  while (least < most) {
    const middle = Math.floor((least + most) / 2)
    if (meets(middle)) most = middle
    else least = middle + 1
  }
  return most
}
