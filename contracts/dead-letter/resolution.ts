// What people do with a dead letter, in the words of the workflow boundary. Imports only types, so workflows may use it.

import type { EventType, Stage, Violation } from '../batch.ts'

/**
 * redrive: the events go the rest of their way, as they were or edited. republish: they went to the retry topic.
 * discard: they are given up for good.
 */
export type Action = 'redrive' | 'republish' | 'discard'

/** Makes a run of `deadLetter` handle a dead letter that is open, instead of opening it. */
export type Resolution = {
  readonly action: Action
  /** Open events of the dead letter, or the messages of its unreadable batch: its input shows as many of them as it has room for. */
  readonly events: number
  /** The number of this action on this dead letter, from 1. */
  readonly attempt: number
  readonly actor: string
  /** Why, in their words. */
  readonly reason: string
  /** What was changed, as JSON text by message; null where nothing was. */
  readonly patch: string | null
  /** When it was asked for. RFC 3339, UTC. */
  readonly occurredAt: string
  /** The run that failed before; null where Temporal has forgotten it. Read it by `previousRunOf`. */
  readonly previousRunId: string | null
  /** The name of `previousRunId` in the input of runs that an earlier version started. */
  readonly redriveOf?: string | null
  /** Indexes of events that are staged already: they go to Segment only. */
  readonly staged: readonly number[]
  /** Where the action is about some of the open events only, such as those of one partner; absent where about all. */
  readonly limitedTo?: LimitedTo
  /** True where the events come out of a batch that could not be read: the audit log does not have them yet. */
  readonly isUnaudited?: boolean
}

type RunBefore = Partial<Pick<Resolution, 'previousRunId' | 'redriveOf'>>

/** The run that failed before this one, also where the input of the run was written under the field's earlier name. */
export function previousRunOf({ previousRunId, redriveOf }: RunBefore): string | null {
  return previousRunId ?? redriveOf ?? null
}

/** The events an action is limited to, and what of the dead letter stays open as it is. */
export type LimitedTo = {
  readonly messageIds: readonly string[]
  readonly others: Others
}

/** Events of a dead letter that an action leaves alone. */
export type Others = {
  readonly events: number
  readonly stages: readonly Stage[]
  readonly reasons: readonly string[]
  readonly eventTypes: readonly string[]
}

/** The violations of at most this many events are stored in the run of a redrive; the table `streaming.dead_letter` has all of them. */
export const MAX_EVENTS_WITH_VIOLATIONS = 50

/** An event that failed again, without its data: what a person reads of it in the run. */
export type FailedEvent = {
  readonly messageId: string
  readonly stage: Stage
  readonly eventType: EventType | null
  /** The violations. Histories hold the name of this field. */
  readonly faults: readonly Violation[]
}

/** What became of a dead letter that was handled. */
export type RedriveResult = {
  readonly events: number
  /** Rows written to the staging tables. */
  readonly staged: number
  /** Calls accepted by Segment. */
  readonly activated: number
  readonly failed: readonly FailedEvent[]
}

/** The details of the failure of a redrive in which events failed again. */
export type FailedAgain = {
  readonly attempt: number
  readonly events: number
  /** Message ids of all that failed again. */
  readonly messageIds: readonly string[]
  /** The first of them, with every violation; `streaming.dead_letter` has all of them. */
  readonly sample: readonly FailedEvent[]
}
