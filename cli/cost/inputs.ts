// What a cost is computed from and what it is made of: the words of the calculator.

import type { Measured } from './measured.ts'
import type { Price } from './prices.ts'

export type CostInputs = {
  /** Mean events a second, over the month. */
  readonly rate: number
  /** Mean events a batch. */
  readonly eventsPerBatch: number
  /** How long Temporal keeps a finished history. */
  readonly retentionDays: number
  readonly plan: 'developer' | 'business'
  /** Whether the namespace has fairness on, which makes every action 1.1 actions. */
  readonly fairness: boolean
  readonly writer: 'storage-write' | 'insert-all'
  /** Messages partners put into one publish request. */
  readonly messagesPerPublish: number
  /** The share of events that are cancellations, 0 to 1. */
  readonly cancelledShare: number
  /** Subscriptions of the topic of change events; absent where change events are off. */
  readonly changeEventSubscriptions?: number
  readonly measured: Measured
}

/** The smallest deployment has two: each gathers its share of the rate by itself. */
export const BRIDGES = 2

/** A twelfth of a year. */
export const HOURS_PER_MONTH = 730

export const eventsPerMonth = (rate: number) => rate * 3600 * HOURS_PER_MONTH

/** One part of a month's cost. `usd` knows of what is free or included; `quantity` counts all of it. */
export type MonthlyPart = {
  readonly name: string
  readonly quantity: number
  readonly unit: string
  /** The list price; what is paid may be less by tiers and free volumes, which `note` tells. */
  readonly price: Pick<Price, 'usd' | 'per'>
  readonly usd: number
  readonly note?: string
}
