// What a cost takes for granted, in plain lines.

import { CHANGE_EVENT_BYTES } from './change-events.ts'
import {
  FLOOR_INSTANCES,
  GIB_PER_INSTANCE,
  LOOK_UP_BATCHES,
  LOOK_UP_SECONDS,
  lookUpsPerSecond,
  UTILISATION,
} from './google-cloud.ts'
import { BRIDGES, type CostInputs, eventsPerMonth, HOURS_PER_MONTH } from './inputs.ts'
import type { Prices } from './prices.ts'
import {
  ACTIONS_OF_CANCELLATIONS,
  batchesWithCancellation,
  historyBytesPerEvent,
  OPEN_SECONDS,
} from './temporal.ts'

export function assumptionsOf(inputs: CostInputs, prices: Prices): string[] {
  return [
    `Events come at ${count(inputs.rate)} a second all month: ${count(eventsPerMonth(inputs.rate) / 1e6)} million in ${HOURS_PER_MONTH} hours.`,
    ...batches(inputs),
    cancellations(inputs),
    ...temporal(inputs, prices),
    pubsub(inputs),
    lookUps(inputs),
    ...changeEvents(inputs),
    'BigQuery keeps every row for one month here. Each month more costs as much again, after 90 days half of it.',
    `A vCPU is used to ${UTILISATION * 100} %, with ${GIB_PER_INSTANCE} GiB of memory. No deployment is smaller than ${FLOOR_INSTANCES} instances of one vCPU: two bridges, two workers.`,
    'A vCPU of the cloud is taken to be as fast as the one the benchmark ran on.',
    'Not included: Segment (priced by contract), other queries, logs and metrics, network between regions, taxes, discounts.',
    'Free volumes are taken off for Storage Write and the Business plan, and nowhere else.',
  ]
}

function batches({ eventsPerBatch, measured }: CostInputs): string[] {
  const { actionsPerBatch, historyBytesPerBatch, historyBytesPerEvent: mean } = measured
  const measuredAt = count(historyBytesPerBatch / mean)
  return [
    `A batch has ${count(eventsPerBatch)} events and is ${count(actionsPerBatch)} actions, as each of ${BRIDGES} bridges makes them of its share. More bridges, or a shorter linger, make smaller ones: see --batch.`,
    measured.historyBytesPerEmptyBatch === 0
      ? `Bytes of history were measured in batches of ${measuredAt} events; what smaller batches add to them was not.`
      : `Bytes of history were measured in batches of ${measuredAt} events, and are reckoned for this size.`,
  ]
}

function cancellations(inputs: CostInputs): string {
  const share = count(inputs.cancelledShare * 100)
  const withOne = count(batchesWithCancellation(inputs) * 100)
  return `${share} % of the events are cancellations, so that ${withOne} % of the batches have one: see --cancelled. Each of these batches is ${ACTIONS_OF_CANCELLATIONS} actions more, and ${ACTIONS_OF_CANCELLATIONS} again each time a cancellation waits for its purchase, which is not included.`
}

function temporal(inputs: CostInputs, { list }: Prices): string[] {
  const gigabytes = (1e6 * historyBytesPerEvent(inputs)) / 1e9
  const hour = gigabytes * list.temporalActiveStorage.usd
  return [
    `Temporal keeps finished histories ${count(inputs.retentionDays)} days. A batch is open ${OPEN_SECONDS} seconds; every hour that Segment is away adds ${usd(hour)} USD per million events that wait.`,
    ...(inputs.fairness ? ['Fairness is on: every action is charged as 1.1.'] : []),
  ]
}

function lookUps(inputs: CostInputs): string {
  const perHour = lookUpsPerSecond(inputs) * 3600
  return `Activation asks BigQuery for the orders of its events ${count(perHour)} times an hour: a thread collects for ${LOOK_UP_SECONDS} seconds, or up to ${LOOK_UP_BATCHES} batches, and a query is billed as no less than 30 MiB.`
}

function changeEvents({ changeEventSubscriptions: subscriptions }: CostInputs): string[] {
  if (subscriptions === undefined) return []
  return [
    `Every event is a change event of ${count(CHANGE_EVENT_BYTES)} bytes for ${subscriptions === 1 ? 'one subscription' : `${count(subscriptions)} subscriptions`}, published in a request of its own. Its step is a local activity, which is no action. A query of its orders is billed as 20 MiB here; on large tables it reads more.`,
  ]
}

function pubsub({ messagesPerPublish, measured }: CostInputs): string {
  const size = `A message has ${count(measured.eventBytes)} bytes`
  return messagesPerPublish === 1
    ? `${size}, and partners publish one a request, billed as no less than 1 kB: see --publish-batch.`
    : `${size}, and partners publish ${count(messagesPerPublish)} a request.`
}

/** Four digits that say something, and no exponent. */
export const count = (value: number) =>
  value.toLocaleString(
    'en-US',
    value < 1000 ? { maximumSignificantDigits: 4 } : { maximumFractionDigits: 0 },
  )

export const usd = (value: number) => value.toFixed(4)
