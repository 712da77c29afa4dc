// The types that workflows and activities exchange: the messages of a batch, and what each stage returns about its events.
// Imports nothing, so workflows may use it.

/** A Pub/Sub message as it was received. `part` is set where a message was too large and was cut into several. */
export type Message = {
  readonly messageId: string
  /** RFC 3339, UTC. Pub/Sub sets it when the message is published, so that it is the same on every redelivery. */
  readonly publishTime: string
  /** RFC 3339, UTC: when a person redrove or replayed the message; absent for any other message. */
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
  /** Present where change events are on: the staged events of the batch are published as well. */
  readonly publishesChanges?: true
}

/** What publishing the change events of a batch is about. */
export type PublishRequest = {
  /** The workflow id under which the events were staged. */
  readonly batchId: string
  /** Indexes of events that are not staged: rejected, duplicates, refused by BigQuery. */
  readonly skip: readonly number[]
}

/** The result of publishing: how many change events of each kind. */
export type PublishedChanges = {
  readonly created: number
  readonly corrected: number
  readonly cancelled: number
}

/** The result of staging: the rows written to each table, and the events whose rows BigQuery can never take. */
export type Staged = {
  readonly purchase: number
  readonly cancellation: number
  readonly failed: readonly EventFailure[]
}

/**
 * What happened to an event at Segment. `accepted` means that Segment accepted the call, not that Google counted it. The last
 * three are not final: the event waits for another event of its order, or for the end of its cooling-off period (`waiting`); a
 * request with it is about to be sent, so that Segment may have it (`sending`); that request certainly was not taken (`unsent`).
 */
export type ActivationOutcome =
  | 'accepted'
  | 'not_activated'
  | 'failed'
  | 'waiting'
  | 'sending'
  | 'unsent'

/** The result of activating events: how many had which outcome, and those that Segment can never take. */
export type Activated = {
  readonly accepted: number
  readonly notActivated: number
  /** Events that were handed to a workflow of type `activateLater`, or that still wait in one. */
  readonly waiting: number
  readonly failed: readonly EventFailure[]
}

/** The result of activating events that have waited. */
export type WaitingActivated = Activated & {
  /** Indexes of the events that have a final outcome now. */
  readonly settled: readonly number[]
  /** Of the events that wait, those that wait for the end of their cooling-off period. */
  readonly coolingOff: number
  /** Seconds until the first cooling-off period ends; null where no event waits for one. */
  readonly dueInSeconds: number | null
}

/** What the activation of events is about, and the run under whose id it records their outcomes. */
export type ActivationRequest = {
  /** The workflow id of the run that activates the events: a batch, a dead letter, or events that wait. */
  readonly batchId: string
  /** The number of the redrive; absent where it is no redrive. */
  readonly attempt?: number
  /** Indexes of events that are not activated: rejected, duplicates, not staged. */
  readonly skip: readonly number[]
  /** The counts of the steps before; present where the ledger entry of the batch is written with the outcomes. */
  readonly counts?: BatchCounts
}

/** The counts of one batch before its events are activated. */
export type BatchCounts = {
  readonly received: number
  readonly accepted: number
  readonly rejected: number
  readonly duplicates: number
  readonly stagedPurchase: number
  readonly stagedCancellation: number
  /** Accepted events that BigQuery can never take. */
  readonly unstaged: number
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
  /** Events that wait for another event of their order, or for the end of their cooling-off period. */
  readonly waiting: number
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
