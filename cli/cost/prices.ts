// The list prices a cost is computed from, in USD, each with where it stands and when it was read there.

import { z } from 'zod'

export type Price = {
  readonly usd: number
  readonly per: string
  readonly source: string
  /** When the source was read or, where what was read is a copy, how old the copy is. */
  readonly date: string
}

const TEMPORAL = { source: 'docs.temporal.io/cloud/pricing', date: '2026-11' }
const PUBSUB = { source: 'cloud.google.com/pubsub/pricing', date: '2026-09' }
const BIGQUERY = { source: 'cloud.google.com/bigquery/pricing', date: '2026-11' }
/** As third parties quote the page, for tier 1 regions: look at the page before you rely on it. */
const CLOUD_RUN = { source: 'cloud.google.com/run/pricing, worker pools', date: '2025-09' }

const LIST = {
  temporalActions: { usd: 50, per: 'million actions', ...TEMPORAL },
  temporalActiveStorage: { usd: 0.042, per: 'GBh', ...TEMPORAL },
  temporalRetainedStorage: { usd: 0.00105, per: 'GBh', ...TEMPORAL },
  temporalBusinessPlan: { usd: 500, per: 'month', ...TEMPORAL },
  pubsubPublish: { usd: 40, per: 'TiB', ...PUBSUB },
  pubsubDeliver: { usd: 40, per: 'TiB', ...PUBSUB },
  bigqueryStorageWrite: { usd: 0.025, per: 'GiB', ...BIGQUERY },
  bigqueryInsertAll: { usd: 0.05, per: 'GiB', ...BIGQUERY },
  bigqueryAnalysis: { usd: 6.25, per: 'TiB', ...BIGQUERY },
  bigqueryActiveStorage: { usd: 0.02, per: 'GiB-month', ...BIGQUERY, date: '2023-09' },
  computeCpu: { usd: 0.000011244, per: 'vCPU-second', ...CLOUD_RUN },
  computeMemory: { usd: 0.000001235, per: 'GiB-second', ...CLOUD_RUN },
} satisfies Record<string, Price>

export type PriceName = keyof typeof LIST

/** Temporal's Business plan makes actions cheaper by the month's volume; `upTo` is in millions of actions. */
export type Tier = { readonly upTo: number; readonly usd: number }

/** Same source as the actions. Past 200 million the price is a matter of talks: the last one is taken for the rest. */
const BUSINESS_TIERS: readonly Tier[] = [
  { upTo: 5, usd: 50 },
  { upTo: 10, usd: 45 },
  { upTo: 20, usd: 40 },
  { upTo: 50, usd: 35 },
  { upTo: 100, usd: 30 },
  { upTo: Number.POSITIVE_INFINITY, usd: 25 },
]

export type Prices = {
  readonly list: Readonly<Record<PriceName, Price>>
  /** By rising `upTo`; the last has no end. */
  readonly businessTiers: readonly Tier[]
}

export const LIST_PRICES: Prices = { list: LIST, businessTiers: BUSINESS_TIERS }

const NAMES = Object.keys(LIST)

/** What a price file may hold: USD by the name and in the unit of the list. */
export const ownPrices = z
  .record(z.string(), z.number().nonnegative())
  .superRefine((prices, context) => {
    for (const name of Object.keys(prices).filter((one) => !NAMES.includes(one))) {
      const message = `is no price; they are ${NAMES.join(', ')}`
      context.addIssue({ code: 'custom', path: [name], message })
    }
  })

/** The list with a person's own prices in it. An own price of actions is one for every volume, on every plan. */
export function withOwnPrices(own: Readonly<Record<string, number>>): Prices {
  const replaced = Object.entries(LIST).map(([name, price]): [string, Price] => {
    const usd = own[name]
    return [name, usd === undefined ? price : { ...price, usd, source: 'your price file' }]
  })
  const actions = own['temporalActions']
  return {
    list: { ...LIST, ...Object.fromEntries(replaced) },
    businessTiers:
      actions === undefined ? BUSINESS_TIERS : [{ upTo: Number.POSITIVE_INFINITY, usd: actions }],
  }
}
