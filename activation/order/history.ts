// The history of one order: what Segment was told, and what became of each of its events. Pure.

import type { ToldOrder } from '#activation/calls/call'
import type { CarEvent } from '#contracts/event/parse'
import { compare } from '#runtime/compare'
import {
  byPublishTime,
  type CallName,
  isSameDelivery,
  type LoggedOutcome,
  type OrderFacts,
  type Published,
  type StagedVersion,
} from './facts.ts'

/** An event of the run that is planned. */
export type Delivery = {
  /** Its position in the batch. */
  readonly index: number
  readonly messageId: string
  /** RFC 3339, UTC, microseconds. */
  readonly publishTime: string
  /** By `runOf`. */
  readonly runId: string
  readonly event: CarEvent
}

/** What Segment was told of an order. */
export type Told = ToldOrder & {
  /** The timestamp of the conversion, which was the first call. */
  readonly completedAt: string
}

/** An event that Segment accepted, by a call about its order. */
export type Accepted = LoggedOutcome & {
  readonly call: CallName
  readonly value: string
  readonly toldAt: string
}

export type History = {
  /** Null where Segment has accepted no purchase of the order. */
  readonly told: Told | null
  /** True where Segment was told that the whole order is cancelled. */
  readonly isCancelled: boolean
  /** Oldest first. */
  readonly accepted: readonly Accepted[]
  /** The staged events of the order as they were delivered, also those of this run, oldest first. */
  readonly versions: readonly StagedVersion[]
  /** The other records of events: those of before Segment accepted an event, and of events that it has not accepted. */
  readonly others: readonly LoggedOutcome[]
}

/** True where a request with this delivery was begun, and nothing says whether Segment has taken it. */
export function isInDoubt(delivery: Published, { others }: History): boolean {
  const last = others
    .filter((record) => isSameDelivery(record, delivery) && isAttempt(record))
    .toSorted((one, other) => compare(one.recordedAt, other.recordedAt))
    .at(-1)
  return last?.outcome === 'sending'
}

/** What is recorded before a request, and what is known after one that Segment did not take. */
const isAttempt = ({ outcome }: LoggedOutcome) => ATTEMPT.has(outcome)

const ATTEMPT: ReadonlySet<string> = new Set(['sending', 'unsent', 'failed'])

export function historyOf(facts: OrderFacts, deliveries: readonly Delivery[]): History {
  const versions = versionsOf([...facts.staged, ...deliveries.map(toVersion)])
  const accepted = facts.logged
    .filter(({ outcome }) => outcome === 'accepted')
    .map((row) => completed(row, versions))
    .toSorted(byPublishTime)
  return {
    told: toldBy(accepted),
    isCancelled: accepted.some(({ call }) => isRetraction(call)),
    accepted,
    versions,
    others: facts.logged.filter(({ outcome }) => outcome !== 'accepted'),
  }
}

const isRetraction = (call: CallName) => call === 'Order Cancelled' || call === 'Order Refunded'

export const isWholeCancellation = ({ event }: Delivery): boolean =>
  event.type === 'cancellation' && event.partial !== true

/** The version of the event that Segment was told of last. */
export function newestAccepted({ event }: Delivery, { accepted }: History): Accepted | undefined {
  return accepted.findLast(({ type, eventId }) => type === event.type && eventId === event.event_id)
}

/** A row of an earlier version says nothing of its call, which was one for each event: the staged event has the rest. */
function completed(row: LoggedOutcome, versions: readonly StagedVersion[]): Accepted {
  const { call, value, toldAt } = row
  if (call !== null && value !== null && toldAt !== null) return { ...row, call, value, toldAt }
  const staged = versions.find(({ contentHash }) => contentHash === row.contentHash)
  const isPurchase = row.type === 'purchase'
  return {
    ...row,
    customerId: staged?.customerId ?? null,
    amount: staged?.amount ?? null,
    currency: staged?.currency ?? null,
    call: isPurchase ? 'Order Completed' : 'Order Cancelled',
    value: (isPurchase && staged?.amount) || '0',
    toldAt: row.publishTime,
  }
}

function toldBy(accepted: readonly Accepted[]): Told | null {
  const calls = accepted.toSorted((one, other) => compare(one.toldAt, other.toldAt))
  const first = calls.find(({ call }) => call === 'Order Completed')
  const last = calls.at(-1)
  if (!first || !last) return null
  return {
    customerId: first.customerId ?? '',
    value: last.value,
    currency: last.currency,
    toldAt: last.toldAt,
    completedAt: first.toldAt,
    googleAds: first.googleAds === 'intended' ? 'intended' : 'excluded',
    clickId: first.clickId,
  }
}

function versionsOf(all: readonly StagedVersion[]): StagedVersion[] {
  const first = new Map<string, StagedVersion>()
  for (const version of all.toSorted(byPublishTime)) {
    const key = JSON.stringify([version.runId, version.messageId])
    if (!first.has(key)) first.set(key, version)
  }
  return [...first.values()]
}

function toVersion({ event, publishTime, messageId, runId }: Delivery): StagedVersion {
  return {
    type: event.type,
    eventId: event.event_id,
    contentHash: event.content_hash,
    customerId: event.customer_id,
    amount: event.amount,
    currency: event.currency,
    isPartial: event.partial === true,
    publishTime,
    messageId,
    runId,
  }
}
