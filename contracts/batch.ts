// The words of the workflow boundary: what a batch is, and what each stage says of its events. Imports nothing, so workflows may use it.

/** A Pub/Sub message as it was received. `part` is set when one message had to be cut into several. */
export type Message = {
  readonly messageId: string
  /** RFC 3339, UTC, as Pub/Sub stamped it: the same on every redelivery. */
  readonly publishTime: string
  readonly attributes: Readonly<Record<string, string>>
  readonly data: Uint8Array
  readonly part?: MessagePart
}

/** Which piece of a message too large for one workflow this is; `index` counts from 0. */
export type MessagePart = { readonly index: number; readonly of: number }

/** True for a whole message and for the first of its parts: a message in parts counts once. */
export function countsOnce({ part }: Message): boolean {
  return (part?.index ?? 0) === 0
}

export type EventType = 'purchase' | 'cancellation'

/** The step an event could not pass. */
export type Stage = 'validation' | 'staging' | 'activation'

/** One event of a batch that cannot go on, by its place in the batch. */
export type EventFailure = {
  readonly index: number
  readonly partnerId: string
  readonly reasons: readonly string[]
}

/** What validation says of a batch: every index is accepted, rejected or a duplicate, never two of them. */
export type ValidationResult = {
  /** Messages: accepted + rejected + duplicates. One in parts counts once, with its first. */
  readonly received: number
  /** Events that go on. */
  readonly accepted: number
  readonly rejected: readonly EventFailure[]
  /** Events of this batch that repeat an earlier one of this batch (same partner and event id). */
  readonly duplicates: readonly number[]
}

/** What staging says: rows written by table, and the rows BigQuery can never take. */
export type Staged = {
  readonly purchase: number
  readonly cancellation: number
  readonly failed: readonly EventFailure[]
}

/** What became of one accepted event at Segment. `accepted` means accepted by Segment, not counted by Google. */
export type ActivationOutcome = 'accepted' | 'not_activated' | 'failed'

/** The events that share one outcome and reason. */
export type ActivationGroup = {
  readonly outcome: ActivationOutcome
  readonly reason: string | null
  readonly indexes: readonly number[]
}

export type Activated = {
  readonly groups: readonly ActivationGroup[]
  readonly failed: readonly EventFailure[]
}

/** The sums of one batch, as they stand in `streaming.batch_ledger`. */
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

/** The sums of a batch whose steps are done. */
export function summaryOf(
  verdict: ValidationResult,
  staged: Staged,
  { groups, failed }: Activated,
): BatchSummary {
  const count = (outcome: string) =>
    groups
      .filter((group) => group.outcome === outcome)
      .reduce((total, group) => total + group.indexes.length, 0)
  return {
    received: verdict.received,
    accepted: verdict.accepted,
    rejected: verdict.received - verdict.accepted - verdict.duplicates.length,
    duplicates: verdict.duplicates.length,
    stagedPurchase: staged.purchase,
    stagedCancellation: staged.cancellation,
    undeliverable: staged.failed.length + failed.length,
    activated: count('accepted'),
    notActivated: count('not_activated'),
  }
}

/** One broken rule: where it broke, what the contract expects there and what came. */
export type Violation = {
  readonly reason: string
  readonly path: string
  readonly expected: string
  readonly received: string
}

/** One event inside a dead letter, readable as it is: people look at these. */
export type DeadEvent = {
  readonly messageId: string
  readonly publishTime: string
  readonly attributes: Readonly<Record<string, string>>
  /** The message as text, or as base64 where it is not UTF-8, or null where it is too large to carry. */
  readonly data: { readonly text: string } | { readonly base64: string } | null
  readonly eventType: EventType | null
  readonly eventId: string | null
  readonly orderId: string | null
  /** The violations. Histories and tables hold the name of this field. */
  readonly faults: readonly Violation[]
  /** Who published it, where the dead letter is shared by several partners; absent where it has one. */
  readonly partnerId?: string
}

/** The input of one `deadLetter` workflow: events of one batch and stage, of one partner or of several that share it. */
export type DeadLetter = {
  readonly batchId: string
  /** `SEVERAL_PARTNERS` where it is shared. */
  readonly partnerId: string
  /** Who published the events, in words without personal data; absent in what earlier versions opened. */
  readonly whose?: string
  readonly stage: Stage
  /** 0 for the first or only one of its batch, partner and stage; more where they do not fit in one. */
  readonly part: number
  /** Of a batch that could not be read, which is one event here: the messages the bridge put into it. */
  readonly messages?: number
  readonly events: readonly DeadEvent[]
}

/** Who published an event of this dead letter. */
export function partnerOf({ partnerId }: Pick<DeadLetter, 'partnerId'>, event: DeadEvent): string {
  return event.partnerId ?? partnerId
}

/** True where the events of several partners share this dead letter. */
export function isShared({ events }: Pick<DeadLetter, 'events'>): boolean {
  return events.some(({ partnerId }) => partnerId !== undefined)
}
