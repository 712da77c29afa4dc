// What Google Cloud charges for a month: Pub/Sub, BigQuery and the machines of bridge and worker.

import { type CostInputs, eventsPerMonth, HOURS_PER_MONTH, type MonthlyPart } from './inputs.ts'
import type { Price, Prices } from './prices.ts'

const GIB = 2 ** 30
const TIB = 2 ** 40

/** Pub/Sub counts no request as less. */
const PUBSUB_REQUEST_BYTES = 1000

/** The Storage Write API is free up to here each month. */
const STORAGE_WRITE_FREE_BYTES = 2 * TIB

/** insertAll counts no row as less. */
const INSERT_ALL_ROW_BYTES = 1024

/** An event's rows: audit log, staging and activation log. A ledger row is shared by its batch. */
const ROWS_PER_EVENT = 3

/** A process has a core to itself at most half of the time, which leaves room for peaks and for a lost instance. */
export const UTILISATION = 0.5

/** Two bridges and two workers, so that either may lose one. */
export const FLOOR_INSTANCES = 4

/** Memory of an instance of one vCPU. */
export const GIB_PER_INSTANCE = 2

/** Publishing is billed by the partners' requests, delivering by the bridge's, which carry a batch. */
export function pubsubParts(inputs: CostInputs, { list }: Prices): MonthlyPart[] {
  const { eventBytes } = inputs.measured
  const bytes = (messages: number) => Math.max(eventBytes, PUBSUB_REQUEST_BYTES / messages)
  const part = (name: string, messages: number, price: Price) => {
    const quantity = (eventsPerMonth(inputs.rate) * bytes(messages)) / TIB
    return { name, quantity, unit: 'TiB', price, usd: quantity * price.usd }
  }
  return [
    part('Pub/Sub publish', inputs.messagesPerPublish, list.pubsubPublish),
    part('Pub/Sub deliver', inputs.eventsPerBatch, list.pubsubDeliver),
  ]
}

export function bigqueryParts(inputs: CostInputs, prices: Prices): MonthlyPart[] {
  const price = prices.list.bigqueryActiveStorage
  const quantity = (eventsPerMonth(inputs.rate) * inputs.measured.rowBytesPerEvent) / GIB
  const stored = { quantity, unit: 'GiB-month', price, usd: quantity * price.usd }
  return [
    writing(inputs, prices),
    { name: 'BigQuery storage, first month', ...stored },
    lookUps(inputs, prices),
  ]
}

/** BigQuery bills no query on a table as less, and a look-up of orders reads three tables. */
const LOOK_UP_BYTES = 3 * 10 * 2 ** 20

/** Two workers with three activity threads each: every thread collects the batches that it activates. */
export const LOOK_UP_THREADS = 6

/** As long as a thread waits between two look-ups, unless so many batches wait; see ACTIVATION_LOOKUP_SECONDS. */
export const LOOK_UP_SECONDS = 20
export const LOOK_UP_BATCHES = 20

/** Activation looks up the orders of a batch: one query for each batch, or for those that a thread has collected. */
export function lookUpsPerSecond({ rate, eventsPerBatch }: CostInputs): number {
  const batches = rate / eventsPerBatch / LOOK_UP_THREADS
  return (
    LOOK_UP_THREADS * Math.min(batches, Math.max(1 / LOOK_UP_SECONDS, batches / LOOK_UP_BATCHES))
  )
}

function lookUps(inputs: CostInputs, { list }: Prices): MonthlyPart {
  const price = list.bigqueryAnalysis
  const queries = lookUpsPerSecond(inputs) * HOURS_PER_MONTH * 3600
  const quantity = (queries * LOOK_UP_BYTES) / TIB
  return {
    name: 'BigQuery look-ups of orders',
    quantity,
    unit: 'TiB',
    price,
    usd: quantity * price.usd,
  }
}

function writing({ rate, writer, measured }: CostInputs, { list }: Prices): MonthlyPart {
  const events = eventsPerMonth(rate)
  if (writer === 'insert-all') {
    const bytes = Math.max(measured.rowBytesPerEvent, ROWS_PER_EVENT * INSERT_ALL_ROW_BYTES)
    return written('BigQuery insertAll', events * bytes, 0, list.bigqueryInsertAll)
  }
  const bytes = events * measured.rowBytesPerEvent
  const free = STORAGE_WRITE_FREE_BYTES
  return written('BigQuery Storage Write', bytes, free, list.bigqueryStorageWrite)
}

function written(name: string, bytes: number, free: number, price: Price): MonthlyPart {
  return {
    name,
    quantity: bytes / GIB,
    unit: 'GiB',
    price,
    usd: (Math.max(0, bytes - free) / GIB) * price.usd,
    ...(free > 0 && { note: `${free / TIB} TiB a month free` }),
  }
}

/** What the events need, and what a deployment of the least size costs beyond that. */
export function computeParts({ rate, measured }: CostInputs, { list }: Prices): MonthlyPart[] {
  const usd = list.computeCpu.usd + GIB_PER_INSTANCE * list.computeMemory.usd
  const price = { usd, per: 'vCPU-second' }
  const cpuSeconds = (eventsPerMonth(rate) / 1e6) * measured.cpuSecondsPerMillionEvents
  const needed = cpuSeconds / UTILISATION
  const floor = FLOOR_INSTANCES * HOURS_PER_MONTH * 3600
  const part = (name: string, quantity: number) => ({
    name,
    quantity,
    unit: 'vCPU-seconds',
    price,
    usd: quantity * usd,
  })
  return [
    part('Compute, as used', needed),
    part(`Compute, up to ${FLOOR_INSTANCES} instances`, Math.max(0, floor - needed)),
  ]
}
