// The words of the sweep: what it finds, and what it hands to the next one. Imports nothing, so workflows may use it.

/** One run of a workflow. */
export type RunId = { readonly workflowId: string; readonly runId: string }

/** How far a step of the sweep has come. Times are RFC 3339, UTC. */
export type Progress = {
  /** Runs that ended before this were looked at; null where none was yet. */
  readonly until: string | null
  /** Runs that could not be handled: the next sweep tries them again. */
  readonly postponed: readonly RunId[]
}

/** What a step made of the runs that ended in its span of time. */
export type Swept = Progress & {
  /** Dead letters opened, or recorded. */
  readonly letters: number
  readonly events: number
  /** More runs ended than one step takes: they are next. */
  readonly isMoreLeft: boolean
}

/** Ways in which Temporal and `streaming.open_dead_letter` can disagree on what is open. */
export const DISAGREEMENTS = {
  not_recorded: {
    meaning: 'Open in Temporal, and the table has no row of it.',
    action:
      'Where its run was terminated, nothing: the next sweep records it. Else report it with the id; the events are in the input of its run.',
  },
  closed_in_table: {
    meaning: 'Open in Temporal, closed in the table.',
    action:
      'It is done. Delete its failed runs in the Temporal UI, or leave them to the retention.',
  },
  closed_in_temporal: {
    meaning: 'Open in the table, completed in Temporal.',
    action: 'Report it with the id: the result of its run says what became of its events.',
  },
  gone_from_temporal: {
    meaning: 'Open in the table, deleted from Temporal before its retention.',
    action: 'Nothing is lost: `npm run dlq` handles it from the table.',
  },
} as const satisfies Readonly<Record<string, { meaning: string; action: string }>>

export type Disagreement = keyof typeof DISAGREEMENTS

/** What is open, by Temporal and by the table. */
export type Comparison = {
  /** Dead letters open in both. */
  readonly agreed: number
  /** Open in the table, and forgotten by Temporal after its retention: as it should be. */
  readonly forgotten: number
  readonly disagreements: Readonly<Record<Disagreement, number>>
  /** The first of them. */
  readonly examples: readonly { readonly id: string; readonly what: Disagreement }[]
  /** Dead letters that were too many to look at. */
  readonly unchecked: number
}

/** What the next sweep must know to alert once, and of everything. */
export type AlertState = {
  /** Dead letters opened before this were told, or were too few to tell. */
  readonly since: string | null
  readonly lastAt: string | null
}

/** What is handed from one sweep to the next. */
export type SweepState = {
  readonly batches: Progress
  readonly letters: Progress
  readonly alert: AlertState
}

export type SweepResult = SweepState & {
  /** Dead letters opened for batches that ended before their time. */
  readonly opened: { readonly letters: number; readonly events: number }
  /** Dead letters recorded that ended before they could do so themselves. */
  readonly recorded: { readonly letters: number; readonly events: number }
  /** Null where BigQuery or Temporal could not be asked. */
  readonly comparison: Comparison | null
  readonly isAlertSent: boolean
  /** There was more than one sweep takes. */
  readonly isMoreLeft: boolean
  /** Steps that did not succeed, with the reason; the next sweep does them again. */
  readonly failed: readonly string[]
}
