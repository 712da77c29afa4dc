// What Temporal Cloud charges for a month: actions, storage and the plan.

import { type CostInputs, eventsPerMonth, type MonthlyPart } from './inputs.ts'
import type { Prices, Tier } from './prices.ts'

/** Temporal bills decimal gigabytes. */
const GB = 1e9

const MILLION = 1e6

/** Fairness charges a tenth of an action on top of every action of the namespace. */
const FAIRNESS = 1.1

/** A batch is done in a second or two; this leaves room for a worker's restart. */
export const OPEN_SECONDS = 10

/** The start of the workflow in which the cancellations of a batch wait, and its activity. */
export const ACTIONS_OF_CANCELLATIONS = 2

/** Either plan costs a tenth of what is used, Business no less than its base price. */
const PLAN_SHARE = 0.1

/** What a plan includes each month; Temporal takes a GB for 744 GBh. */
const INCLUDED = {
  developer: { actions: 0, activeGbh: 0, retainedGbh: 0 },
  business: { actions: 2.5 * MILLION, activeGbh: 2.5 * 744, retainedGbh: 100 * 744 },
} as const

export function temporalParts(inputs: CostInputs, prices: Prices): MonthlyPart[] {
  const used = [actionsPart(inputs, prices), ...storageParts(inputs, prices)]
  return [...used, planPart(inputs, prices, sum(used))]
}

/**
 * Mean bytes of history by event in batches of this size: what was measured, with the part that each batch
 * has whatever it carries spread over more or fewer events. Pure.
 */
export function historyBytesPerEvent({ measured, eventsPerBatch }: CostInputs): number {
  const { historyBytesPerBatch, historyBytesPerEvent: mean, historyBytesPerEmptyBatch } = measured
  const measuredBatch = historyBytesPerBatch / mean
  const ofEvent = (historyBytesPerBatch - historyBytesPerEmptyBatch) / measuredBatch
  return ofEvent + historyBytesPerEmptyBatch / eventsPerBatch
}

/** The share of batches that have a cancellation, where cancellations are spread evenly. Pure. */
export const batchesWithCancellation = ({ cancelledShare, eventsPerBatch }: CostInputs): number =>
  1 - (1 - cancelledShare) ** eventsPerBatch

function actionsPart(inputs: CostInputs, prices: Prices): MonthlyPart {
  const { rate, eventsPerBatch, measured, fairness, plan } = inputs
  const batches = eventsPerMonth(rate) / eventsPerBatch
  const ofCancellations = batchesWithCancellation(inputs) * ACTIONS_OF_CANCELLATIONS
  const actions = measured.actionsPerBatch + ofCancellations
  const quantity = batches * actions * (fairness ? FAIRNESS : 1)
  const price = prices.list.temporalActions
  const part = { name: 'Temporal actions', quantity, unit: 'actions', price }
  if (plan === 'developer') return { ...part, usd: (quantity / MILLION) * price.usd }
  const billed = Math.max(0, quantity - INCLUDED.business.actions)
  const usd = usdByTiers(billed / MILLION, prices.businessTiers)
  return { ...part, usd, note: 'less by volume' }
}

/** @param millions of actions a month, past what is included */
function usdByTiers(millions: number, tiers: readonly Tier[]): number {
  let usd = 0
  let from = 0
  for (const tier of tiers) {
    usd += Math.max(0, Math.min(millions, tier.upTo) - from) * tier.usd
    from = tier.upTo
  }
  return usd
}

function storageParts(inputs: CostInputs, { list }: Prices): MonthlyPart[] {
  const gigabytes = (eventsPerMonth(inputs.rate) * historyBytesPerEvent(inputs)) / GB
  const included = INCLUDED[inputs.plan]
  const part = (
    name: string,
    quantity: number,
    price: typeof list.temporalActions,
    free: number,
  ) => ({
    name,
    quantity,
    unit: 'GBh',
    price,
    usd: Math.max(0, quantity - free) * price.usd,
  })
  const active = gigabytes * (OPEN_SECONDS / 3600)
  const retained = gigabytes * inputs.retentionDays * 24
  return [
    part('Temporal storage, active', active, list.temporalActiveStorage, included.activeGbh),
    part(
      'Temporal storage, retained',
      retained,
      list.temporalRetainedStorage,
      included.retainedGbh,
    ),
  ]
}

function planPart({ plan }: CostInputs, { list }: Prices, usage: number): MonthlyPart {
  const base = plan === 'business' ? list.temporalBusinessPlan.usd : 0
  return {
    name: `Temporal plan (${plan})`,
    quantity: usage,
    unit: 'USD of use',
    price: { usd: PLAN_SHARE, per: 'USD of use' },
    usd: Math.max(base, usage * PLAN_SHARE),
    ...(base > 0 && { note: `at least ${base} a month` }),
  }
}

const sum = (parts: readonly MonthlyPart[]) => parts.reduce((total, { usd }) => total + usd, 0)
