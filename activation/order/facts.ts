// What the tables say about the orders of some events: which events of them are staged, and what became of each at Segment.

import type { ActivationCall, ToldOrder } from '#activation/calls/call'
import type { ActivationOutcome, EventType } from '#contracts/batch'
import { compare } from '#runtime/compare'

/** The name of a call, as `activation_log` has it. */
export type CallName = ActivationCall['event']

export type OrderKey = { readonly partnerId: string; readonly orderId: string }

/** One version of an event of the order. */
type Version = {
  readonly type: EventType
  readonly eventId: string
  readonly contentHash: string
  /** Null in rows of `activation_log` of earlier versions; also the amount and the currency. */
  readonly customerId: string | null
  /** Exact decimal text. */
  readonly amount: string | null
  /** ISO 4217. */
  readonly currency: string | null
  /** RFC 3339, UTC, microseconds. */
  readonly publishTime: string
  readonly messageId: string
  /** The run that brought it, by `runOf`: a message that is delivered twice may come in two runs. */
  readonly runId: string
}

/** A row of one of the staging tables. */
export type StagedVersion = Version & { readonly isPartial: boolean }

/** A row of `activation_log`. */
export type LoggedOutcome = Version & {
  readonly outcome: ActivationOutcome
  readonly reason: string | null
  /** Null where the event became no call, and in rows of earlier versions. */
  readonly call: CallName | null
  /** Exact decimal text: the value of the whole order that the call told Segment. */
  readonly value: string | null
  /** RFC 3339, UTC: the timestamp of the call. */
  readonly toldAt: string | null
  readonly googleAds: string | null
  readonly clickId: ToldOrder['clickId']
  /** When BigQuery took the row: RFC 3339, UTC, microseconds. */
  readonly recordedAt: string
}

export type OrderFacts = {
  readonly staged: readonly StagedVersion[]
  readonly logged: readonly LoggedOutcome[]
}

export const NO_FACTS: OrderFacts = { staged: [], logged: [] }

/** Distinguishes orders: two partners may use the same number. */
export const orderKeyOf = ({ partnerId, orderId }: OrderKey) => JSON.stringify([partnerId, orderId])

/** When a message was published, its id where two were published at the same time, and the run where it came twice. */
export type Published = Pick<Version, 'publishTime' | 'messageId' | 'runId'>

/** The order in which a partner's last word counts: by publish time, then by message id. */
export function byPublishTime(one: Published, other: Published): number {
  return (
    compare(one.publishTime, other.publishTime) ||
    compare(one.messageId, other.messageId) ||
    compare(one.runId, other.runId)
  )
}

/** True for the same message in the same run. */
export const isSameDelivery = (one: Published, other: Published): boolean =>
  one.messageId === other.messageId && one.runId === other.runId
