// What change events add to the cost of a month: publishing and delivering them, and looking up their orders.

import { GIB_PER_INSTANCE, LOOK_UP_THREADS, UTILISATION } from './google-cloud.ts'
import { type CostInputs, eventsPerMonth, HOURS_PER_MONTH, type MonthlyPart } from './inputs.ts'
import type { Prices } from './prices.ts'

const TIB = 2 ** 40

/** Data and attributes of a change event: 820 to 1,040 bytes. Pub/Sub counts no request as less than 1,000. */
export const CHANGE_EVENT_BYTES = 1_000

/** A request for each: 2,000 took 1.2 to 2.0 s of a worker's CPU where it was measured. */
const CPU_SECONDS = 0.001

/** BigQuery bills no query on a table as less than 10 MiB, and this one reads the two staging tables. */
const LOOK_UP_BYTES = 2 * 10 * 2 ** 20

/** While batches follow each other, a thread waits as long between two queries, or until so many batches wait. */
const LOOK_UP_SECONDS = 1
const LOOK_UP_BATCHES = 20

/** Every event is one change event here, delivered to each subscription. Nothing where change events are off. */
export function changeEventParts(inputs: CostInputs, { list }: Prices): MonthlyPart[] {
  const { rate, changeEventSubscriptions: subscriptions } = inputs
  if (subscriptions === undefined) return []
  const events = (eventsPerMonth(rate) * CHANGE_EVENT_BYTES) / TIB
  const queries = lookUpsPerSecond(inputs) * HOURS_PER_MONTH * 3600
  const parts = [
    ['Change events publish', events, list.pubsubPublish],
    ['Change events deliver', events * subscriptions, list.pubsubDeliver],
    ['Change events look-ups', (queries * LOOK_UP_BYTES) / TIB, list.bigqueryAnalysis],
  ] as const
  const published = parts.map(([name, quantity, price]) => {
    return { name, quantity, unit: 'TiB', price, usd: quantity * price.usd }
  })
  return [...published, compute(inputs, list)]
}

function compute({ rate }: CostInputs, list: Prices['list']): MonthlyPart {
  const usd = list.computeCpu.usd + GIB_PER_INSTANCE * list.computeMemory.usd
  const quantity = (eventsPerMonth(rate) * CPU_SECONDS) / UTILISATION
  const price = { usd, per: 'vCPU-second' }
  const name = 'Change events compute'
  return { name, quantity, unit: 'vCPU-seconds', price, usd: quantity * usd }
}

/** A query for each batch, or for those that a thread has collected meanwhile. */
function lookUpsPerSecond({ rate, eventsPerBatch }: CostInputs): number {
  const batches = rate / eventsPerBatch / LOOK_UP_THREADS
  return (
    LOOK_UP_THREADS * Math.min(batches, Math.max(1 / LOOK_UP_SECONDS, batches / LOOK_UP_BATCHES))
  )
}
