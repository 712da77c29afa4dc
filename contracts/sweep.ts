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

/** Ways in which the audit log can lack what the bridge acknowledged with a batch. */
export const RECEIPT_DISAGREEMENTS = {
  not_audited: {
    meaning:
      'A batch has ended, and `streaming.audit_log` has fewer messages of it than the bridge acknowledged, or none: BigQuery confirmed rows that it does not have, or the batch ended before it wrote them.',
    action:
      'Find out why BigQuery lost the rows. Then run the batch again before the retention of Temporal ends: `temporal workflow reset --type FirstWorkflowTask --workflow-id ID --reason "rows lost"`. Every step may be repeated. Report it where that does not help.',
  },
  other_audited: {
    meaning:
      'A batch has ended, and `streaming.audit_log` has as many messages of it as the bridge acknowledged, or more, but not the same ones.',
    action: 'Report it with the id: the input of its run has the messages.',
  },
} as const satisfies Readonly<Record<string, { meaning: string; action: string }>>

export type ReceiptDisagreement = keyof typeof RECEIPT_DISAGREEMENTS

/** What comparing receipts with the audit log has found in a span of time. */
export type ReceiptCheck = Progress & {
  /** Batches that were compared: those that ended in the span, and those that disagreed before. */
  readonly checked: number
  /** Receipts that the batches had not written, and this check has. */
  readonly written: number
  /** Batches by what is wrong with them; they are checked again by the next sweep. */
  readonly disagreements: Readonly<Record<ReceiptDisagreement, number>>
  /** The first of them, with the messages that are missing. */
  readonly examples: readonly {
    readonly id: string
    readonly what: ReceiptDisagreement
    readonly missing: number
  }[]
  readonly isMoreLeft: boolean
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
  readonly receipts: Progress
  readonly alert: AlertState
}

export type SweepResult = SweepState & {
  /** Dead letters opened for batches that ended before their time. */
  readonly opened: { readonly letters: number; readonly events: number }
  /** Dead letters recorded that ended before they could do so themselves. */
  readonly recorded: { readonly letters: number; readonly events: number }
  /** Null where BigQuery or Temporal could not be asked. */
  readonly comparison: Comparison | null
  /** What the bridge acknowledged, compared with the audit log; null where BigQuery or Temporal could not be asked. */
  readonly acknowledged: Omit<ReceiptCheck, keyof Progress | 'isMoreLeft'> | null
  readonly isAlertSent: boolean
  /** There was more than one sweep takes. */
  readonly isMoreLeft: boolean
  /** Steps that did not succeed, with the reason; the next sweep does them again. */
  readonly failed: readonly string[]
}
