// The types of the sweep: what it finds, and the state it passes to the next sweep. Imports nothing, so workflows may use it.

/** One run of a workflow. */
export type RunId = { readonly workflowId: string; readonly runId: string }

/** The progress of a step of the sweep. Times are RFC 3339, UTC. */
export type Progress = {
  /** Runs that ended before this time were handled; null where none was yet. */
  readonly until: string | null
  /** Runs that could not be handled; the next sweep tries them again. */
  readonly postponed: readonly RunId[]
}

/** The result of a step for the runs that ended in its span of time. */
export type Swept = Progress & {
  /** The number of dead letters that were opened or recorded. */
  readonly letters: number
  readonly events: number
  /** True where more runs ended than one step handles; the next step handles them. */
  readonly isMoreLeft: boolean
}

/** The ways in which Temporal and `streaming.open_dead_letter` can disagree about which dead letters are open. */
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
    action: 'Report it with the id: the result of its run has the outcome of its events.',
  },
  gone_from_temporal: {
    meaning: 'Open in the table, deleted from Temporal before its retention.',
    action: 'Nothing is lost: `npm run dlq` works with the table.',
  },
} as const satisfies Readonly<Record<string, { meaning: string; action: string }>>

export type Disagreement = keyof typeof DISAGREEMENTS

/** The dead letters that are open in Temporal, compared with those in the table. */
export type Comparison = {
  /** Dead letters that are open in both. */
  readonly agreed: number
  /** Dead letters that are open in the table and that Temporal has deleted after its retention, as expected. */
  readonly forgotten: number
  readonly disagreements: Readonly<Record<Disagreement, number>>
  /** The first disagreements. */
  readonly examples: readonly { readonly id: string; readonly what: Disagreement }[]
  /** Dead letters that were not compared, because there were too many. */
  readonly unchecked: number
}

/** The ways in which the audit log can lack messages that the bridge acknowledged with a batch. */
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

/** The result of comparing the receipts of a span of time with the audit log. */
export type ReceiptCheck = Progress & {
  /** Batches that were compared: those that ended in the span, and those that disagreed before. */
  readonly checked: number
  /** Receipts that this check has written, because the batches had not. */
  readonly written: number
  /** The number of batches by kind of disagreement. The next sweep checks them again. */
  readonly disagreements: Readonly<Record<ReceiptDisagreement, number>>
  /** The first of these batches, with the number of missing messages. */
  readonly examples: readonly {
    readonly id: string
    readonly what: ReceiptDisagreement
    readonly missing: number
  }[]
  readonly isMoreLeft: boolean
}

/** The state by which the next sweep sends one alert for each dead letter, and does not send it twice. */
export type AlertState = {
  /** An alert was sent for the dead letters opened before this time, or they were too few. */
  readonly since: string | null
  readonly lastAt: string | null
}

/** The state that a sweep passes to the next one. */
export type SweepState = {
  readonly batches: Progress
  readonly letters: Progress
  readonly receipts: Progress
  readonly alert: AlertState
}

export type SweepResult = SweepState & {
  /** Dead letters that were opened for batches that ended early. */
  readonly opened: { readonly letters: number; readonly events: number }
  /** Dead letters that were recorded, because their workflows had ended before they recorded themselves. */
  readonly recorded: { readonly letters: number; readonly events: number }
  /** Null where BigQuery or Temporal did not answer. */
  readonly comparison: Comparison | null
  /** The receipts compared with the audit log; null where BigQuery or Temporal did not answer. */
  readonly acknowledged: Omit<ReceiptCheck, keyof Progress | 'isMoreLeft'> | null
  readonly isAlertSent: boolean
  /** True where there was more to do than one sweep does. */
  readonly isMoreLeft: boolean
  /** Steps that did not succeed, with the reason; the next sweep repeats them. */
  readonly failed: readonly string[]
}
