// The types that workflows and activities exchange: the messages of a batch, and what each stage returns about its events.
// Imports nothing, so workflows may use it.

/** A Pub/Sub message as it was received. `part` is set where a message was too large and was cut into several. */
export type Message = {
  readonly messageId: string
  /** RFC 3339, UTC. Pub/Sub sets it when the message is published, so that it is the same on every redelivery. */
  readonly publishTime: string
  /** RFC 3339, UTC: when a person redrove the message; absent for a message that was not redriven. */
  readonly redrivenAt?: string
  readonly attributes: Readonly<Record<string, string>>
  readonly data: Uint8Array
  readonly part?: MessagePart
}

/** Which part of a message that is too large for one workflow; `index` counts from 0. */
export type MessagePart = { readonly index: number; readonly of: number }

/** True for a whole message and for the first part of one that was cut: a message counts once, however many parts it has. */
export function countsOnce({ part }: Message): boolean {
  return (part?.index ?? 0) === 0
}

export type EventType = 'purchase' | 'cancellation'

/** The step an event could not pass. */
export type Stage = 'validation' | 'staging' | 'activation'

/** An event that could not pass a stage: it goes to a dead letter. `index` is its position in the batch. */
export type EventFailure = {
  readonly index: number
  readonly partnerId: string
  readonly reasons: readonly string[]
}

/** The result of validating a batch: every message is accepted, rejected or a duplicate, and exactly one of them. */
export type ValidationResult = {
  /** Messages: accepted + rejected + duplicates. A message that was cut into parts counts once. */
  readonly received: number
  /** Events that are staged next. */
  readonly accepted: number
  readonly rejected: readonly EventFailure[]
  /** Indexes of events with the same identity and contents as a newer event of this batch. */
  readonly duplicates: readonly number[]
}

/** The result of staging: the rows written to each table, and the events whose rows BigQuery can never take. */
export type Staged = {
  readonly purchase: number
  readonly cancellation: number
  readonly failed: readonly EventFailure[]
}

/** What happened to an event at Segment. `accepted` means that Segment accepted the call, not that Google counted it. */
export type ActivationOutcome = 'accepted' | 'not_activated' | 'failed'

/** The events that share one outcome and reason, and what was decided about Google Ads. */
export type ActivationGroup = {
  readonly outcome: ActivationOutcome
  readonly reason: string | null
  readonly indexes: readonly number[]
  /** `intended`, or the reason why the events are excluded; absent where that was not decided, and in groups of earlier versions. */
  readonly googleAds?: string
  /** The identifiers that were left out, as `activation_log` has them; absent where there are none. */
  readonly omitted?: readonly string[]
}

export type Activated = {
  readonly groups: readonly ActivationGroup[]
  readonly failed: readonly EventFailure[]
}

/** The counts of one batch, as in `streaming.batch_ledger`. */
export type BatchSummary = {
  readonly received: number
  readonly accepted: number
  readonly rejected: number
  readonly duplicates: number
  readonly stagedPurchase: number
  readonly stagedCancellation: number
  readonly undeliverable: number
  readonly activated: number
  readonly notActivated: number
}

/** The counts of a batch whose steps are done. */
export function summaryOf(
  validation: ValidationResult,
  staged: Staged,
  { groups, failed }: Activated,
): BatchSummary {
  const count = (outcome: string) =>
    groups
      .filter((group) => group.outcome === outcome)
      .reduce((total, group) => total + group.indexes.length, 0)
  return {
    received: validation.received,
    accepted: validation.accepted,
    rejected: validation.received - validation.accepted - validation.duplicates.length,
    duplicates: validation.duplicates.length,
    stagedPurchase: staged.purchase,
    stagedCancellation: staged.cancellation,
    undeliverable: staged.failed.length + failed.length,
    activated: count('accepted'),
    notActivated: count('not_activated'),
  }
}

/** A rule of the contract that an event breaks: the path, what the contract expects there, and what the event has there. */
export type Violation = {
  readonly reason: string
  readonly path: string
  readonly expected: string
  readonly received: string
}

/** An event in a dead letter, as JSON that people can read. */
export type DeadEvent = {
  readonly messageId: string
  readonly publishTime: string
  readonly attributes: Readonly<Record<string, string>>
  /** The message as text, or as base64 where it is not UTF-8, or null where it is too large for the dead letter. */
  readonly data: { readonly text: string } | { readonly base64: string } | null
  readonly eventType: EventType | null
  readonly eventId: string | null
  readonly orderId: string | null
  /** The violations. Histories and tables hold the name of this field. */
  readonly faults: readonly Violation[]
  /** Who published the event, where several partners share the dead letter; absent where it has one partner. */
  readonly partnerId?: string
}

/** The input of a `deadLetter` workflow: failed events of one batch and stage, of one partner or of several that share it. */
export type DeadLetter = {
  readonly batchId: string
  /** `SEVERAL_PARTNERS` where several partners share the dead letter. */
  readonly partnerId: string
  /** Who published the events, without personal data; absent where an earlier version opened the dead letter. */
  readonly whose?: string
  readonly stage: Stage
  /** The number of this split, from 0: the events of a batch, partner and stage are split where they do not fit into one dead letter. */
  readonly part: number
  /** Only where the batch could not be read and is one event here: how many messages the bridge put into it. */
  readonly messages?: number
  readonly events: readonly DeadEvent[]
}

/** Who published this event of the dead letter. */
export function partnerOf({ partnerId }: Pick<DeadLetter, 'partnerId'>, event: DeadEvent): string {
  return event.partnerId ?? partnerId
}

/** True where the events of several partners share this dead letter. */
export function isShared({ events }: Pick<DeadLetter, 'events'>): boolean {
  return events.some(({ partnerId }) => partnerId !== undefined)
}
